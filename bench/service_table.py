"""What the load bench measured, as tables of ratios to the naive peer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from service_overload import Overload
from service_rounds import Measured, Runs
from throughput_table import Cells

__all__ = ["faster_peer", "load_cells", "memory_cells", "overload_cells"]


def load_cells(
    runs: Runs, titles: Mapping[str, str], texts: Mapping[str, int], peers: Sequence[str]
) -> list[Cells]:
    """Return a table for each number of connections; ratios are to the faster of the `peers` at it."""
    connections = sorted({at for by in runs.values() for at in by})
    return [_at(at, {name: by[at] for name, by in runs.items()}, titles, texts, peers) for at in connections]


def faster_peer(at: Mapping[str, Sequence[Measured]], peers: Sequence[str]) -> str | None:
    """Return the peer that answered more a second."""
    there = [peer for peer in peers if peer in at]
    return max(there, key=lambda peer: median(_good(at[peer])), default=None)


def overload_cells(found: Sequence[Overload]) -> Cells:
    """Return what ten times the load did."""
    return Cells(
        "Ten times the load that saturates",
        (
            "",
            "saturated at",
            "answers/s",
            "p99 alone",
            "p99 below",
            "overload",
            "scored/s",
            "200",
            "429, 503",
            "other",
            "p50 scored",
            "p99 scored",
            "p50 refused",
            "p99 refused",
        ),
        tuple(_overloaded(one) for one in found),
    )


def memory_cells(resident: Mapping[str, tuple[float, float]]) -> Cells:
    """Return what servers hold: after the start, and after all loads."""
    return Cells(
        "Memory of all processes, MB (shared pages parted among them)",
        ("", "after start", "after all loads"),
        tuple((name, f"{start:,.0f}", f"{end:,.0f}") for name, (start, end) in resident.items()),
    )


def _at(
    connections: int,
    at: Mapping[str, Sequence[Measured]],
    titles: Mapping[str, str],
    texts: Mapping[str, int],
    peers: Sequence[str],
) -> Cells:
    peer = faster_peer(at, peers)
    return Cells(
        f"{connections} connections" if connections > 1 else "1 connection",
        (
            *("", "requests/s", "times naive", "texts/s"),
            *("requests/core-s", "times naive", "texts/core-s"),
            *("p50 ms", "p99 ms", "p99 times naive", "refused"),
        ),
        tuple(
            (
                titles[name],
                f"{median(_good(found)):,.0f}",
                _ratio(_good(found), _good(at[peer])) if peer else "",
                f"{texts[name] * median(_good(found)):,.0f}",
                f"{median(_cored(found)):,.0f}",
                _ratio(_cored(found), _cored(at[peer])) if peer else "",
                f"{texts[name] * median(_cored(found)):,.0f}",
                f"{median(one.loaded.p50_ms for one in found):.1f}",
                f"{median(_p99(found)):.1f}",
                _ratio(_p99(found), _p99(at[peer])) if peer else "",
                f"{sum(one.loaded.refused for one in found) / sum(one.loaded.answers for one in found):.0%}",
            )
            for name, found in at.items()
        ),
    )


def _good(found: Sequence[Measured]) -> list[float]:
    return [one.loaded.good_a_second for one in found]


def _cored(found: Sequence[Measured]) -> list[float]:
    return [one.answers_a_core_second for one in found]


def _p99(found: Sequence[Measured]) -> list[float]:
    return [one.loaded.p99_ms for one in found]


def _ratio(mine: Sequence[float], theirs: Sequence[float]) -> str:
    """Return the median of the ratios within rounds."""
    pairs = [one / other for one, other in zip(mine, theirs, strict=True) if other]
    return f"{median(pairs):.2f}" if pairs else ""


def _overloaded(one: Overload) -> tuple[str, ...]:
    asked_back = sum(one.shares.get(status, 0) for status in (429, 503))
    scored = one.shares.get(200, 0)
    return (
        one.title,
        f"{one.saturated_at}",
        f"{one.good_at_best:,.0f}",
        f"{one.alone_p99_ms:.1f}",
        f"{one.below_p99_ms:.1f} ({one.below})",
        f"{one.connections}",
        f"{one.good:,.0f}",
        f"{scored:.1%}",
        f"{asked_back:.1%}",
        f"{1 - scored - asked_back:.1%}",
        f"{one.accepted_p50_ms:.1f}",
        f"{one.accepted_p99_ms:.1f}",
        f"{one.refused_p50_ms:.1f}",
        f"{one.refused_p99_ms:.1f}",
    )
