"""Reviewers: a name, a role, a key, and never a name in the log."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import PLATFORM, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.records import (
    Reviewer,
    add_reviewer,
    change_reviewer,
    list_reviewers,
    reviewer_of_key,
)
from tocsin.service.review.records.reviewers import ensure_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import log, reviewers


def test_a_reviewer_is_found_by_their_key_while_they_are_active(desk: Desk) -> None:
    made = reviewer(desk, "alice", Role.SENIOR, key="k1")
    assert desk.read(reviewer_of_key, "k1") == made
    assert desk.read(reviewer_of_key, "k2") is None
    desk.write(change_reviewer, made.number, active=False, by=PLATFORM)
    assert desk.read(reviewer_of_key, "k1") is None
    desk.write(change_reviewer, made.number, active=True, by=PLATFORM)
    assert desk.read(reviewer_of_key, "k1") == made


def test_a_change_is_that_change_alone(desk: Desk, alice: Reviewer) -> None:
    raised = desk.write(change_reviewer, alice.number, role=Role.LEAD, by=PLATFORM)
    assert (raised.role, raised.active, raised.name) == (Role.LEAD, True, "alice")
    assert desk.write(change_reviewer, alice.number, by=PLATFORM) == raised
    assert desk.read(list_reviewers) == [raised]


def test_the_log_knows_numbers_and_roles_and_no_names(desk: Desk) -> None:
    made = reviewer(desk, "Zmarkerz", key="kmarker")
    desk.write(change_reviewer, made.number, role=Role.LEAD, active=False, by=PLATFORM)
    told = rows(desk, log)
    assert [row.action for row in told] == ["reviewer.made", "reviewer.changed"]
    assert [row.actor for row in told] == ["system", "key:key_platform"]
    assert json.loads(told[0].body) == {"reviewer": made.number, "role": "reviewer"}
    assert not any("marker" in str(row) for row in told)


@pytest.mark.parametrize(
    ("name", "key"),
    [("alice", "k2"), (" alice ", None), ("carl", "k1")],
    ids=["same name", "same name in blanks", "same key"],
)
def test_name_and_key_are_nobody_elses(desk: Desk, name: str, key: str | None) -> None:
    reviewer(desk, "alice", key="k1")
    with pytest.raises(ConflictError):
        reviewer(desk, name, key=key)
    assert len(rows(desk, reviewers)) == len(rows(desk, log)) == 1


def test_several_may_have_no_key_yet(desk: Desk) -> None:
    assert [reviewer(desk, name).key for name in ("alice", "bob")] == [None, None]


@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "x" * 257], ids=["none", "blank", "two lines", "too long"]
)
def test_a_name_must_be_one_that_can_be_shown(desk: Desk, name: str) -> None:
    with pytest.raises(InputError, match="1 to 256"):
        reviewer(desk, name)


def test_one_name_made_twice_at_once_is_one_reviewer(desk: Desk) -> None:
    at_once = Barrier(4)

    def make(_: int) -> Any:
        at_once.wait()
        try:
            return reviewer(desk, "alice")
        except ConflictError:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert sum(one is not None for one in pool.map(make, range(4))) == 1
    assert len(rows(desk, reviewers)) == 1


def test_who_is_no_reviewer_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(UnknownError):
        desk.write(change_reviewer, 9, active=False, by=PLATFORM)


def test_the_one_reviewer_of_a_desk_without_keys_is_made_once(desk: Desk) -> None:
    made = desk.write(ensure_reviewer, "anonymous")
    assert made.role is Role.ADMIN
    assert desk.write(ensure_reviewer, "anonymous") == made


@pytest.mark.parametrize("role", Role)
def test_a_role_is_named_by_its_word(role: Role) -> None:
    assert Role.of(role.word) is role


def test_a_role_that_is_none_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="reviewer, senior, lead, admin"):
        Role.of("cook")


def test_a_name_once_given_comes_back_from_its_making(desk: Desk) -> None:
    made = desk.write(add_reviewer, " Žofie ", Role.LEAD, key="k", by=PLATFORM)
    assert (made.name, made.role, made.key, made.active) == ("Žofie", Role.LEAD, "k", True)
