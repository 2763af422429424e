"""Search with saved filters: over what is known of tasks, never over texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Connection

from tocsin.errors import InputError
from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.search_form import SEVERITY_WORDS, groups_for, told_in
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError
from tocsin.service.review.records.saved_filters import MOST_FILTERS, delete_filter, list_filters, save_filter
from tocsin.service.review.records.searching import Filters, search
from tocsin.service.review.records.searching.filters import READERS
from tocsin.service.review.records.searching.reading import read_number
from tocsin.service.review.role import Role

__all__ = ["SEARCHING_PAGES"]

_PATH: Final = "/review/search"
_OUR_OWN: Final = {"after", "said"}  # of the page, not of the search
_STATUS: Final[Mapping[type[Exception], int]] = {InputError: 400, ForbiddenError: 403, ConflictError: 409}


def _search(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    query = {name: value for name, value in asked.query.items() if name not in _OUR_OWN}
    try:
        filters = Filters.parse(query)
        after = asked.query.get("after")
        hits = search(
            tx, context, visit.reviewer, filters, None if after is None else read_number("after", after)
        )
    except (InputError, ForbiddenError, ConflictError) as error:
        return _refused(tx, context, visit, query, error)
    told = filters.to_query()
    values = {
        **_values(tx, context, visit, query),
        "hits": hits,
        "further": None if hits.onward is None else _address({**told, "after": str(hits.onward)}),
        "begun": after is not None,
        "first": _address(told),
    }
    return Shown("search.html", values)


def _save(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    query = {name: value for name, value in asked.form.items() if name in READERS}
    name = asked.form.get("name", "")
    try:
        filters = Filters.parse(query)
        with tx.begin_nested():
            save_filter(tx, context, visit.reviewer, name, filters)
    except (InputError, ForbiddenError, ConflictError) as error:
        return _refused(tx, context, visit, query, error, name)
    return Onward(_address(filters.to_query()), "filter-saved")


def _delete(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    delete_filter(tx, context, visit.reviewer, asked.number("filter"))
    return Onward(_PATH, "filter-deleted")


def _refused(
    tx: Connection,
    context: Context,
    visit: Visit,
    query: Mapping[str, str],
    error: Exception,
    name: str = "",
) -> Shown:
    values = {**_values(tx, context, visit, query, name), "fault": str(error), "hits": None}
    return Shown("search.html", values, _STATUS[type(error)])


def _values(
    tx: Connection, context: Context, visit: Visit, query: Mapping[str, str], name: str = ""
) -> dict[str, Any]:
    saved = list_filters(tx, context, visit.reviewer)
    groups = groups_for(visit)
    return {
        "groups": groups,
        "set_filters": told_in(groups, query),
        "given": {field: value for field, value in query.items() if field in READERS},
        "name": name,
        "saved": [(one, _address(one.query)) for one in saved],
        "most": MOST_FILTERS,
        "leads": visit.reviewer.role >= Role.LEAD,
        "fault": None,
        "titles": {policy.name: policy.title for policy in visit.house.policies.policies},
        "severities": SEVERITY_WORDS,
        "words": wording,
    }


def _address(query: Mapping[str, str]) -> str:
    return f"{_PATH}?{urlencode(query)}" if query else _PATH


SEARCHING_PAGES: Final = (
    Page("GET", _PATH, "console_search", Role.REVIEWER, _search),
    Page("POST", "/review/filters", "console_filter_save", Role.REVIEWER, _save),
    Page("POST", "/review/filters/{filter}/delete", "console_filter_delete", Role.REVIEWER, _delete),
)
