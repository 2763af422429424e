"""What is drawn to learn from: with which chance, where it waits, and what else may come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from math import inf, log, sqrt
from pathlib import Path

import pytest

from tocsin.assessment import Assessment, Standing
from tocsin.models import Scorer, read_bundle
from tocsin.policy import parse_policy
from tocsin.service.review.contract_testing import (
    DISMISS,
    KEY,
    PLATFORM,
    START,
    assessed,
    claimed,
    decided,
    handed_in,
    judged,
    recipe,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.decisions import decide_together, find_alike
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, second_tasks
from tocsin.service.review.intake import Expected, Judged, Notice, NoticeKind, NoticeSource, State, Submission
from tocsin.service.review.intake.importing import assessed as assessed_by
from tocsin.service.review.intake.learning import FLOOR, informative, learning_chance
from tocsin.service.review.intake.placing import Placement, place
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import erase
from tocsin.service.review.replay import find_item, replay
from tocsin.service.review.role import Role
from tocsin.service.review.rules import Rules, serve_by
from tocsin.service.review.store.learning_tables import learning
from tocsin.service.review.store.tables import items, tasks

NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
ORDER = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)
AT_A_LEVEL = Standing(0.0)
FAR = Standing(-30.0)


def quiet(name: str, standing: Standing | None = AT_A_LEVEL, priority: float = 0.5) -> Assessment:
    return replace(assessed(name, "none", priority), standing=standing)


def unflagged(name: str, standing: Standing | None = AT_A_LEVEL, **told: object) -> Judged:
    return judged(name, assessment=quiet(name, standing), **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        pytest.param(Standing(0.0), 1.0, id="at the level"),
        pytest.param(Standing(-log(3)), 0.36, id="odds three times too small: 4 x 1/10 x 9/10"),
        pytest.param(Standing(-30.0), 0.0, id="far below"),
        pytest.param(Standing(-inf), 0.0, id="nothing can reach a level"),
        pytest.param(Standing(-30.0, -30.0), 0.0, id="both tiers far below"),
        pytest.param(
            Standing(-30.0, 30.0), 1.0, id="the screen would have flagged it, the encoder not at all"
        ),
        pytest.param(Standing(-30.0, 0.0), 0.5, id="the screen was in doubt"),
        pytest.param(Standing(-log(3), log(3)), 0.8, id="the larger of both: 9/10 - 1/10"),
        pytest.param(None, 0.0, id="nobody was asked"),
    ],
)
def test_a_label_teaches_most_near_a_level_and_where_tiers_differ(
    standing: Standing | None, told: float
) -> None:
    assert informative(standing) == pytest.approx(told, abs=1e-6)
    assert learning_chance(standing, 0.2) == pytest.approx(0.2 * (FLOOR + (1 - FLOOR) * told), abs=1e-6)


@pytest.mark.parametrize("standing", [Standing(-800.0, 800.0), Standing(-inf, inf), FAR, AT_A_LEVEL, None])
def test_no_chance_is_nought_or_above_the_share(standing: Standing | None) -> None:
    assert 0.1 * FLOOR <= learning_chance(standing, 0.1) <= 0.1


def placed(name: str, share: float, standing: Standing, audit: float = 0.0) -> Placement:
    rules = Rules(PATIENCE_HOURS, audit, 0, timedelta(hours=1), share)
    drawn, learn = KEY.draw(name), KEY.draw(name, "learning")
    return place(Submission(name, "A soup."), quiet(name, standing), drawn, rules, learn)


@pytest.mark.parametrize(("standing", "chance"), [(AT_A_LEVEL, 0.05), (FAR, 0.005)], ids=["near", "far"])
def test_the_share_that_is_drawn_is_the_chance(standing: Standing, chance: float) -> None:
    count = 20_000
    drawn = sum(placed(f"p{number}", 0.05, standing).queue is Queue.LEARNING for number in range(count))
    assert abs(drawn - count * chance) < 4 * sqrt(count * chance * (1 - chance))


def test_what_the_audit_draws_has_nothing_to_do_with_what_is_learnt_from() -> None:
    count = 20_000
    told = [placed(f"p{number}", 0.1, AT_A_LEVEL, audit=0.1) for number in range(count)]
    both = sum(one.drawn and one.learnt for one in told)
    assert abs(both - count * 0.01) < 4 * sqrt(count * 0.01)
    assert {one.queue for one in told if one.drawn} == {Queue.RANDOM}
    assert {one.queue for one in told if one.learnt and not one.drawn} == {Queue.LEARNING}


def test_nothing_is_drawn_unless_an_operator_says_so(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    handed_in(desk, *(unflagged(f"p{number}") for number in range(20)))
    assert rows(desk, tasks) == rows(desk, learning) == []
    assert {row.text for row in rows(desk, items)} == {None}


def test_what_is_drawn_waits_with_its_chance_and_its_text_and_the_rest_with_neither(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(learning_share=0.3)
    told = handed_in(desk, *(unflagged(f"p{number}") for number in range(200)))
    waiting = [one.id for one in told if one.state is State.WAITING]
    assert 30 < len(waiting) < 90
    assert {one.queue for one in told} == {Queue.LEARNING, None}
    kept = {row.id for row in rows(desk, items) if row.text is not None}
    assert {row.item for row in rows(desk, learning)} == {row.item for row in rows(desk, tasks)} == kept
    assert {(row.chance, row.drawn) for row in rows(desk, learning)} == {(0.3, True)}
    assert {(row.queue, row.inclusion) for row in rows(desk, tasks)} == {("learning", None)}


def test_what_both_draws_take_is_one_task_of_the_audit(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1.0, learning_share=1.0)
    handed_in(desk, unflagged("p1", Standing(0.0)))
    assert [(row.queue, row.inclusion) for row in rows(desk, tasks)] == [("random", 1.0)]
    assert [(row.chance, row.drawn) for row in rows(desk, learning)] == [(1.0, True)]


def test_of_what_the_audit_alone_draws_the_other_chance_is_kept(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1.0, learning_share=1e-9)
    handed_in(desk, unflagged("p1", Standing(0.0)))
    assert [(row.chance, row.drawn) for row in rows(desk, learning)] == [(1e-9, False)]


def test_what_the_model_flags_or_cannot_judge_or_whose_answer_is_known_is_never_drawn(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(learning_share=1.0)
    near = Standing(0.0)
    handed_in(
        desk,
        judged("a", assessment=replace(assessed("a", "review"), standing=near)),
        judged("b", assessment=replace(assessed("b", "urgent"), standing=near)),
        judged("c", assessment=unscorable("c")),
        unflagged("d", near, expected=Expected(None)),
    )
    assert rows(desk, learning) == []
    assert [row.queue for row in rows(desk, tasks)] == ["review", "urgent", "unscorable", "golden"]


def test_handing_in_again_or_anew_after_erasure_draws_the_same(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(learning_share=0.5)
    batch = [unflagged(f"p{number}") for number in range(12)]
    first = [one.state for one in handed_in(desk, *batch)]
    assert set(first) == {State.WAITING, State.PASSED}
    assert [one.state for one in handed_in(desk, *batch)] == first
    for one in batch:
        desk.write(erase, one.submission.id, PLATFORM)
    assert [one.state for one in handed_in(desk, *batch)] == first


@pytest.mark.parametrize(
    ("notice", "queue"), [(NOTICE, "notices"), (ORDER, "orders")], ids=["notice", "order"]
)
def test_a_report_moves_what_waits_to_be_learnt_from_and_is_no_slower_for_it(
    make_desk: Callable[..., Desk], notice: Notice, queue: str
) -> None:
    desk = make_desk(learning_share=1.0)
    handed_in(desk, unflagged("at once", Standing(0.0), notice=notice), unflagged("later", Standing(0.0)))
    handed_in(desk, unflagged("later", Standing(0.0), notice=notice))
    told = rows(desk, tasks)
    assert [row.queue for row in told] == [queue] * 2
    assert told[0].serve_by == told[1].serve_by
    assert len(rows(desk, learning)) == 2


def test_they_are_served_as_they_came_whatever_the_model_says() -> None:
    rules = Rules(PATIENCE_HOURS, 0, 0, timedelta(hours=1), 0.1)
    due = {serve_by(Queue.LEARNING, priority, START, None, rules) for priority in (0.0, 0.5, 1.0)}
    assert due == {START + timedelta(hours=336)}


def test_none_is_drawn_to_be_decided_twice(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(learning_share=1.0, double_share=ALL)
    alice = reviewer(desk)
    handed_in(desk, unflagged("p1", Standing(0.0)))
    assert decided(desk, alice, DISMISS).number
    assert second_tasks(desk) == []


def test_near_copies_are_labelled_once(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(learning_share=1.0)
    sanna = reviewer(desk, "sanna", Role.SENIOR)
    text = recipe(3)
    handed_in(
        desk,
        judged("p1", text, "review"),
        *(judged(f"q{place}", text, assessment=quiet(f"q{place}", Standing(0.0))) for place in range(2)),
    )
    _, claim = claimed(desk, sanna, Queue.REVIEW)
    found = desk.read(find_alike, sanna, claim)
    assert [one.queue for one in found] == [Queue.LEARNING] * 2
    desk.write(decide_together, sanna, claim, [one.task for one in found], DISMISS)
    assert {row.state for row in rows(desk, tasks)} == {"done"}


def test_replay_tells_the_draw_with_its_probability(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(learning_share=1.0)
    handed_in(desk, unflagged("p1", Standing(0.0)))
    told = desk.read(replay, desk.read(find_item, "p1"))
    assert told.arrival.reasons == ({"why": "learning", "probability": 1.0},)


def test_what_a_scorer_says_of_a_text_reaches_the_draw(
    make_desk: Callable[..., Desk], toy_bundle: Path
) -> None:
    document = parse_policy(
        b'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\nseverity = "low"\n'
        b"review = 0.99\nurgent = 0.999\n",
        "kitchen.toml",
    )
    scorer = Scorer(read_bundle(toy_bundle), document, standings=True)
    desk = make_desk(audit_share=1.0, learning_share=1.0)
    given = [Submission("p1", "All Zorbians cook."), Submission("p2", "The match was a good one.")]
    found = assessed_by(scorer, given)
    handed_in(desk, *map(Judged, given, found))
    chances = [row.chance for row in rows(desk, learning)]
    assert chances == pytest.approx([learning_chance(one.standing, 1.0) for one in found])
    assert min(chances) > FLOOR
