"""Features of a dialect are found in posts, and posts with them compared with posts without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Status
from tocsin.eval.fairness import dialect_tables as module
from tocsin.eval.fairness.dialect import FEATURES, features
from tocsin.eval.fairness.dialect_tables import dialect_findings, dialect_tables
from tocsin.eval.statistics.intervals import Estimate, proportions_apart
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Marked, Table, bare
from tocsin.example import Example, Label
from tocsin.item import Item
from tocsin.signals import Signal

SHOWN = {
    "gon, finna, tryna, bouta, imma": ["we finna cook", "She gon bake", "TRYNA eat", "gone be late"],
    "ion, iont (I don't)": ["iont cook", "ion know the recipe"],
    "talmbout (talking about)": ["what you talmbout"],
    "y'all": ["y'all eat", "y\u2019all eat", "yall eat"],
    "ain't": ["it ain't done", "aint it nice"],
    "da, dat, dem (d for th)": ["dat soup", "in da oven"],
    "-in' for -ing": ["we cookin", "cookin' soup", "nothin here"],
    "habitual be": ["he be cooking", "they always be bakin'"],
    "completed done": ["she done baked it"],
    "multiple negation": ["don't want no soup", "never ate nothing"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in SHOWN for text in SHOWN[name]])
def test_each_feature_is_found_where_it_stands(name: str, text: str) -> None:
    assert name in features(text)


def test_every_feature_is_shown() -> None:
    assert set(SHOWN) == set(FEATURES)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("I am going to cook and we are not done", id="standard"),
        pytest.param("again the train with grain", id="words-that-end-in-in"),
        pytest.param("an ion in the solution", id="chemistry"),
        pytest.param("he will be cooking", id="a-plain-future"),
        pytest.param("we have done it", id="a-plain-perfect"),
        pytest.param("dismal data, demand", id="words-that-begin-alike"),
        pytest.param("I do not want any soup", id="one-negation"),
    ],
)
def test_common_english_carries_none(text: str) -> None:
    assert features(text) == frozenset()


# The audit, on a reader that flags whatever names soup.


class SoupReader:
    """Review whatever names soup, judge nothing that names bread."""

    bundle = None

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        return [self._assessed(item) for item in items]

    def _assessed(self, item: Item) -> Assessment:
        null = "bread" in item.text
        level = None if null else Level.REVIEW if "soup" in item.text else Level.NONE
        return Assessment(
            id=item.id,
            status=Status.SCORED,
            reason=None,
            language="en",
            signals={Signal.HATE: None if null else 0.4},
            policies=(PolicyResult("hate", None if null else 0.4, level, certified=False),),
            priority=None,
            tier=None,
            spans=(),
            model=ModelStamp("toy", "1", "sha256:0"),
            policy=PolicyStamp("1", "sha256:0"),
        )


@pytest.fixture(autouse=True)
def _without_balanced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the rule out that reads a bundle: the toy has none."""
    monkeypatch.setattr(module, "RULES", {"review": "", "urgent": ""})


def audited(examples: Sequence[Example]) -> dict[str, Table]:
    return {table.name: table for table in dialect_tables(Subject(cast(Any, SoupReader()), examples))}


def rows(
    text: str, count: int, label: Label = Label.NEGATIVE, kind: str = "offensive", corpus: str = "davidson"
) -> list[Example]:
    return [
        Example(
            f"{corpus}:{kind}:{text}:{number}",
            text,
            "en",
            corpus,
            "CC0-1.0",
            {Signal.HATE: label},
            attributes={"class": kind},
        )
        for number in range(count)
    ]


PLAIN = [
    *rows("a soup", 10),
    *rows("a stew", 40),
    *rows("a soup", 5, kind="neither"),
    *rows("a stew", 45, kind="neither"),
]
MARKED = [*rows("y'all soup", 15), *rows("y'all stew", 15), *rows("finna stew", 30, kind="neither")]


def test_posts_with_a_feature_are_compared_with_posts_without_by_label_and_level() -> None:
    table = audited([*PLAIN, *MARKED])["dialect"]
    (whole,) = table.find({"labelled": "not hate", "level": "review"})
    assert (whole["with_rows"], whole["without_rows"]) == (60, 100)
    ours, theirs = bare(whole["with_rate"]), bare(whole["without_rate"])
    assert isinstance(ours, Estimate)
    assert isinstance(theirs, Estimate)
    assert (ours.value, theirs.value) == (0.25, 0.15)
    assert whole["apart"] == proportions_apart(15, 60, 15, 100)
    (offensive,) = table.find({"labelled": "offensive", "level": "review"})
    assert offensive["with_rows"] == Marked(30, "few")
    assert offensive["apart"] == Marked(proportions_apart(15, 30, 10, 50), "clear")
    (neither,) = table.find({"labelled": "neither", "level": "review"})
    assert bare(neither["apart"]) == proportions_apart(0, 30, 5, 50)
    (urgent,) = table.find({"labelled": "not hate", "level": "urgent"})
    assert urgent["times"] is None


def test_hateful_unlabelled_unjudged_and_other_rows_are_out() -> None:
    others = [
        *rows("y'all soup", 40, Label.POSITIVE),
        *rows("y'all soup", 40, Label.UNKNOWN),
        *rows("y'all bread soup", 40),
        *rows("y'all soup", 40, corpus="canteen"),
    ]
    assert audited([*PLAIN, *MARKED, *others]) == audited([*PLAIN, *MARKED])


def test_features_are_compared_with_posts_that_carry_none() -> None:
    table = audited([*PLAIN, *MARKED])["dialect-features"]
    found = {row["feature"]: (bare(row["with_rows"]), row["without_rows"]) for row in table.rows}
    assert found == {"y'all": (30, 100), "gon, finna, tryna, bouta, imma": (30, 100)}


def test_too_few_posts_are_no_audit() -> None:
    assert audited([*PLAIN, *rows("y'all soup", 19)]) == {}
    assert "dialect" in audited([*PLAIN, *rows("y'all soup", 20)])
    assert audited(rows("y'all soup", 99, corpus="canteen")) == {}


@pytest.mark.parametrize(
    ("marked", "verdict"),
    [
        pytest.param(rows("y'all soup", 60), "a clear gap", id="all-flagged"),
        pytest.param([*rows("y'all soup", 9), *rows("y'all stew", 51)], "no clear gap", id="as-many"),
        pytest.param(rows("y'all stew", 99), "clearly fewer", id="none-flagged"),
    ],
)
def test_the_finding_says_whether_there_is_a_gap(marked: list[Example], verdict: str) -> None:
    (finding,) = dialect_findings(list(audited([*PLAIN, *marked]).values()))
    assert verdict in finding
    assert "15.0% of those without" in finding
    assert "rough proxy" in finding


def test_nothing_audited_is_no_finding() -> None:
    assert list(dialect_findings([])) == []
