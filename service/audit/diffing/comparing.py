"""Two audits in, every figure out: one pass that counts, one that draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

import tocsin
from tocsin.errors import InputError
from tocsin.service.audit.comparison import differing
from tocsin.service.audit.diffing.by_id import by_id
from tocsin.service.audit.diffing.by_place import ByPlace, match_inputs
from tocsin.service.audit.diffing.figures import policy_diff, statuses
from tocsin.service.audit.diffing.flips import Flip, FlipDrawing
from tocsin.service.audit.diffing.records import DifferenceRecord, DiffRecord, SideRecord
from tocsin.service.audit.diffing.rows import Pairing
from tocsin.service.audit.diffing.scores import RankAgreement
from tocsin.service.audit.diffing.side import Audit, Side
from tocsin.service.audit.diffing.tally import Tally
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.sampling.values import Values
from tocsin.service.scan.display import cut, reveal

__all__ = ["Diff", "DiffPlan", "compare"]

_CHARACTERS: Final = 200
_MOST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DiffPlan:
    """Say how rows are matched, what they are told apart by, and how many flips are drawn, by which seed."""

    slices: tuple[str, ...]
    sample: int
    seed: int
    by_id: bool = False

    def __post_init__(self) -> None:
        if self.sample < 0:
            raise InputError(f"a sample of flips must be at least 0, was {self.sample}")
        if not 0 <= self.seed <= _MOST_SEED:
            raise InputError(f"a seed must be between 0 and {_MOST_SEED}, was {self.seed}")


@dataclass(frozen=True, slots=True)
class Diff:
    """Hold every figure, and the flips that were drawn."""

    record: DiffRecord
    flips: tuple[Flip, ...]


def compare(before: Audit, after: Audit, plan: DiffPlan) -> Diff:
    """Return what differs between two audits of the same rows, in two passes and bounded memory.

    Raises InputError where they are not of the same inputs (matched by place) or have an id twice (by id),
    where no policy is in both, and where a folder is not what its manifest says.
    """
    _check_two(before, after)
    policies = _shared(before.manifest, after.manifest)
    if not plan.by_id:
        match_inputs(before.manifest, after.manifest)  # before anything is read
    values = {name: Values(name) for name in plan.slices}
    sides = (Side.of(before, policies, values), Side.of(after, policies, values))
    with _pairing(*sides, plan) as pairing:
        tally = Tally(len(policies), values)
        for pairs in pairing.pairs():
            tally.add(pairs)
        _check_rows(sides, tally, plan)
        drawing = _drawing(policies, tally, plan)
        ranks = _second_pass(pairing, tally, drawing)
    record = DiffRecord(
        tocsin=tocsin.__version__,
        a=_side(before),
        b=_side(after),
        matched="id" if plan.by_id else "place",
        differences=tuple(_differences(before.manifest, after.manifest)),
        rows=tally.rows,
        only_a=tally.only_a,
        only_b=tally.only_b,
        statuses=statuses(tally.moves(0)),
        policies=tuple(
            policy_diff(name, number, tally, values, ranks[number]) for number, name in enumerate(policies)
        ),
        policies_only_a=_alone(before.manifest, policies),
        policies_only_b=_alone(after.manifest, policies),
        sample=drawing.record() if drawing else None,
    )
    return Diff(record, drawing.finish() if drawing else ())


def _pairing(before: Side, after: Side, plan: DiffPlan) -> AbstractContextManager[Pairing]:
    return by_id(before, after) if plan.by_id else nullcontext(ByPlace(before, after))


def _second_pass(pairing: Pairing, tally: Tally, drawing: FlipDrawing | None) -> list[float | None]:
    """Draw, and return the rank correlation of each policy."""
    ranks = [RankAgreement(scores) for scores in tally.scores]
    for pairs in pairing.pairs():
        for policy, one in enumerate(ranks):
            one.add(pairs.before.scores[:, policy], pairs.after.scores[:, policy])
        if drawing:
            drawing.add(pairs)
    return [one.value for one in ranks]


def _drawing(policies: Sequence[str], tally: Tally, plan: DiffPlan) -> FlipDrawing | None:
    if not plan.sample:
        return None
    moves = [tally.moves(number) for number in range(len(policies))]
    return FlipDrawing(policies, moves, plan.sample, plan.seed)


def _check_two(before: Audit, after: Audit) -> None:
    if before.layout.root.resolve() == after.layout.root.resolve():
        raise InputError(f"{after.layout.root}: A and B must be two audits, are one folder")


def _shared(before: Manifest, after: Manifest) -> tuple[str, ...]:
    found = tuple(name for name in before.policy.names if name in after.policy.names)
    if not found:
        told = (", ".join(map(reveal, one.policy.names)) for one in (before, after))
        raise InputError(f"two audits must have a policy in common, have {' and '.join(told)}")
    return found


def _alone(manifest: Manifest, shared: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in manifest.policy.names if name not in shared)


def _check_rows(sides: Sequence[Side], tally: Tally, plan: DiffPlan) -> None:
    for side, read in zip(sides, tally.read, strict=True):
        counts = side.audit.manifest.counts
        expected = counts.read - counts.rejected if plan.by_id else counts.read
        if read != expected:
            raise InputError(
                f"{side.audit.layout.scored}: must have the {expected:,} rows of"
                f" {side.audit.layout.manifest.name}, has {read:,}"
            )
    if not tally.rows:
        what = "id" if plan.by_id else "row"
        raise InputError(f"{sides[1].audit.layout.root}: must have {what}s that A has, has none")


def _side(audit: Audit) -> SideRecord:
    manifest = audit.manifest
    return SideRecord(
        audit=audit_digest(audit.layout),
        model=manifest.model,
        policy_version=manifest.policy.version,
        policy_digest=manifest.policy.digest,
        tier=manifest.tier,
        read=manifest.counts.read,
        rejected=manifest.counts.rejected,
    )


def _differences(before: Manifest, after: Manifest) -> Iterator[DifferenceRecord]:
    one, other = _told(before), _told(after)
    for key in one:
        for what, was, now in differing(key, one[key], other[key]):
            yield DifferenceRecord(what=what, a=_shown(was), b=_shown(now))


def _told(manifest: Manifest) -> Mapping[str, object]:
    """Return what can make a difference to levels: into how many files rows are cut does not."""
    return {
        "bundle": manifest.model.model_dump(mode="json"),
        "policy": manifest.policy.model_dump(mode="json", exclude={"names"}),
        "tier": manifest.tier.value,
        "settings": manifest.settings.model_dump(mode="json", exclude={"part_rows"}),
        "columns": manifest.columns.model_dump(mode="json", include={"text", "id", "language"}),
        "tocsin": manifest.tocsin,
    }


def _shown(value: object) -> str | None:
    return None if value is None else reveal(cut(str(value), _CHARACTERS))
