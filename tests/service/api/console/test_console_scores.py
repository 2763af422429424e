"""Scores as people read them: a word and a number for each policy, and never a low score for no score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Reason, Status, Tier
from tocsin.policy import default_policy, parse_policy
from tocsin.service.api.console.item.scores import PolicyLine, Scores, scores_of
from tocsin.service.api.console.wording import (
    QUEUE_REASONS,
    QUEUE_TITLES,
    VERDICT_WORDS,
    actor_words,
    extent_words,
    plural,
    share,
)
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent
from tocsin.service.review.verdict import Verdict
from tocsin.signals import Signal

DOCUMENT = default_policy()
JUDGED = Assessment(
    "p1",
    Status.SCORED,
    None,
    "en",
    {**dict.fromkeys(Signal, 0.1), Signal.HATE: 0.62, Signal.CALL_TO_ACTION: None},
    (
        PolicyResult("incitement", 0.1, Level.NONE, certified=False),
        PolicyResult("recruitment", None, None, certified=False, missing=(Signal.CALL_TO_ACTION,)),
        PolicyResult("extremist_promotion", None, None, certified=False),
        PolicyResult("hate", 0.62, Level.URGENT, certified=True),
        PolicyResult("gone", 0.4, Level.REVIEW, certified=True),
    ),
    0.6,
    Tier.SCREEN,
    (),
    ModelStamp("kitchen", "1", "d1"),
    PolicyStamp(DOCUMENT.version, DOCUMENT.digest),
)


def told(assessment: Assessment | None = JUDGED, model: str = "d1") -> Scores:
    given: dict[str, Any] | None = None if assessment is None else assessment.to_dict()
    return scores_of(given, DOCUMENT, model)


def line(name: str) -> PolicyLine:
    found = told()
    return next(one for one in (*found.policies, *found.former) if one.name == name)


def test_policies_stand_in_the_order_of_their_file_under_the_keys_that_choose_them() -> None:
    assert [(one.name, one.key) for one in told().policies] == [
        ("incitement", "1"),
        ("recruitment", "2"),
        ("extremist_promotion", "3"),
        ("hate", "4"),
    ]


@pytest.mark.parametrize(
    ("name", "level", "score", "flags", "lacking"),
    [
        (
            "incitement",
            "below review",
            0.1,
            False,
            ["Too few labelled texts stand behind its thresholds to promise a rate."],
        ),
        ("recruitment", "not judged", None, False, ["Cannot be judged in this language: call to action."]),
        (
            "extremist_promotion",
            "not judged",
            None,
            False,
            ["Cannot be judged in this language: too little traffic stands behind its thresholds."],
        ),
        ("hate", "urgent", 0.62, True, []),
        ("gone", "review", 0.4, True, []),
    ],
    ids=["not certified", "a signal is missing", "no traffic", "certified", "a policy that is gone since"],
)
def test_each_policy_has_a_word_a_number_and_what_it_lacks(
    name: str, level: str, score: float | None, flags: bool, lacking: list[str]
) -> None:
    found = line(name)
    assert (found.level, found.score, found.flags, list(found.lacking)) == (level, score, flags, lacking)
    assert found.judged == (score is not None)


def test_under_a_policy_stand_its_signals_and_one_that_is_null_has_no_number() -> None:
    found = {one.words: one.value for one in line("recruitment").signals}
    assert found == {
        "call to action": None,
        "glorification": 0.1,
        "grievance": 0.1,
        "hate": 0.62,
        "extremism": 0.1,
    }


def test_the_law_is_pointed_at_by_its_own_names() -> None:
    assert list(line("hate").law) == ["hate speech (keyword of the EU's transparency database)"]
    assert line("incitement").law[0] == "Regulation (EU) 2021/784, Article 2(7)(a)"


def test_what_a_level_means_is_said_of_each_kind_of_target() -> None:
    document = parse_policy(
        b"""version = "1"
prevalence = 0.01
[policies.soup]
title = "Soup"
when = "hate"
severity = "low"
may_concern = ["The kitchen's rules, 4"]
review = "recall 80%"
urgent = 0.9
[policies.bread]
title = "Bread"
when = "threat"
severity = "low"
review = "fpr 0.05"
urgent = "precision 0.5"
""",
        "kitchen.toml",
    )
    soup, bread = scores_of(None, document, "d1").policies
    assert dict(soup.meaning) == {
        "review": "set so that at least 80 % of the texts that break it reach this level",
        "urgent": "a score of 0.9 or more; no rate is promised",
    }
    assert dict(bread.meaning) == {
        "review": "set so that at most 5 % of the texts that do not break it reach this level",
        "urgent": "set so that at least 50 % of what reaches this level breaks it",
    }
    assert list(soup.law) == ["The kitchen's rules, 4"]


@pytest.mark.parametrize(
    ("assessment", "why"),
    [
        pytest.param(
            replace(
                JUDGED, status=Status.UNSCORABLE, reason=reason, policies=(), signals=dict.fromkeys(Signal)
            ),
            words,
            id=reason.value,
        )
        for reason, words in (
            (Reason.EMPTY, "nothing in it can be read as words"),
            (Reason.TOO_LONG, "it is longer than the model reads"),
            (Reason.LANGUAGE, "its language is none that the model was tested in, or could not be told"),
        )
    ]
    + [
        pytest.param(
            replace(JUDGED, policies=JUDGED.policies[1:3]),
            "none of the policies can be judged in its language",
            id="scored, but no policy",
        )
    ],
)
def test_what_could_not_be_judged_says_why_and_has_no_level(assessment: Assessment, why: str) -> None:
    found = told(assessment)
    assert (found.unjudged, found.level, found.level_class) == (why, "not judged", "level-unknown")
    assert not any(one.judged for one in found.policies)


def test_what_was_judged_is_as_high_as_its_highest_policy() -> None:
    assert (told().unjudged, told().level) == (None, "urgent")


def test_that_model_or_policies_are_others_since_is_told() -> None:
    assert not told().stale
    assert told(model="d9").stale
    assert told(replace(JUDGED, policy=PolicyStamp("0", "other"))).stale


def test_of_an_erased_item_nothing_is_known() -> None:
    found = told(None)
    assert (found.known, found.unjudged, found.stale) == (False, None, False)
    assert not any(one.judged or one.flags for one in found.policies)


def test_every_word_that_the_code_knows_has_words_that_people_know() -> None:
    assert set(QUEUE_TITLES) == set(QUEUE_REASONS) == set(Queue)
    assert set(VERDICT_WORDS) == set(Verdict)
    assert all(extent_words(one, 1) for one in Extent)


def test_counts_shares_and_doers_read_as_people_say_them() -> None:
    assert (plural(1, "word"), plural(1_234, "word"), plural(2, "try", "tries")) == (
        "1 word",
        "1,234 words",
        "2 tries",
    )
    assert (share(0.05), share(0.005), share(1)) == ("5 %", "0.5 %", "100 %")
    assert (actor_words("reviewer:7"), actor_words("key:abc"), actor_words("system")) == (
        "reviewer 7",
        "the platform",
        "the system",
    )
    assert extent_words("sentence", 3) == "a sentence (3 times)"
