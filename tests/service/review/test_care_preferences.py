"""Preferences: how each reviewer wants to read, kept for them alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from tocsin.errors import InputError
from tocsin.service.review.care import Preferences, keep_preferences, preferences_of
from tocsin.service.review.care.preferences import CHOICES
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.console_tables import preferences as kept

OTHER = Preferences(
    theme="dark",
    grey=True,
    contrast="low",
    font="spaced",
    size="huge",
    mask="word",
    first="text",
    onward=False,
    shortcuts=False,
    break_minutes=0,
    own_figures=True,
)


def read(desk: Desk, of: Reviewer) -> Preferences:
    return desk.store.read(lambda tx: preferences_of(tx, of.number))


def put_raw(desk: Desk, of: Reviewer, body: Any) -> None:
    def work(tx: Connection) -> None:
        tx.execute(insert(kept).values(reviewer=of.number, body=body))

    desk.store.write(work)


def test_whoever_chose_nothing_has_what_is_usual(desk: Desk, alice: Reviewer) -> None:
    assert read(desk, alice) == Preferences()


def test_what_one_chose_is_kept_for_oneself(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    desk.write(keep_preferences, alice.number, OTHER)
    assert read(desk, alice) == OTHER
    assert read(desk, bob) == Preferences()
    desk.write(keep_preferences, alice.number, Preferences(size="large"))
    assert read(desk, alice) == Preferences(size="large")
    assert len(rows(desk, kept)) == 1


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_can_be_made(name: str) -> None:
    for choice in CHOICES[name]:
        assert getattr(Preferences(**{name: choice}), name) == choice  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        pytest.param({"theme": "sepia"}, "theme must be one of system, light, dark, was 'sepia'", id="word"),
        pytest.param({"font": ["sans"]}, "font must be one of", id="list for a word"),
        pytest.param({"grey": 1}, "grey must be a truth value, was a int", id="number for a truth value"),
        pytest.param({"break_minutes": True}, "must be a whole number", id="truth value for a number"),
        pytest.param({"break_minutes": -1}, "from 0 to 480, was -1", id="below"),
        pytest.param({"break_minutes": 481}, "from 0 to 480, was 481", id="above"),
    ],
)
def test_what_is_no_choice_is_refused(given: dict[str, Any], rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        Preferences(**given)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            {"size": "huge", "hat": "tall"}, Preferences(size="huge"), id="a key of another version"
        ),
        pytest.param(
            {"size": "vast", "grey": True, "onward": None},
            Preferences(grey=True),
            id="values of another version",
        ),
        pytest.param([], Preferences(), id="a list"),
        pytest.param("dark", Preferences(), id="a word"),
    ],
)
def test_what_another_version_kept_falls_back_to_what_is_usual(
    desk: Desk, alice: Reviewer, body: Any, expected: Preferences
) -> None:
    put_raw(desk, alice, body)
    assert read(desk, alice) == expected


def test_of_two_first_choices_at_once_one_is_kept(desk: Desk, alice: Reviewer) -> None:
    at_once = Barrier(4)

    def keep(number: int) -> None:
        at_once.wait()
        desk.write(keep_preferences, alice.number, Preferences(break_minutes=number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(4)))
    assert read(desk, alice).break_minutes in range(4)
    assert len(rows(desk, kept)) == 1
