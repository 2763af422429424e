"""The summary as JSON, as CSV, and as Markdown: the same figures, each once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final

from tocsin.service.review.compliance.transparency.summary import Summary

__all__ = ["as_csv", "as_markdown", "as_plain"]

_SECTIONS: Final = {
    "orders": "Orders of authorities",
    "notices": "Notices",
    "moderation": "Measures",
    "complaints": "Complaints",
    "automated": "Automated means",
}
_PLACES: Final = 4


def as_plain(summary: Summary) -> dict[str, Any]:
    """Return the summary in plain JSON types: dates as text, shares and seconds as numbers."""
    plain: dict[str, Any] = _plain(asdict(summary))
    return plain


def as_csv(summary: Summary) -> str:
    """Return a line for each figure: its section, its name, what it is of, its value; empty is not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("section", "figure", "of", "value"))
    for section in _SECTIONS:
        for path, value in _leaves(as_plain(summary)[section]):
            writer.writerow((section, path[0], ".".join(path[1:]), "" if value is None else value))
    return out.getvalue()


def as_markdown(summary: Summary) -> str:
    """Return a table for each section, and what is not known."""
    plain = as_plain(summary)
    lines = [
        f"# Content moderation, {plain['first']} to {plain['last']}",
        "",
        f"Made at {plain['made_at']}. – is not known, or not told of so few. This is no legal advice.",
        "",
    ]
    for section, title in _SECTIONS.items():
        lines += [f"## {title}", "", "| figure | of | value |", "|---|---|---:|"]
        for path, value in _leaves(plain[section]):
            told = "–" if value is None else _shown(value)
            lines.append(f"| {path[0]} | {_cell('.'.join(path[1:]))} | {_cell(told)} |")
        lines.append("")
    lines += ["## Not known here", "", *(f"- {one}" for one in plain["not_known"]), ""]
    return "\n".join(lines)


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name != "why" or one is not None:
                yield from _leaves(one, (*path, str(name)))
    else:
        yield path, value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.{_PLACES}f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
