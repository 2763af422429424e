"""Thresholds from decisions: how often they break their target, what is refused, and the file they make."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import numpy as np
import pytest

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.policy import Target, TargetKind, parse_policy
from tocsin.service.review.contract_testing import START
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.quality.decided import Decided, DecidedItem, evidence_of, read_decided
from tocsin.service.review.quality.evidence import Evidence
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.policy_refit import LevelRefit, refit_policies, rewritten
from tocsin.service.review.quality.refitting import place_of, rate_of, refit, threshold_at
from tocsin.service.review.quality.testing import Planted, Scored, plant
from tocsin.service.review.records import Reviewer, erase

DRAWS = 300
MOST_BROKEN = 0.09  # of 300 draws of at most 5%, three standard errors more
PERIOD = Period(START - timedelta(days=28), START)
AT = START - timedelta(days=3)
SOUP = "soup"
POLICY = """\
version = "1"

[policies.soup]
title = "Soup"
when = { any = ["hate"] }  # what it is about
severity = "high"
review = "precision 0.5" # keep this comment's place
urgent = "precision 0.8"

[policies.broth]
title = "Broth"
when = "threat"
severity = "low"
review = "budget 1%"
urgent = 0.9
"""


@pytest.mark.parametrize(
    ("platform", "target"),
    [
        pytest.param(
            Scored(20_000, 0.02, 3.0, 0.05, 2.3), "precision 0.8", id="precision, above what is flagged"
        ),
        pytest.param(Scored(20_000, 0.02, 3.0, 0.05, 2.3), "fpr 0.01", id="fpr, where flags begin"),
        pytest.param(Scored(20_000, 0.05, 1.5, 0.02, 1.5), "fpr 0.05", id="fpr, below"),
        pytest.param(Scored(20_000, 0.05, 1.5, 0.02, 1.5), "recall 0.5", id="recall of a weak model"),
    ],
)
def test_a_threshold_breaks_its_target_no_more_often_than_it_says(platform: Scored, target: str) -> None:
    random, asked = np.random.default_rng(1), Target.parse(target)
    broken = found = 0
    for _ in range(DRAWS):
        given = platform.arrive(random)
        place = place_of(asked, given)
        if place is not None:
            found += 1
            broken += not platform.keeps(asked, threshold_at(given, place))
    assert found > DRAWS / 2
    assert broken / DRAWS <= MOST_BROKEN


def evidence(hits: int, alarms: int, missed: int, quiet: int, weight: float) -> Evidence:
    """Return flagged items of high scores, and drawn ones of low ones."""
    counts = (hits, alarms, missed, quiet)
    scores = np.concatenate([np.linspace(0.7, 0.9, hits), np.linspace(0.5, 0.8, alarms),
                             np.linspace(0.1, 0.4, missed), np.linspace(0.0, 0.4, quiet)])  # fmt: skip
    return Evidence.of(
        scores,
        np.repeat([True, False, True, False], counts),
        np.repeat([1.0, 1.0, weight, weight], counts),
        np.repeat([False, False, True, True], counts),
    )


def test_an_audit_that_is_too_thin_says_how_many_labels_it_would_take() -> None:
    thin = refit(Target(TargetKind.RECALL, 0.6), evidence(100, 50, 0, 40, 100.0))
    assert thin.threshold is None
    assert thin.more_labels is not None
    assert (
        str(thin.why)
        == f"the random audit is too thin: it would take about {thin.more_labels:,} decided items more"
    )
    factor = (40 + thin.more_labels) / 40
    enough = evidence(100, 50, 0, 40 + thin.more_labels, 100.0 / factor)
    assert refit(Target(TargetKind.RECALL, 0.6), enough).threshold is not None


def test_a_target_that_no_threshold_keeps_says_so() -> None:
    found = refit(Target(TargetKind.PRECISION, 0.99), evidence(100, 400, 0, 100, 10.0))
    assert (found.threshold, found.more_labels) == (None, None)
    assert found.why == "no threshold keeps it, by what was decided"


@pytest.mark.parametrize("drawn", [0, 19])
def test_without_a_random_audit_nothing_is_refitted(drawn: int) -> None:
    found = refit(Target(TargetKind.FPR, 0.05), evidence(100, 50, 0, drawn, 10.0))
    assert found.why == f"the random audit has fewer than 20 decided items, {drawn}"


def test_a_threshold_is_reached_by_the_score_that_it_was_fitted_to() -> None:
    given = evidence(100, 50, 2, 200, 10.0)
    found = refit(Target(TargetKind.PRECISION, 0.5), given)
    assert found.threshold is not None
    assert 0 < np.min(np.abs(given.scores - found.threshold)) < 1e-6
    reached = given.weights[given.scores >= found.threshold].sum()
    assert found.flags == pytest.approx(reached)


def test_what_has_no_score_is_missed() -> None:
    given = evidence(100, 50, 0, 200, 1.0)
    unjudged = Evidence.of(
        np.append(given.scores, np.full(60, np.nan)),
        np.append(given.hits, np.full(60, True)),
        np.append(given.weights, np.ones(60)),
        np.append(given.drawn, np.full(60, False)),
    )
    target = Target(TargetKind.RECALL, 0.7)
    assert refit(target, given).threshold is not None
    assert refit(target, unjudged).threshold is None


def planted(desk: Desk, by: Reviewer) -> None:
    random = np.random.default_rng(1)
    made = []
    for score in np.round(random.uniform(0.6, 1.0, 300), 6):
        said = SOUP if random.random() < score else ""
        made.append(Planted(Level.REVIEW, AT, said, signals={"hate": score}, flags={SOUP: Level.REVIEW}))
    for score in np.round(random.uniform(0.0, 0.6, 400), 6):
        made.append(Planted(Level.NONE, AT, "", 0.5, drawn=True, signals={"hate": score}))  # noqa: PERF401
    made += [Planted(Level.NONE, AT, chance=0.5)] * 400
    desk.write(plant, by.number, made)


def levels(desk: Desk) -> tuple[Decided, list[LevelRefit]]:
    found = desk.read(read_decided, PERIOD)
    return found, refit_policies(parse_policy(POLICY.encode(), "my.toml"), found)


def test_a_policy_file_is_refitted_from_the_queue(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice)
    found, made = levels(desk)
    assert (found.arrived, len(found.items), found.model) == (1_100, 700, "d1")
    assert [(one.policy, one.level, one.refit is not None) for one in made] == [
        ("soup", "review", True),
        ("soup", "urgent", True),
        ("broth", "review", False),
        ("broth", "urgent", False),
    ]
    review, urgent = made[0].refit, made[1].refit
    assert review is not None and review.threshold is not None  # noqa: PT018
    assert urgent is not None and urgent.threshold is not None  # noqa: PT018
    assert review.threshold < urgent.threshold
    assert made[0].now.value == pytest.approx(0.8, abs=0.06)
    assert made[0].flagged == 300

    written = rewritten(POLICY, made, "kept at 95%")
    table = tomllib.loads(written)["policies"]
    assert table["soup"]["review"] == pytest.approx(review.threshold)
    assert table["soup"]["urgent"] == pytest.approx(urgent.threshold)
    assert table["broth"] == tomllib.loads(POLICY)["policies"]["broth"]
    assert (
        f"review = {review.threshold:.7g}  # precision 0.5: kept at 95%; keep this comment's place\n"
        in written
    )
    assert 'when = { any = ["hate"] }  # what it is about\n' in written
    parse_policy(written.encode(), "out.toml")


@pytest.mark.parametrize(
    ("review", "urgent", "kept"),
    [
        pytest.param('"fpr 0.003"', '"precision 0.5"', (True, True), id="which keeps a precision too"),
        pytest.param('"fpr 0.02"', '"fpr 0.02"', (True, True), id="the same"),
        pytest.param('"precision 0.85"', '"recall 0.8"', (True, False), id="which finds too little"),
        pytest.param('"precision 0.85"', "0.7", (False, False), id="below it is a number"),
        pytest.param('"recall 0.8"', "0.2", (True, False), id="a number that only finds more"),
    ],
)
def test_urgent_is_never_below_review_and_both_keep_their_targets(
    review: str, urgent: str, kept: tuple[bool, bool]
) -> None:
    random = np.random.default_rng(1)
    high, low = np.round(random.uniform(0.6, 1.0, 600), 6), np.round(random.uniform(0.0, 0.6, 800), 6)
    said = [SOUP if random.random() < score else None for score in high]
    given = [
        DecidedItem(what, 1.0, False, {"hate": score}, {}) for what, score in zip(said, high, strict=True)
    ]
    given += [DecidedItem(None, 2.0, True, {"hate": score}, {}) for score in low]
    asked = POLICY.replace('"precision 0.5"', review).replace('"precision 0.8"', urgent)
    document = parse_policy(asked.encode(), "my.toml")
    made = refit_policies(document, Decided(given, 2_200, "d1"))[:2]

    told = [one.refit.threshold if one.refit else None for one in made]
    assert tuple(one is not None for one in told) == kept
    if all(kept):
        assert told[1] >= told[0]  # type: ignore[operator]
    given_scores = evidence_of(Decided(given, 2_200, "d1"), document.policies[0])
    for one in made:
        if one.refit is None or one.refit.threshold is None:
            continue
        above = given_scores.at(int((given_scores.scores >= one.refit.threshold).sum()) - 1)
        assert one.refit.rate == rate_of(one.target, above, len(given))
        assert one.refit.rate.value is not None
        is_kept = one.refit.rate.value <= one.target.value
        assert is_kept if one.target.kind is TargetKind.FPR else one.refit.rate.value >= one.target.value


def test_a_file_that_writes_its_policies_otherwise_is_not_rewritten(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice)
    _, made = levels(desk)
    inline = 'version = "1"\npolicies = { soup = { review = "precision 0.5", urgent = "precision 0.8" } }\n'
    with pytest.raises(InputError, match=r"policies\.soup\.review must stand on a line of its own"):
        rewritten(inline, made, "kept")


def test_scores_of_two_bundles_are_not_mixed(desk: Desk, alice: Reviewer) -> None:
    other = Planted(Level.REVIEW, AT + timedelta(days=1), SOUP, model="d9")
    desk.write(plant, alice.number, [Planted(Level.REVIEW, AT, SOUP), other])
    with pytest.raises(InputError, match="one bundle must have scored all of the period, 2 did"):
        desk.read(read_decided, PERIOD)


def test_a_period_that_is_not_decided_is_refused(desk: Desk, alice: Reviewer) -> None:
    desk.write(plant, alice.number, [Planted(Level.REVIEW, AT, SOUP)] * 9 + [Planted(Level.REVIEW, AT)])
    with pytest.raises(InputError, match="at most 5% must wait, 1 of 10 do"):
        desk.read(read_decided, PERIOD)


def test_an_audit_that_is_not_decided_is_refused_however_much_was_flagged(
    desk: Desk, alice: Reviewer
) -> None:
    drawn = [Planted(Level.NONE, AT, said, chance=0.1, drawn=True) for said in ("", None)]
    desk.write(plant, alice.number, [Planted(Level.REVIEW, AT, SOUP)] * 400 + drawn * 10)
    with pytest.raises(InputError, match="at most 5% must wait, 50% of what people are to decide, by what"):
        desk.read(read_decided, PERIOD)


@pytest.mark.parametrize(("count", "refused"), [(1, False), (2, True)])
def test_what_a_schedule_has_erased_biases_no_threshold(
    desk: Desk, alice: Reviewer, count: int, refused: bool
) -> None:
    dismissed = [Planted(Level.REVIEW, AT, "")] * 50
    numbers = desk.write(plant, alice.number, [*dismissed, *[Planted(Level.REVIEW, AT, SOUP)] * 50])
    for number in numbers[:count]:
        desk.write(erase, f"planted-{number}", OPERATOR)
    if not refused:
        assert len(desk.read(read_decided, PERIOD).items) == 99
        return
    with pytest.raises(
        InputError, match="flagged or not judged and was decided at most 1% must be erased, 2 of 100"
    ):
        desk.read(read_decided, PERIOD)


def test_a_period_in_which_the_audit_was_off_is_refused(desk: Desk, alice: Reviewer) -> None:
    desk.write(plant, alice.number, [Planted(Level.REVIEW, AT, SOUP), Planted(Level.NONE, AT, chance=0.0)])
    with pytest.raises(InputError, match="was off when 1 items came"):
        desk.read(read_decided, PERIOD)
