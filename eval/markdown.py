"""Figures and tables as Markdown writes them."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.eval.intervals import Estimate

__all__ = ["decimals", "percent", "table"]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table, line by line, with a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def decimals(estimate: Estimate) -> str:
    """Return a figure and its interval with three decimals."""
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def percent(estimate: Estimate) -> str:
    """Return a share and its interval in percent."""
    return f"{estimate.value:.1%} [{estimate.low:.1%}, {estimate.high:.1%}]"
