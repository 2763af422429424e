"""Figures are kept, computed by one process at a time, and never older than they say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tocsin.service.review.contract_testing import START, FixedClock, decided, handed_in, judged, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.figures import figures_now, keeping, refresh_figures
from tocsin.service.review.records.figures.volume import Days, count_days
from tocsin.service.review.store.console_tables import figures as kept
from tocsin.service.review.webhooks.courier import Couriers


def test_figures_are_kept_until_a_minute_has_passed(desk: Desk, clock: FixedClock) -> None:
    assert refresh_figures(desk) == 1
    handed_in(desk, judged("p1"))
    clock.advance(59)
    assert refresh_figures(desk) == 0
    assert desk.read(figures_now).volume[-1].review == 0
    clock.advance(1)
    assert refresh_figures(desk) == 1
    told = desk.read(figures_now)
    assert (told.volume[-1].review, told.as_of) == (1, START + timedelta(minutes=1))


def test_what_is_read_back_is_what_was_computed(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    decided(desk, alice)
    clock.advance(hours=24)
    computed = desk.read(figures_now)
    refresh_figures(desk)
    read = desk.read(figures_now)
    assert read.took_s > 0
    for name in ("as_of", "volume", "precision", "audit", "pace", "deadlines", "flow", "drift"):
        assert getattr(read, name) == getattr(computed, name), name


def test_whoever_looks_computes_them_where_nobody_has_for_minutes(desk: Desk, clock: FixedClock) -> None:
    refresh_figures(desk)
    handed_in(desk, judged("p1"))
    clock.advance(minutes=5)
    assert desk.read(figures_now).as_of == START
    clock.advance(1)
    told = desk.read(figures_now)
    assert (told.as_of, told.volume[-1].review) == (clock.at, 1)


@pytest.mark.parametrize("body", [{}, {"as_of": "soon"}, {"volume": 7}], ids=str)
def test_what_another_version_kept_is_computed_anew(desk: Desk, body: dict[str, object]) -> None:
    refresh_figures(desk)
    desk.store.write(lambda tx: tx.execute(update(kept).values(body=body)))
    handed_in(desk, judged("p1"))
    assert desk.read(figures_now).volume[-1].review == 1


def test_of_several_processes_one_computes(
    make_desk: Callable[..., Desk], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = [make_desk() for _ in range(4)]
    refresh_figures(desks[0])
    clock.advance(61)
    computed, begun = [], threading.Barrier(len(desks))
    compute, is_due = keeping._compute, keeping._is_due

    def counted(*given: object) -> object:
        computed.append(1)
        return compute(*given)  # type: ignore[arg-type]

    def due_at_once(*given: object) -> bool:
        found = is_due(*given)  # type: ignore[arg-type]
        if threading.current_thread() in looking and threading.current_thread() not in passed:
            passed.append(threading.current_thread())
            begun.wait(10)
        return found

    passed: list[threading.Thread] = []
    monkeypatch.setattr(keeping, "_compute", counted)
    monkeypatch.setattr(keeping, "_is_due", due_at_once)
    looking = [threading.Thread(target=refresh_figures, args=(desk,)) for desk in desks]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join(30)
    assert len(computed) == 1


def test_one_that_died_while_it_computed_holds_others_up_for_a_minute(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_figures(desk)
    clock.advance(61)
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_compute", _die)
        with pytest.raises(RuntimeError, match="the oven"):
            refresh_figures(desk)
    assert refresh_figures(desk) == 0
    clock.advance(60)
    assert refresh_figures(desk) == 1


def _die(*_: object) -> object:
    raise RuntimeError("the oven went out")


def test_what_takes_long_is_computed_the_more_seldom(desk: Desk, clock: FixedClock) -> None:
    refresh_figures(desk)
    body = {**rows(desk, kept, kept.c.name == "dashboard")[0].body, "took_s": 9.0}
    slow = update(kept).where(kept.c.name == "dashboard").values(body=body)
    desk.store.write(lambda tx: tx.execute(slow))
    clock.advance(179)
    assert refresh_figures(desk) == 0
    clock.advance(1)
    assert refresh_figures(desk) == 1


def test_days_that_are_over_are_not_counted_again(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk, judged("old"))
    clock.advance(hours=24 * 3)
    handed_in(desk, judged("yesterday's"))
    clock.advance(hours=24)
    refresh_figures(desk)
    since: list[object] = []
    count = count_days

    def counted(tx: object, first: object) -> Days:
        since.append(first)
        return count(tx, first)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "count_days", counted)
    clock.advance(hours=24)
    handed_in(desk, judged("new"))
    refresh_figures(desk)
    assert since == [(clock.at - timedelta(days=2)).replace(hour=0)]
    assert [day.review for day in desk.read(figures_now).volume[-6:]] == [1, 0, 0, 1, 0, 1]


def test_couriers_keep_them(desk: Desk) -> None:
    handed_in(desk, judged("p1"))
    couriers = Couriers(desk, poll_s=0.01)
    couriers.start()
    try:
        for _ in range(500):
            if rows(desk, kept, kept.c.name == "days"):
                break
            threading.Event().wait(0.01)
    finally:
        couriers.stop()
    assert {row.name for row in rows(desk, kept)} == {"dashboard", "days"}
