"""Suite "false-positives": what each policy flags that it should leave alone, and what it is held to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tocsin.eval.audits import AUDITS
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.false_positives import ABOVE, SUITE
from tocsin.eval.tables import Marked, Row, Table, bare
from tocsin.eval.testing import reading
from tocsin.example import Example, Label
from tocsin.signals import Signal

HATE = Signal.HATE
YES, NO = Label.POSITIVE, Label.NEGATIVE
OFFENSIVE: Mapping[str, Mapping[str, str]] = {
    "hatexplain": {"category": "offensive"},
    "davidson": {"class": "offensive"},
}


def rows(
    corpus: str,
    count: int,
    *,
    review: int = 0,
    urgent: int = 0,
    label: Label | None = None,
    attributes: Mapping[str, str] | None = None,
) -> list[Example]:
    """Return rows of which so many are at review or urgent, and so many at urgent."""
    scores = ["0.95"] * urgent + ["0.6"] * (review - urgent) + ["0.1"] * (count - review)
    return [
        Example(
            f"{corpus}:{label}:{attributes}:{number}",
            f"en {score} of the soup.",
            "en",
            corpus,
            "CC0-1.0",
            {HATE: label} if label else {},
            attributes=attributes or {},
        )
        for number, score in enumerate(scores)
    ]


def offensive(corpus: str, count: int, review: int, urgent: int) -> list[Example]:
    return rows(corpus, count, review=review, urgent=urgent, label=NO, attributes=OFFENSIVE[corpus])


EXAMPLES = [
    *rows("kitchen", 200, review=100, urgent=40, label=YES),
    *rows("hatexplain", 200, review=150, urgent=60, label=YES),
    *rows("hatexplain", 200, review=18, urgent=0, label=NO),
    *offensive("hatexplain", 200, 42, 11),  # with those before, 60 of 400 negatives: 15%
    *offensive("davidson", 100, 90, 5),
    *rows("pheme", 1_000, review=40, urgent=11),
    *rows("muc", 50, review=3, urgent=0),
    *rows("hatecheck", 30, review=9, urgent=2, label=NO, attributes={"functionality": "quoting"}),
    *rows("hatecheck", 40, review=2, urgent=0, label=NO, attributes={"functionality": "naming"}),
    *rows("hatecheck", 60, review=30, urgent=6, label=YES, attributes={"functionality": "meaning it"}),
]


@pytest.fixture(scope="module")
def measured() -> Measured:
    return SUITE.measure(reading(EXAMPLES), lambda _: None)


def audit(found: Measured, name: str, policy: str = "hate") -> Row:
    (row,) = found.tables[0].find({"policy": policy, "audit": name})
    return row


@pytest.mark.parametrize(
    ("name", "review", "allowed", "above"),
    [
        pytest.param("pheme", (40, 11, 1_000), (0.05, 0.01), (False, True), id="4%-and-1.1%"),
        pytest.param("muc documents", (3, 0, 50), (0.05, 0.01), (True, False), id="6%-and-0%"),
        pytest.param(
            "hatexplain offensive", (42, 11, 200), (0.3, 0.05), (False, True), id="21%-of-twice-15%-and-5.5%"
        ),
        pytest.param(
            "davidson offensive", (90, 5, 100), (None, 0.05), (False, False), id="nothing-to-compare-and-5%"
        ),
    ],
)
def test_a_share_above_what_is_allowed_is_marked(
    name: str,
    review: tuple[int, int, int],
    allowed: tuple[float | None, float],
    above: tuple[bool, bool],
    measured: Measured,
) -> None:
    row, (at_review, at_urgent, texts) = audit(measured, name), review
    assert row["texts"] == texts
    assert bare(row["review"]) == proportion(at_review, texts)
    assert bare(row["urgent"]) == proportion(at_urgent, texts)
    assert (row["review_allowed"], row["urgent_allowed"]) == pytest.approx(allowed)
    assert tuple(isinstance(row[level], Marked) for level in ("review", "urgent")) == above
    assert {value.mark for value in row.values() if isinstance(value, Marked)} <= {ABOVE}


def test_more_than_twice_a_corpus_s_own_negatives_is_above() -> None:
    few = [row for row in EXAMPLES if row.corpus != "hatexplain" or row.label(HATE) is YES]
    own = rows("hatexplain", 800, review=18, label=NO)
    found = SUITE.measure(reading([*few, *own, *offensive("hatexplain", 200, 42, 11)]), lambda _: None)
    row = audit(found, "hatexplain offensive")
    assert row["review_allowed"] == pytest.approx(2 * 60 / 1_000)
    assert isinstance(row["review"], Marked)


def test_what_an_allowance_is_twice_of_is_told(measured: Measured) -> None:
    (told,) = [note for note in measured.tables[0].notes if note.startswith("Allowed at review")]
    assert "`hate` · hatexplain offensive: 2 × 15.0%, of 400 negatives" in told


def test_each_policy_has_its_audits_in_one_order(measured: Measured) -> None:
    places = [(row["policy"], row["audit"]) for row in measured.tables[0].rows]
    here = ["muc documents", "muc sentences", "pheme", "hatexplain offensive", "davidson offensive"]
    assert [name for policy, name in places if policy == "hate"] == here
    assert len(places) == 4 * len(here)


def test_an_audit_that_had_nothing_to_measure_is_told(measured: Measured) -> None:
    note = measured.tables[0].notes[0]
    assert note == (
        "Not measured, for fewer than 20 texts are here that can be judged: collective-action test, cad"
        " CounterSpeech."
    )
    assert {row["audit"] for row in measured.tables[0].rows} | {
        "collective-action test",
        "cad CounterSpeech",
    } == {*AUDITS}


def test_audits_stand_beside_the_recall_at_the_same_thresholds(measured: Measured) -> None:
    assert (
        "Recall of `hate` at the same thresholds (review / urgent):"
        " hatecheck 50.0% / 10.0%; hatexplain 75.0% / 30.0%; kitchen 50.0% / 20.0%."
    ) in measured.tables[0].notes
    assert (
        "Recall of `incitement` at the same thresholds: not measured, too few test rows are positive for all"
        " of it."
    ) in measured.tables[0].notes


def test_harmless_functionalities_are_shown_one_by_one(measured: Measured) -> None:
    found = measured.tables[1]
    assert [tuple(row.values()) for row in found.rows] == [
        ("naming", 40, proportion(2, 40), proportion(0, 40)),
        ("quoting", 30, proportion(9, 30), proportion(2, 30)),
    ]
    assert found.notes == [
        "Recall of `hate` at the same thresholds (review / urgent): hatecheck 50.0% / 10.0%."
    ]


def test_the_worst_is_told_first_and_no_more_than_six_things_are(measured: Measured) -> None:
    assert len(measured.findings) == 6
    worst, *_, within, most, functionality = measured.findings
    assert "flags 6.0% of muc" in worst
    assert worst.endswith("at review: more than the 5.0% allowed.")
    # Nine of each policy, but for two that no corpus has other negatives of; four of each are above.
    assert within == "Of 34 shares that are held to something, 18 are within what is allowed."
    assert most.startswith(
        "Most often flagged of what should be left alone: davidson offensive, 90.0% of 100"
    )
    assert "quoting are flagged most: 30% of 30 at review" in functionality


def test_where_all_is_within_what_is_allowed_it_says_so() -> None:
    found = SUITE.measure(reading(rows("pheme", 100)), lambda _: None)
    assert found.findings[0] == "Of 8 shares that are held to something, 8 are within what is allowed."


@pytest.mark.parametrize(
    "examples",
    [
        pytest.param(rows("kitchen", 200, label=NO), id="none-of-the-corpora"),
        pytest.param(rows("pheme", 19), id="too-few-rows-of-one"),
        pytest.param(rows("hatexplain", 50, label=NO), id="none-of-the-audited-rows"),
    ],
)
def test_without_anything_to_audit_it_is_not_run_and_names_what_it_needs(examples: list[Example]) -> None:
    with pytest.raises(NotRun) as told:
        SUITE.measure(reading(examples), lambda _: None)
    assert str(told.value) == (
        "needs 20 test rows to audit that can be judged, of one of the corpora cad, collective-action,"
        " davidson, hatexplain, muc, pheme: had fewer of each"
    )


def test_the_toy_bundle_is_audited_from_end_to_end(toy_subject: Subject) -> None:
    found = SUITE.measure(toy_subject, lambda _: None)
    assert {row["audit"] for row in found.tables[0].rows} == {"collective-action test"}


def test_progress_is_told() -> None:
    told: list[str] = []
    SUITE.measure(reading(rows("pheme", 30)), told.append)
    assert told == ["auditing false positives"]


def test_a_row_is_found_by_policy_and_audit(measured: Measured) -> None:
    tables: list[Table] = list(measured.tables)
    assert [one.keys for one in tables] == [("policy", "audit"), ("functionality",)]
    places = [tuple(row[key] for key in tables[0].keys) for row in tables[0].rows]
    assert len(set(places)) == len(places)
