"""The tables beside the log: what is sealed is the log, so each decision is compared with its row there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from tocsin.service.review.contract_testing import CONFIRM, DISMISS, ESCALATE, decided, handed_in, judged
from tocsin.service.review.decisions import undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import Actor, disagreements
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.store.tables import decisions, items


@pytest.fixture
def busy(desk: Desk, alice: Reviewer, senior: Reviewer) -> Desk:
    """Return a desk with decisions: 1 on what is erased now, 2 undone, 3 escalated, 4 on the same item."""
    handed_in(desk, *(judged(f"p{number}", priority=0.9 - number / 10) for number in range(3)))
    decided(desk, alice, CONFIRM)
    again = decided(desk, alice, DISMISS)
    desk.write(undo, alice, again.number)
    decided(desk, alice, ESCALATE)
    decided(desk, senior, CONFIRM)
    desk.write(erase, "p0", Actor.key("k"))
    return desk


def found(desk: Desk) -> list[str]:
    return [one.what for one in desk.store.read(disagreements)]


def test_what_was_done_agrees_with_its_log(busy: Desk) -> None:
    assert found(busy) == []


def _changed(number: int, **values: Any) -> Callable[[Connection], Any]:
    return lambda tx: tx.execute(update(decisions).where(decisions.c.id == number).values(values))


def _taken_out(tx: Connection) -> None:
    tx.execute(delete(decisions).where(decisions.c.id == 3))


def _put_in(tx: Connection) -> None:
    row = dict(tx.execute(select(decisions).where(decisions.c.id == 1)).mappings().one())
    tx.execute(insert(decisions).values({**row, "id": 77, "claim": "another"}))


def _exchanged(tx: Connection) -> None:
    item = select(decisions.c.item).where(decisions.c.id == 4).scalar_subquery()
    tx.execute(update(items).where(items.c.id == item).values(text="Stew."))


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        pytest.param(_changed(1, policy="stew"), "decision 1 is not as it was logged", id="another policy"),
        pytest.param(_changed(1, reviewer=2), "decision 1 is not as it was logged", id="another reviewer"),
        pytest.param(
            _changed(2, undone_at=None),
            "decision 2 was undone in one of log and table, not in the other",
            id="an undoing taken back",
        ),
        pytest.param(_taken_out, "decision 3 is gone", id="a decision taken out"),
        pytest.param(_put_in, "decision 77 stands in no row of the log", id="a decision put in"),
    ],
)
def test_a_table_that_says_something_else_is_found(
    busy: Desk, tamper: Callable[[Connection], Any], what: str
) -> None:
    busy.store.write(tamper)

    assert found(busy) == [what]


def test_a_text_exchanged_under_its_decisions_is_found(busy: Desk) -> None:
    busy.store.write(_exchanged)

    assert found(busy) == [f"decision {number} is about another text now" for number in (3, 4)]
