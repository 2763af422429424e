"""Legal holds: what must be kept is kept, and erased once nothing keeps it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import PLATFORM, START, actions, handed_in, judged, rows
from tocsin.service.review.decisions import history
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.records import Erasure, Reviewer, erase, hold, release_hold
from tocsin.service.review.store.tables import holds, items


@pytest.fixture(autouse=True)
def item(desk: Desk) -> str:
    """Return the one item that there is."""
    return handed_in(desk, judged("p1", "A soup."))[0].id


def test_what_is_held_is_not_erased_until_its_hold_is_released(desk: Desk, lead: Reviewer) -> None:
    number = desk.write(hold, lead, "p1", "court file 12")
    assert desk.write(erase, "p1", PLATFORM) is Erasure.HELD
    assert [(row.text, row.erase_asked_at, row.erased_at) for row in rows(desk, items)] == [
        ("A soup.", START, None)
    ]
    desk.write(release_hold, lead, number)
    assert [(row.text, row.platform_id, row.erased_at) for row in rows(desk, items)] == [(None, None, START)]
    assert actions(desk) == ["hold.placed", "erasure.asked", "hold.released", "item.erased"]


def test_the_last_of_several_holds_lets_it_go(desk: Desk, lead: Reviewer) -> None:
    first, second = (desk.write(hold, lead, "p1", f"file {number}") for number in (1, 2))
    desk.write(erase, "p1", PLATFORM)
    desk.write(release_hold, lead, second)
    assert rows(desk, items)[0].text == "A soup."
    desk.write(release_hold, lead, first)
    assert rows(desk, items)[0].text is None


def test_a_hold_that_is_released_erases_nothing_that_nobody_asked_for(desk: Desk, lead: Reviewer) -> None:
    desk.write(release_hold, lead, desk.write(hold, lead, "p1", "file 1"))
    assert rows(desk, items)[0].text == "A soup."
    assert desk.write(erase, "p1", PLATFORM) is Erasure.ERASED


def test_a_hold_is_released_once(desk: Desk, lead: Reviewer) -> None:
    number = desk.write(hold, lead, "p1", "file 1")
    for _ in range(2):
        desk.write(release_hold, lead, number)
    assert actions(desk) == ["hold.placed", "hold.released"]
    with pytest.raises(UnknownError):
        desk.write(release_hold, lead, number + 1)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501], ids=["none", "blank", "too long"])
def test_a_hold_must_say_why_and_briefly(desk: Desk, lead: Reviewer, reason: str) -> None:
    with pytest.raises(InputError, match="1 to 500"):
        desk.write(hold, lead, "p1", reason)
    assert rows(desk, holds) == []


def test_what_is_not_there_cannot_be_held(desk: Desk, lead: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.write(hold, lead, "p2", "file 1")
    desk.write(erase, "p1", PLATFORM)
    with pytest.raises(UnknownError):
        desk.write(hold, lead, "p1", "file 1")


def test_a_hold_and_an_erasure_at_once_never_lose_what_is_held(desk: Desk, lead: Reviewer) -> None:
    for number in range(8):
        name = f"q{number}"
        handed_in(desk, judged(name))
        held, erased = _at_once(
            lambda name=name: desk.write(hold, lead, name, "file 1"),
            lambda name=name: desk.write(erase, name, PLATFORM),
        )
        assert (held is None) == (erased is Erasure.ERASED), name


def test_holds_released_at_once_erase_what_was_asked_once(desk: Desk, lead: Reviewer) -> None:
    numbers = [desk.write(hold, lead, "p1", f"file {one}") for one in range(2)]
    desk.write(erase, "p1", PLATFORM)
    _at_once(*(lambda number=number: desk.write(release_hold, lead, number) for number in numbers))
    assert rows(desk, items)[0].text is None
    assert actions(desk).count("item.erased") == 1


def test_who_handles_a_task_sees_the_holds_on_its_item(desk: Desk, lead: Reviewer) -> None:
    first, second = (desk.write(hold, lead, "p1", f"file {number}") for number in (1, 2))
    desk.write(release_hold, lead, first)
    told = desk.read(history, 1).holds
    assert [(one.number, one.reason, one.released_at) for one in told] == [
        (first, "file 1", START),
        (second, "file 2", None),
    ]


def _at_once(*works: Any) -> list[Any]:
    at_once = Barrier(len(works))

    def run(work: Any) -> Any:
        at_once.wait()
        try:
            return work()
        except UnknownError:
            return None

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_the_same_hold_twice_is_one(desk: Desk, lead: Reviewer) -> None:
    handed_in(desk, judged("p9"))
    assert desk.write(hold, lead, "p9", "a court") == desk.write(hold, lead, "p9", "a court")
    assert desk.write(hold, lead, "p9", "another court") != desk.write(hold, lead, "p9", "a court")
