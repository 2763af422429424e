from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from tocsin.service.api.settings import ENV_PREFIX, ServeSettings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "settings.md"
PART = PAGE.read_text(encoding="utf-8").partition("## The server\n")[2]
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PART.splitlines()
    if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("|").split(" | ")])
}


def shown(default: Any) -> str:
    if default is None or default in ((), {}):
        return "–"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{','.join(default) if isinstance(default, tuple) else default}`"


def bounds(name: str) -> str | None:
    """Return what the page must say is allowed, None where that is put in words."""
    field = ServeSettings.model_fields[name]
    found = {
        rule: getattr(one, rule) for one in field.metadata for rule in ("ge", "le") if hasattr(one, rule)
    }
    if len(found) == 2:
        return f"{found['ge']:,} to {found['le']:,}"
    if found:
        return f"{found['ge']:,} or more"
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(field.annotation))
    return "`true`, `false`" if field.annotation is bool else None


def test_every_setting_is_documented_in_order_and_no_other_is() -> None:
    assert list(ROWS) == list(ServeSettings.model_fields)


@pytest.mark.parametrize("name", ServeSettings.model_fields)
def test_a_setting_is_documented_as_it_is(name: str) -> None:
    default, allowed, meaning = ROWS[name]
    field = ServeSettings.model_fields[name]

    assert default == shown(field.default)
    assert allowed == (bounds(name) or allowed)
    assert allowed
    assert meaning == field.description


def test_the_example_of_a_variable_has_the_prefix_that_counts() -> None:
    assert re.findall(r"`(TOCSIN_SERVE_)\w+=", PART) == [ENV_PREFIX]
