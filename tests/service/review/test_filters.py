"""Saved filters: each reviewer's own, by name, and not without end."""

from __future__ import annotations

import pytest

from tocsin.errors import InputError
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.saved_filters import (
    MOST_FILTERS,
    delete_filter,
    list_filters,
    save_filter,
)
from tocsin.service.review.records.searching import Filters

URGENT = Filters.parse({"queue": "urgent", "language": "de"})
DONE = Filters.parse({"state": "done", "confirmed": "soup"})


def names(desk: Desk, who: Reviewer) -> list[str]:
    return [one.name for one in desk.read(list_filters, who)]


def test_what_is_saved_is_listed_by_name_and_reads_back_as_it_was(desk: Desk, alice: Reviewer) -> None:
    desk.write(save_filter, alice, "soups", DONE)
    desk.write(save_filter, alice, "Hurry", URGENT)
    saved = desk.read(list_filters, alice)
    assert [(one.name, Filters.parse(one.query)) for one in saved] == [("Hurry", URGENT), ("soups", DONE)]


def test_the_same_name_again_replaces_what_it_stood_for(desk: Desk, alice: Reviewer) -> None:
    first = desk.write(save_filter, alice, "mine", URGENT)
    assert desk.write(save_filter, alice, "  mine ", DONE) == first
    assert [one.query for one in desk.read(list_filters, alice)] == [DONE.to_query()]


def test_what_is_deleted_is_gone(desk: Desk, alice: Reviewer) -> None:
    number = desk.write(save_filter, alice, "mine", URGENT)
    desk.write(delete_filter, alice, number)
    assert names(desk, alice) == []
    with pytest.raises(UnknownError, match="no saved filter of yours"):
        desk.write(delete_filter, alice, number)


def test_nobody_sees_replaces_or_deletes_anothers(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    number = desk.write(save_filter, alice, "mine", URGENT)
    desk.write(save_filter, bob, "mine", DONE)
    with pytest.raises(UnknownError):
        desk.write(delete_filter, bob, number)
    assert [one.query for one in desk.read(list_filters, alice)] == [URGENT.to_query()]


def test_there_is_room_for_fifty_and_then_still_for_a_name_that_is_known(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    for number in range(MOST_FILTERS):
        desk.write(save_filter, alice, f"soup {number}", URGENT)
    with pytest.raises(ConflictError, match="at most 50"):
        desk.write(save_filter, alice, "one more", URGENT)
    desk.write(save_filter, alice, "soup 7", DONE)
    desk.write(save_filter, bob, "one more", URGENT)
    assert len(names(desk, alice)) == MOST_FILTERS


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "soup\0", "soup\x1b[2J", "soup\u202e"])
def test_a_bad_name_is_refused_and_not_shown(desk: Desk, alice: Reviewer, name: str) -> None:
    with pytest.raises(InputError, match="1 to 80 printable characters") as refused:
        desk.write(save_filter, alice, name, URGENT)
    assert name.strip() == "" or name not in str(refused.value)
    assert names(desk, alice) == []


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE filters; --", "100%", "_", "\\", "<b>soup</b>", "Zorbische Küche"]
)
def test_any_other_name_is_kept_as_it_is(desk: Desk, alice: Reviewer, name: str) -> None:
    desk.write(save_filter, alice, name, URGENT)
    assert names(desk, alice) == [name]


@pytest.mark.parametrize("query", [{"queue": "golden"}, {"holder": "1"}, {"state": "done", "decider": "1"}])
def test_what_only_leads_may_search_by_only_leads_save(
    desk: Desk, alice: Reviewer, lead: Reviewer, query: dict[str, str]
) -> None:
    with pytest.raises(ForbiddenError, match="only leads"):
        desk.write(save_filter, alice, "gold", Filters.parse(query))
    assert names(desk, alice) == []
    desk.write(save_filter, lead, "gold", Filters.parse(query))
