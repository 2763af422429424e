"""How near items come to a level, and how the tiers of a cascade differ in that."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest

from tocsin.assessment import Assessment, Level, Tier
from tocsin.models import Scorer, load, read_bundle
from tocsin.models.cascade import ClearingChoice
from tocsin.policy import PolicyDocument, parse_policy

TEXTS = ["Bring soup to the match.", "The Zorbians cook a pie.", "all quellish out", "", "A goal! " * 40]


def rules(review: float, urgent: float, when: str = '"hate"') -> PolicyDocument:
    return parse_policy(
        f'version = "1"\n[policies.one]\ntitle = "One"\nwhen = {when}\nseverity = "low"\n'
        f"review = {review}\nurgent = {urgent}\n".encode(),
        "rules.toml",
    )


def log_odds(share: float) -> float:
    return log(share) - log(1 - share)


def told(bundle: Path, policy: PolicyDocument, tier: Tier = Tier.SCREEN) -> list[Assessment]:
    return Scorer(read_bundle(bundle, tier=tier), policy, standings=True).assess(TEXTS)


def test_a_standing_is_the_log_odds_past_the_nearest_level(toy_bundle: Path) -> None:
    for one in told(toy_bundle, rules(0.6, 0.9)):
        if one.status == "unscorable":
            assert one.standing is None
            continue
        score = one.policies[0].score
        assert score is not None
        assert one.standing is not None
        assert one.standing.judged == pytest.approx(log_odds(score) - log_odds(0.6), abs=1e-9)
        assert one.standing.screened is None
        assert (one.standing.judged >= 0) == (one.level is not Level.NONE)


def test_nothing_is_told_unless_asked_for_and_nothing_else_changes(toy_bundle: Path) -> None:
    policy = rules(0.6, 0.9)
    without = Scorer(read_bundle(toy_bundle), policy).assess(TEXTS)
    assert {one.standing for one in without} == {None}
    found = told(toy_bundle, policy)
    assert found == without
    assert [one.to_dict() for one in found] == [one.to_dict() for one in without]


def test_what_the_encoder_read_after_the_screen_has_both(toy_cascade_bundle: Path) -> None:
    bundle, policy = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE), rules(0.6, 0.9)
    scorer = Scorer(bundle, policy, clearing=ClearingChoice(check=1.0), standings=True)
    near = scorer.closeness(TEXTS, ["en"] * len(TEXTS))
    found = scorer.assess(TEXTS)
    assert {one.tier for one in found} >= {Tier.ENCODER}
    for one, screened in zip(found, near.tolist(), strict=True):
        if one.tier is Tier.ENCODER:
            assert one.standing is not None
            assert one.standing.screened == pytest.approx(screened)
            assert one.standing.judged != one.standing.screened


def test_what_one_tier_judged_alone_has_no_second_opinion(toy_cascade_bundle: Path) -> None:
    for tier in (Tier.SCREEN, Tier.ENCODER):
        for one in told(toy_cascade_bundle, rules(0.6, 0.9), tier):
            assert one.standing is None or one.standing.screened is None


def test_a_policy_beside_counts_in_neither(toy_cascade_bundle: Path) -> None:
    bundle, policy = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE), rules(0.6, 0.9)
    choice, beside = ClearingChoice(check=1.0), (rules(0.001, 0.9),)
    alone = Scorer(bundle, policy, clearing=choice, standings=True).assess(TEXTS)
    both = Scorer(bundle, policy, clearing=choice, beside=beside, standings=True).assess(TEXTS)
    told_of = [
        (one.standing, other.standing)
        for one, other in zip(alone, both, strict=True)
        if one.tier == other.tier
    ]
    assert told_of
    assert all(one == other for one, other in told_of)


def test_explained_assessments_have_them_too(toy_bundle: Path) -> None:
    scorer = load(toy_bundle, policy=rules(0.001, 0.9), standings=True)
    assert [one.standing for one in scorer.assess(TEXTS, explain=True)] == [
        one.standing for one in scorer.assess(TEXTS)
    ]
