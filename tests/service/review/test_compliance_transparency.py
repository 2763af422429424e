"""The summary of a period: it counts what was planted, names no person, and tells no rate of too few."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.compliance.testing import TERMS, kitchen_file
from tocsin.service.review.compliance.transparency import (
    Period,
    Summary,
    as_csv,
    as_markdown,
    as_plain,
    summarise,
)
from tocsin.service.review.compliance.transparency.automation import _rate
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    START,
    FixedClock,
    decided,
    handed_in,
    judged,
    reviewer,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, wait
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Automation,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    record,
)
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.verdict import Verdict

SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
STEW = Said(Verdict.CONFIRM, "stew")
REMOVED = Measure(
    "m1",
    MeasureKind.REMOVED,
    Ground.INCOMPATIBLE,
    TERMS,
    MeasureSource.OWN_INITIATIVE,
    Automation.NONE,
    START,
)


@pytest.fixture
def desk(make_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """Return a desk that draws every text which the model does not flag."""
    return make_desk(compliance=read_compliance(kitchen_file(tmp_path)), audit_share=1.0)


def summed(desk: Desk, period: Period = MARCH) -> Summary:
    return desk.read(summarise, period)


def notice(name: str, source: NoticeSource = NoticeSource.USER, **told: Any) -> Notice:
    return Notice(name, NoticeKind.NOTICE, source, received_at=START, **told)


def test_orders_are_counted_with_the_times_from_receipt(desk: Desk, clock: FixedClock) -> None:
    alice = reviewer(desk)
    for number in range(4):
        order = Notice(
            f"o{number}", NoticeKind.ORDER, NoticeSource.AUTHORITY, received_at=START, policy="soup"
        )
        handed_in(desk, judged(f"p{number}", notice=order))
    for minutes, said in ((10, CONFIRM), (20, CONFIRM), (30, DISMISS)):
        clock.at = START + timedelta(minutes=minutes)
        decided(desk, alice, said)
    for name, minutes in (("p0", 30), ("p1", 90)):
        at = START + timedelta(minutes=minutes)
        desk.write(record, name, replace(REMOVED, source=MeasureSource.ORDER, applied_at=at), BY)

    found = summed(desk).orders
    assert (found.received, found.by_source, found.by_policy) == (4, {"authority": 4}, {"soup": 4})
    assert (found.within_hour, found.later, found.dismissed, found.open) == (1, 1, 1, 1)
    assert (found.to_decision.count, found.to_decision.median_s) == (3, 20 * 60)
    assert (found.to_measure.count, found.to_measure.median_s) == (2, 60 * 60)
    assert (found.to_first_view.count, found.to_first_view.median_s) == (0, None)
    assert found.by_member_state is None


def test_notices_are_counted_by_source_and_policy_and_what_came_of_them(
    desk: Desk, clock: FixedClock
) -> None:
    alice = reviewer(desk)
    handed_in(desk, *(judged(f"u{one:02}", notice=notice(f"n{one}", policy="soup")) for one in range(20)))
    handed_in(desk, judged("t1", notice=notice("t1", NoticeSource.TRUSTED_FLAGGER, policy="Ask Ms Ladle")))
    handed_in(desk, judged("t2", notice=notice("t2", NoticeSource.TRUSTED_FLAGGER)))
    clock.advance(minutes=10)
    for said in [CONFIRM] * 5 + [DISMISS] * 15:
        decided(desk, alice, said)
    for name, ground in (("u00", Ground.ILLEGAL), ("u01", Ground.INCOMPATIBLE)):
        desk.write(record, name, replace(REMOVED, source=MeasureSource.NOTICE, ground=ground), BY)
    full = replace(REMOVED, source=MeasureSource.TRUSTED_FLAGGER, automation=Automation.FULL)
    desk.write(record, "t1", full, BY)
    desk.write(record, "t2", replace(REMOVED, kind=MeasureKind.RESTORED, source=MeasureSource.NOTICE), BY)

    found = summed(desk).notices
    assert (found.all.received, found.all.confirmed, found.all.dismissed, found.all.undecided) == (
        22,
        5,
        15,
        2,
    )
    assert (found.all.acted_on_law, found.all.acted_on_terms, found.all.automated) == (1, 2, 1)
    assert (found.all.to_decision.count, found.all.to_decision.median_s) == (20, 600)
    assert {name: one.received for name, one in found.by_source.items()} == {
        "user": 20,
        "trusted_flagger": 2,
        "authority": 0,
    }
    assert {name: one.received for name, one in found.by_policy.items()} == {
        "soup": 20,
        "other": 1,
        "not_said": 1,
    }
    assert found.by_source["user"].to_decision.median_s == 600


@SQLITE
def test_a_notice_is_acted_on_by_what_was_done_after_it_came(desk: Desk, clock: FixedClock) -> None:
    alice = reviewer(desk)
    handed_in(desk, judged("p1", notice=notice("n1")))
    decided(desk, alice)
    removed = replace(REMOVED, source=MeasureSource.NOTICE, applied_at=clock())
    desk.write(record, "p1", removed, BY)
    clock.advance(hours=24)
    restored = replace(removed, reference="m2", kind=MeasureKind.RESTORED, applied_at=clock())
    desk.write(record, "p1", restored, BY)
    handed_in(desk, judged("p1", notice=replace(notice("n2"), received_at=clock())))
    decided(desk, alice, DISMISS)

    found = summed(desk).notices.all
    assert (found.received, found.confirmed, found.dismissed, found.acted_on_terms) == (2, 1, 1, 1)


@SQLITE
def test_a_notice_ended_as_its_adjudication_did(
    make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock
) -> None:
    desk = make_desk(compliance=read_compliance(kitchen_file(tmp_path)), double_share=ALL)
    alice, bob, sanna = reviewer(desk), reviewer(desk, "bob"), reviewer(desk, "sanna", Role.SENIOR)
    handed_in(desk, *(judged(f"p{number}", notice=notice(f"n{number}")) for number in range(2)))
    for _ in range(2):
        decided(desk, alice, CONFIRM, Queue.NOTICES)
    wait(clock, desk)
    for _ in range(2):
        decided(desk, bob, DISMISS, Queue.SECOND)
    wait(clock, desk)
    decided(desk, sanna, CONFIRM, Queue.ADJUDICATION)
    before = summed(desk).notices.all
    decided(desk, sanna, DISMISS, Queue.ADJUDICATION)

    found = summed(desk).notices.all
    assert (before.confirmed, before.dismissed) == (2, 0)
    assert (found.confirmed, found.dismissed, found.undecided) == (1, 1, 0)


def test_a_part_of_few_notices_tells_counts_and_no_median(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, judged("u1", notice=notice("n1")))
    clock.advance(minutes=10)
    decided(desk, reviewer(desk))

    found = summed(desk).notices
    assert found.all.to_decision.median_s == 600
    assert (found.by_source["user"].to_decision.count, found.by_source["user"].to_decision.median_s) == (
        1,
        None,
    )


def test_measures_are_counted_by_what_was_done_why_and_how_it_was_found(
    desk: Desk, clock: FixedClock
) -> None:
    alice = reviewer(desk)
    for number, said in enumerate((CONFIRM, CONFIRM, STEW)):
        handed_in(desk, judged(f"p{number}"))
        made = decided(desk, alice, said, Queue.REVIEW)
        kind = MeasureKind.REMOVED if number else MeasureKind.DEMOTED
        ground = Ground.ILLEGAL if number == 2 else Ground.INCOMPATIBLE
        desk.write(record, f"p{number}", replace(REMOVED, kind=kind, ground=ground, decision=made.number), BY)
    handed_in(desk, judged("p3", level="none"))
    desk.write(record, "p3", replace(REMOVED, automation=Automation.FULL), BY)
    desk.write(record, "p3", replace(REMOVED, reference="m2", kind=MeasureKind.RESTORED), BY)
    late = replace(REMOVED, reference="m3", applied_at=START + timedelta(days=30))
    desk.write(record, "p3", late, BY)

    found = summed(desk).moderation
    own = found.own_initiative
    assert (own.measures, found.taken_back) == (4, 1)
    assert own.by_kind == {"demoted": 1, "removed": 3}
    assert own.by_ground == {"illegal": 1, "incompatible": 3}
    assert own.by_policy == {"not_said": 1, "soup": 2, "stew": 1}
    assert own.by_detection == {"automated": 3, "not_automated": 1}
    assert own.by_automation == {"full": 1, "none": 3}
    assert {name: one.measures for name, one in found.by_source.items()} == {
        "notice": 0,
        "trusted_flagger": 0,
        "other_notification": 0,
        "order": 0,
    }


def test_complaints_are_counted_by_what_they_came_to(desk: Desk, clock: FixedClock) -> None:
    alice, bob = reviewer(desk), reviewer(desk, "bob")
    cases = [(CONFIRM, CONFIRM), (CONFIRM, DISMISS), (CONFIRM, STEW), (DISMISS, CONFIRM), (DISMISS, None)]
    for number, (first, then) in enumerate(cases):
        handed_in(desk, judged(f"p{number}"))
        decided(desk, alice, first)
        source = AppealSource.AUTHOR if first is CONFIRM else AppealSource.NOTIFIER
        desk.write(appeal, f"p{number}", Appeal("a", source, statement="It was hot!"), BY)
        clock.advance(minutes=5)
        if then is not None:
            decided(desk, bob, then, Queue.APPEALS)

    found = summed(desk).complaints
    assert (found.received, found.by_source) == (5, {"author": 3, "notifier": 2})
    assert found.against == {"a_confirmation": 3, "a_dismissal": 2}
    assert found.outcomes == {"upheld": 1, "reversed": 2, "other_policy": 1, "open": 1}
    assert (found.to_decision.count, found.to_decision.median_s) == (4, 300)


def test_automated_means_are_told_with_their_accuracy_and_their_possible_error(desk: Desk) -> None:
    alice = reviewer(desk)
    handed_in(desk, *(judged(f"f{one:02}") for one in range(20)))
    for said in [CONFIRM] * 12 + [STEW] * 3 + [DISMISS] * 5:
        decided(desk, alice, said, Queue.REVIEW)
    handed_in(desk, *(judged(f"n{one:02}", level="none") for one in range(40)))
    for said in [CONFIRM] * 4 + [DISMISS] * 35:
        decided(desk, alice, said, Queue.RANDOM)
    handed_in(desk, judged("g1", expected=Expected("soup")))
    decided(desk, alice, DISMISS, Queue.REVIEW)

    found = summed(desk).automated
    assert (found.judged, found.flagged, found.not_judged) == (60, 20, 0)
    exact, any_policy = found.precision["soup"], found.precision_any_policy["soup"]
    assert (exact.hits, exact.of, exact.value, exact.why) == (12, 20, 0.6, None)
    assert (any_policy.hits, any_policy.value) == (15, 0.75)
    missed = found.missed
    assert (missed.drawn, missed.share.hits, missed.share.of) == (40, 4, 39)  # one waits, one in forty
    assert missed.share.value == pytest.approx(4 / 39)
    assert (missed.share.low or 0) < 4 / 39 < (missed.share.high or 0)


@SQLITE
def test_what_was_missed_is_not_told_while_more_than_a_twentieth_of_the_draws_waits(desk: Desk) -> None:
    alice = reviewer(desk)
    handed_in(desk, *(judged(f"n{one:02}", level="none") for one in range(40)))
    for said in [CONFIRM] * 4 + [DISMISS] * 33:
        decided(desk, alice, said, Queue.RANDOM)

    share = summed(desk).automated.missed.share
    assert (share.hits, share.of, share.value, share.why) == (4, 37, None, "8% of what was drawn waits")

    decided(desk, alice, DISMISS, Queue.RANDOM)
    assert summed(desk).automated.missed.share.value == pytest.approx(4 / 38)


@SQLITE
def test_rates_of_too_few_are_not_told(desk: Desk) -> None:
    alice = reviewer(desk)
    handed_in(desk, *(judged(f"f{one:02}") for one in range(19)))
    handed_in(desk, *(judged(f"n{one:02}", level="none") for one in range(19)))
    for _ in range(38):
        decided(desk, alice)

    found = summed(desk).automated
    assert (found.precision["soup"].value, found.precision["soup"].why) == (None, "fewer than 20 decided")
    assert (found.missed.share.value, found.missed.share.low, found.missed.share.of) == (None, None, 19)


@SQLITE
def test_what_was_likelier_to_be_drawn_counts_for_less(desk: Desk) -> None:
    alice = reviewer(desk)
    handed_in(desk, *(judged(f"n{one:02}", level="none") for one in range(40)))
    for said in [CONFIRM] * 20 + [DISMISS] * 20:
        decided(desk, alice, said)
    half = tasks.update().where(tasks.c.id <= 20).values(inclusion=0.5)
    desk.store.write(lambda tx: tx.execute(half))
    desk.store.write(lambda tx: tx.execute(tasks.update().where(tasks.c.id > 20).values(inclusion=0.1)))

    assert summed(desk).automated.missed.share.value == pytest.approx(40 / 240)


def test_the_interval_of_a_weighted_share_is_the_one_that_audits_of_chances_have() -> None:
    """Compare with what `shares` says, whose coverage is tested beside it; more weight, less certainty."""
    even = _rate([(100.0, True)] * 4 + [(100.0, False)] * 31)
    uneven = _rate([(400.0, True)] * 1 + [(100.0, True)] * 3 + [(100.0, False)] * 28)

    found = [(one.value or 0, one.low or 0, one.high or 0) for one in (even, uneven)]
    assert found[0] == pytest.approx((4 / 35, 0.0381, 0.2533), abs=1e-4)
    assert found[1][0] == pytest.approx(7 / 35)
    assert found[1][2] - found[1][1] > found[0][2] - found[0][1]


def test_days_outside_of_the_period_are_not_counted(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, judged("p1", notice=notice("n1")))
    decided(desk, reviewer(desk))
    desk.write(record, "p1", replace(REMOVED, source=MeasureSource.NOTICE), BY)

    inside = summed(desk, Period(date(2026, 3, 2), date(2026, 3, 2)))
    assert (inside.notices.all.received, inside.moderation.by_source["notice"].measures) == (1, 1)
    for day in (date(2026, 3, 1), date(2026, 3, 3)):
        outside = summed(desk, Period(day, day))
        assert (outside.notices.all.received, outside.moderation.by_source["notice"].measures) == (0, 0)
        assert (outside.automated.judged, outside.automated.missed.drawn) == (0, 0)


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(InputError, match="must not end before it begins, was 2026-03-02 to 2026-03-01"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


@SQLITE
def test_every_form_tells_the_same_figures_and_nobodys_name(desk: Desk) -> None:
    handed_in(desk, judged("p-zmark", notice=notice("n1", statement="zmark!")))
    decided(desk, reviewer(desk, "Zmark Ladle"), replace(CONFIRM, note="zmark"))
    desk.write(record, "p-zmark", replace(REMOVED, explanation="zmark"), BY)
    found = summed(desk)
    plain, table, page = as_plain(found), as_csv(found), as_markdown(found)

    assert json.loads(json.dumps(plain)) == plain
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {"section": "notices", "figure": "all", "of": "received", "value": "1"} in rows
    assert {"section": "orders", "figure": "by_member_state", "of": "", "value": ""} in rows
    assert "| by_source | user.received | 1 |" in page
    assert "human_resources" in page
    assert len(re.findall(r"^\|(?! figure)(?!-)", page, re.MULTILINE)) == len(rows)
    assert "zmark" not in f"{plain}{table}{page}".lower()
