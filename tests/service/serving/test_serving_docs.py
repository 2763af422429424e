from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from tocsin.service.api.settings import ENV_PREFIX, ServeSettings
from tocsin.service.review.settings import ENV_PREFIX as REVIEW_PREFIX
from tocsin.service.review.settings import ReviewSettings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "settings.md"
PARTS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
KINDS: dict[str, tuple[str, type[BaseSettings]]] = {
    ENV_PREFIX: ("The server", ServeSettings),
    REVIEW_PREFIX: ("The review queue", ReviewSettings),
}
BOTH = [(prefix, name) for prefix, (_, kind) in KINDS.items() for name in kind.model_fields]


def rows(prefix: str) -> dict[str, list[str]]:
    """Return the cells of a part's table by the name of the setting."""
    return {
        cells[0].strip("`"): cells[1:]
        for line in PARTS[KINDS[prefix][0]].splitlines()
        if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("|").split(" | ")])
    }


def shown(default: Any) -> str:
    if default is None or default in ((), {}):
        return "–"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{','.join(default) if isinstance(default, tuple) else default}`"


def bounds(field: FieldInfo) -> str | None:
    """Return what the page must say is allowed, None where that is put in words."""
    found = {
        rule: getattr(one, rule)
        for one in field.metadata
        for rule in ("gt", "ge", "le")
        if hasattr(one, rule)
    }
    if "gt" in found:
        return f"above {found['gt']:,}, to {found['le']:,}"
    if len(found) == 2:
        return f"{found['ge']:,} to {found['le']:,}"
    if found:
        return f"{found['ge']:,} or more"
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{one}`" for one in get_args(field.annotation))
    return "`true`, `false`" if field.annotation is bool else None


@pytest.mark.parametrize("prefix", KINDS)
def test_every_setting_is_documented_in_order_and_no_other_is(prefix: str) -> None:
    assert list(rows(prefix)) == list(KINDS[prefix][1].model_fields)


@pytest.mark.parametrize(("prefix", "name"), BOTH)
def test_a_setting_is_documented_as_it_is(prefix: str, name: str) -> None:
    default, allowed, meaning = rows(prefix)[name]
    field = KINDS[prefix][1].model_fields[name]

    assert default == shown(field.default) or name == "patience"  # a table, on a page of its own
    assert allowed == (bounds(field) or allowed)
    assert allowed
    assert meaning == field.description


@pytest.mark.parametrize("prefix", KINDS)
def test_the_example_of_a_variable_has_the_prefix_that_counts(prefix: str) -> None:
    assert re.findall(r"`(TOCSIN_[A-Z]+_)\w+=", PARTS[KINDS[prefix][0]]) == [prefix]
