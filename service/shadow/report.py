"""The shadow's counts, of all workers, as a report."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tocsin.assessment import Level, Status
from tocsin.service.watching.interval import wilson
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.models import Scorer
    from tocsin.service.shadow.shadow import Shadow
    from tocsin.service.watching import Exposition

__all__ = ["shadow_report"]

_Counts: TypeAlias = "Counter[tuple[str, ...]]"
_RANKS: Final = {level.value: rank for rank, level in enumerate(Level)}


def shadow_report(served: Scorer, shadow: Shadow, exposition: Exposition) -> dict[str, Any]:
    """Return how `shadow` differs from `served`, as counted in `exposition`: plain JSON types."""
    metrics = exposition.values()
    statuses = _counts(metrics["tocsin_shadow_items"])
    levels = _counts(metrics["tocsin_shadow_policy_items"])
    ours, theirs = _names(served), _names(shadow.scorer)
    scored, unscorable = Status.SCORED.value, Status.UNSCORABLE.value
    return {
        "since": datetime.fromtimestamp(metrics["tocsin_shadow_since_seconds"][()], UTC).isoformat(),
        "served": _side(served),
        "shadow": _side(shadow.scorer),
        "items": sum(statuses.values()),
        "dropped": _counts(metrics["tocsin_shadow_dropped_items"])[()],
        "failed": _counts(metrics["tocsin_shadow_failed_items"])[()],
        "seconds": round(metrics["tocsin_shadow_seconds"].get((), 0.0), 3),
        "unscorable": {
            "both": statuses[unscorable, unscorable],
            "served_only": statuses[unscorable, scored],
            "shadow_only": statuses[scored, unscorable],
        },
        "policies": [_policy(name, levels) for name in ours if name in theirs],
        "only_served": [name for name in ours if name not in theirs],
        "only_shadow": [name for name in theirs if name not in ours],
        "signals": _signals(_counts(metrics["tocsin_shadow_differences"])),
    }


def _policy(name: str, counts: _Counts) -> dict[str, Any]:
    """Return how often a policy says another level; texts it could not judge on a side are moves alone."""
    moves = {labels[1:]: count for labels, count in counts.items() if labels[0] == name}
    judged = {pair: count for pair, count in moves.items() if _RANKS.keys() >= set(pair)}
    items = sum(judged.values())
    raised = sum(count for pair, count in judged.items() if _RANKS[pair[1]] > _RANKS[pair[0]])
    lowered = sum(count for pair, count in judged.items() if _RANKS[pair[1]] < _RANKS[pair[0]])
    low, high = wilson(raised + lowered, items) if items else (None, None)
    return {
        "name": name,
        "items": items,
        "flips": raised + lowered,
        "raised": raised,
        "lowered": lowered,
        "share": (raised + lowered) / items if items else None,
        "low": low,
        "high": high,
        "moves": [
            {"served": served, "shadow": shadow, "items": count}
            for (served, shadow), count in sorted(moves.items())
        ],
    }


def _signals(counts: _Counts) -> list[dict[str, Any]]:
    table = {signal: [counts[signal.value, f"0.{tenth}"] for tenth in range(10)] for signal in Signal}
    return [
        {"signal": signal.value, "items": sum(tenths), "tenths": tenths}
        for signal, tenths in table.items()
        if any(tenths)
    ]


def _counts(values: Mapping[tuple[str, ...], float]) -> _Counts:
    return Counter({labels: int(value) for labels, value in values.items()})


def _names(scorer: Scorer) -> list[str]:
    return [policy.name for policy in scorer.policy.policies]


def _side(scorer: Scorer) -> dict[str, str]:
    return {
        "name": scorer.model.name,
        "version": scorer.model.version,
        "bundle_digest": scorer.model.digest,
        "policy_digest": scorer.policy.stamp.digest,
    }
