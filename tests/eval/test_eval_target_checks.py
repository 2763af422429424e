"""A target is held against the mixture that it was fitted on, where anybody knows that mixture."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.assessment import Level
from tocsin.eval.levels import Rate
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.statistics.mixture import Stratum, mixed_share
from tocsin.eval.subject import Subject
from tocsin.eval.target_checks import TargetCheck, Verdict, target_checks, target_of
from tocsin.eval.testing import blank_bundle, reading
from tocsin.example import Example
from tocsin.models.manifest import GateRecord, MemberRecord
from tocsin.policy import TargetKind
from tocsin.policy.parse import parse_policy
from tocsin.signals import Signal

HATE, THREAT, CALL = Signal.HATE, Signal.THREAT, Signal.CALL_TO_ACTION
POLICY = parse_policy(
    b"""
version = "1"
[policies.one]
title = "One"
when = "hate"
severity = "low"
review = 0.5
urgent = 0.9
[policies.either]
title = "Either"
when = { any = ["hate", "threat"] }
severity = "low"
review = 0.5
urgent = 0.9
[policies.both]
title = "Both"
when = { all = ["hate", "threat"] }
severity = "low"
review = 0.5
urgent = 0.9
[policies.lacking]
title = "One that the bundle has, one that it lacks"
when = { any = ["hate", "call_to_action"] }
severity = "low"
review = 0.5
urgent = 0.9
""",
    "toy.toml",
)
Told = dict[str, dict[str, int]]


def gate(policy: str, **changed: Any) -> GateRecord:
    whole = {
        "policy": policy,
        "level": "review",
        "language": "en",
        "target": "fpr 0.05",
        "certified": True,
        "confidence": 0.95,
        "threshold": 0.5,
        "positives": 400,
        "negatives": 3_000,
    }
    return GateRecord.model_validate(whole | changed)


def members(*signals: Signal) -> dict[Signal, MemberRecord]:
    return dict.fromkeys(signals, MemberRecord(threshold=0.5, positives=100, negatives=1_000))


def subject(negatives: Told) -> Subject:
    """Return one whose training record counts negatives, by corpus and signal."""
    counts = {
        corpus: {signal: {"en": {"positives": 5, "negatives": count}} for signal, count in told.items()}
        for corpus, told in negatives.items()
    }
    return reading(
        [Example("r1", "en 0.5 soup", "en", "kitchen", "CC0-1.0")],
        {"calibration_rows": counts},
        blank_bundle({HATE: ("en",), THREAT: ("en",)}),
        POLICY,
    )


def rates(policy: str, level: Level = Level.REVIEW, **hits: tuple[int, int]) -> list[Rate]:
    return [
        Rate("fpr", corpus, "en", policy, level, rows, reached, 0, proportion(reached, rows))
        for corpus, (reached, rows) in hits.items()
    ]


def checked(negatives: Told, found: GateRecord, tested: list[Rate]) -> TargetCheck | None:
    checks = list(target_checks(subject(negatives), [found], tested))
    assert len(checks) <= 1
    return checks[0] if checks else None


def test_a_target_is_held_against_corpora_in_the_proportions_that_it_was_fitted_on() -> None:
    found = checked(
        {"kitchen": {"hate": 300}, "stadium": {"hate": 100, "threat": 900}, "pantry": {"threat": 70}},
        gate("one"),
        [
            *rates("one", kitchen=(20, 200), stadium=(25, 50), larder=(9, 90)),
            *rates("both", kitchen=(1, 900)),
        ],
    )
    assert found is not None
    assert (found.corpora, found.rows) == (2, 250)
    assert found.share == mixed_share([Stratum(300, 20, 200), Stratum(100, 25, 50)])
    assert found.share.value == pytest.approx(0.2)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"kind": "recall"}, id="recall"),
        pytest.param({"kind": "audit"}, id="an-audit"),
        pytest.param({"level": Level.URGENT}, id="another-level"),
        pytest.param({"language": "de"}, id="another-language"),
        pytest.param({"policy": "both"}, id="another-policy"),
    ],
)
def test_other_rates_of_the_same_corpus_tell_nothing(other: dict[str, Any]) -> None:
    place = {"kind": "fpr", "rows_of": "kitchen", "language": "en", "policy": "one", "level": Level.REVIEW}
    tested = [Rate(**place | other, rows=100, hits=90, unjudged=0, share=proportion(90, 100))]
    assert checked({"kitchen": {"hate": 300}}, gate("one"), tested) is None
    found = checked({"kitchen": {"hate": 300}}, gate("one"), [*tested, *rates("one", kitchen=(1, 180))])
    assert found is not None
    assert found.rows == 180


@pytest.mark.parametrize(
    ("untested", "known"),
    [pytest.param(10, True, id="one-in-a-hundred"), pytest.param(11, False, id="more-than-one")],
)
def test_a_mixture_that_is_not_tested_whole_is_not_checked(untested: int, known: bool) -> None:
    told = {"kitchen": {"hate": 990}, "stadium": {"hate": untested}}
    found = checked(told, gate("one"), rates("one", kitchen=(20, 200)))
    assert (found is not None) is known
    assert found is None or found.corpora == 1


@pytest.mark.parametrize("target", ["recall 0.8", "precision 0.5", "0.5", "budget 0.01"])
def test_targets_of_other_kinds_are_not_checked(target: str) -> None:
    found = checked({"kitchen": {"hate": 300}}, gate("one", target=target), rates("one", kitchen=(1, 180)))
    assert found is None


@pytest.mark.parametrize(("rows", "told"), [(100, True), (99, False)], ids=["five", "fewer"])
def test_a_target_is_checked_where_five_negatives_would_be_above_it_by_themselves(
    rows: int, told: bool
) -> None:
    found = checked({"kitchen": {"hate": 300}}, gate("one"), rates("one", kitchen=(0, rows)))
    assert (found is not None) is told


def test_a_record_that_counts_nothing_checks_nothing() -> None:
    one = reading([Example("r1", "en 0.5 soup", "en", "kitchen", "CC0-1.0")], policy=POLICY)
    assert list(target_checks(one, [gate("one")], rates("one", kitchen=(1, 180)))) == []


# Policies of several signals: the record counts by signal, so who decides the whole must be told apart.


@pytest.mark.parametrize(
    ("policy", "negatives", "known"),
    [
        pytest.param("either", {"kitchen": {"hate": 9, "threat": 5}}, True, id="one-corpus-tells-both"),
        pytest.param(
            "either",
            {"kitchen": {"hate": 9, "threat": 5}, "stadium": {"hate": 900}},
            True,
            id="another-tells-one-of-both-and-so-no-negative-of-either",
        ),
        pytest.param(
            "either",
            {"kitchen": {"hate": 9, "threat": 5}, "stadium": {"hate": 9, "threat": 5}},
            False,
            id="two-corpora-tell-both",
        ),
        pytest.param(
            "either", {"kitchen": {"hate": 9, "threat": 0}}, False, id="no-corpus-tells-a-negative-of-either"
        ),
        pytest.param("both", {"kitchen": {"hate": 9}}, True, id="one-no-decides-both"),
        pytest.param(
            "both",
            {"kitchen": {"hate": 9, "threat": 5}, "stadium": {"hate": 900}},
            False,
            id="one-no-of-another-corpus-decides-both-too",
        ),
        pytest.param(
            "lacking", {"kitchen": {"hate": 9}, "stadium": {"hate": 3}}, True, id="one-signal-is-left"
        ),
    ],
)
def test_the_mixture_of_several_signals_is_known_where_one_corpus_decides(
    policy: str, negatives: Told, known: bool
) -> None:
    found = checked(negatives, gate(policy), rates(policy, kitchen=(4, 100), stadium=(2, 100)))
    assert (found is not None) is known


def test_thresholds_of_several_signals_were_fitted_on_no_one_mixture() -> None:
    """Each was fitted on all rows of its own signal, whichever corpus decides the whole."""
    told = {"kitchen": {"hate": 9, "threat": 5}, "stadium": {"hate": 9_000}}
    apart = gate("either", certified=False, threshold=None, members=members(HATE, THREAT))
    assert checked(told, apart, rates("either", kitchen=(0, 59))) is None
    alone = gate("one", certified=False, threshold=None, members=members(HATE))
    assert checked(told, alone, rates("one", kitchen=(0, 59), stadium=(0, 70))) is not None


# Verdicts.


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        pytest.param(Estimate(0.04, 0.03, 0.09), Verdict.KEPT, id="below"),
        pytest.param(Estimate(0.05, 0.03, 0.09), Verdict.KEPT, id="just-met"),
        pytest.param(Estimate(0.06, 0.05, 0.09), Verdict.CHANCE, id="above-and-the-interval-reaches-down"),
        pytest.param(Estimate(0.06, 0.0501, 0.09), Verdict.MISSED, id="the-whole-interval-is-above"),
    ],
)
def test_a_target_is_missed_where_chance_cannot_explain_it(share: Estimate, verdict: Verdict) -> None:
    assert TargetCheck(gate("one"), 1, 100, share).verdict is verdict


@pytest.mark.parametrize(
    ("hits", "verdict"), [(4, Verdict.KEPT), (60, Verdict.CHANCE), (90, Verdict.MISSED)], ids=str
)
def test_records_become_verdicts(hits: int, verdict: Verdict) -> None:
    found = checked({"kitchen": {"hate": 300}}, gate("one"), rates("one", kitchen=(hits, 1_000)))
    assert found is not None
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("target", "kind", "value"),
    [
        ("fpr 0.005", TargetKind.FPR, 0.005),
        ("0.5", TargetKind.NUMBER, 0.5),
        ("recall 0.8", TargetKind.RECALL, 0.8),
    ],
)
def test_a_record_s_target_is_read_back(target: str, kind: TargetKind, value: float) -> None:
    found = target_of(gate("one", target=target))
    assert (found.kind, found.value) == (kind, value)
