"""Texts that a policy should leave alone are counted apart, and held to what they may come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Status
from tocsin.eval.audits import AUDITS, allowance, audit_rates, functionality_rates
from tocsin.eval.levels import Rate
from tocsin.eval.statistics.intervals import proportion
from tocsin.example import Example, Label, Split
from tocsin.item import Item
from tocsin.policy import PolicyDocument
from tocsin.policy.parse import parse_policy
from tocsin.signals import Signal

HATE = Signal.HATE
YES, NO, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.UNKNOWN
REVIEW, URGENT = Level.REVIEW, Level.URGENT
POLICY = parse_policy(
    b"""
version = "1"
[policies.hate]
title = "Hate"
when = { any = ["hate"] }
severity = "low"
review = 0.5
urgent = 0.9
[policies.threat]
title = "Threat"
when = { any = ["threat"] }
severity = "low"
review = 0.5
urgent = 0.9
""",
    "toy.toml",
)


class Reader:
    """Give every item the level that its text's first word names, "null" for none, in every policy."""

    def __init__(self) -> None:
        self.seen: list[Item] = []

    @property
    def policy(self) -> PolicyDocument:
        return POLICY

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        self.seen.extend(items)
        return [self._assessed(item) for item in items]

    def _assessed(self, item: Item) -> Assessment:
        word = item.text.split()[0]
        level = None if word == "null" else Level(word) if word in {"review", "urgent"} else Level.NONE
        results = [PolicyResult(one.name, None, level, certified=False) for one in POLICY.policies]
        return Assessment(
            id=item.id,
            status=Status.SCORED,
            reason=None,
            language="en",
            signals={},
            policies=tuple(results),
            priority=None,
            tier=None,
            spans=(),
            model=ModelStamp("toy", "1", "sha256:0"),
            policy=POLICY.stamp,
        )


def rows(
    said: str,
    count: int,
    corpus: str,
    attributes: Mapping[str, str] | None = None,
    label: Label = UNKNOWN,
) -> list[Example]:
    return [
        Example(
            f"{corpus}:{said}:{number}",
            f"{said} soup",
            "en",
            corpus,
            "CC0-1.0",
            {HATE: label},
            split=Split.TEST,
            attributes=attributes or {},
        )
        for number in range(count)
    ]


def audited(examples: Sequence[Example]) -> tuple[dict[tuple[str, str, Level], Rate], Reader]:
    reader, once = Reader(), Reader()
    assessments = once.assess([Item(row.id, row.text, row.language) for row in examples])
    found = audit_rates(reader, examples, assessments)
    return {(rate.rows_of, rate.policy, rate.level): rate for rate in found}, reader


def test_every_audit_is_over_the_rows_that_it_names() -> None:
    found, _ = audited(
        [
            *rows("review", 25, "muc"),
            *rows("none", 30, "pheme"),
            *rows("urgent", 20, "collective-action"),
            *rows("urgent", 99, "kitchen", {"category": "offensive", "class": "offensive"}),
            *rows("review", 21, "hatexplain", {"category": "offensive", "said of": "soup"}),
            *rows("urgent", 40, "hatexplain", {"category": "normal"}),
            *rows("review", 22, "davidson", {"class": "offensive"}),
            *rows("urgent", 40, "davidson", {"class": "neither"}),
            *rows("review", 23, "cad", {"labels": "CounterSpeech"}),
            *rows("urgent", 40, "cad", {"labels": "CounterSpeech,PersonDirectedAbuse"}),
        ]
    )
    for policy in ("hate", "threat"):
        counted = {
            rows_of: (rate.rows, rate.hits)
            for (rows_of, name, level), rate in found.items()
            if (name, level) == (policy, REVIEW)
        }
        assert counted == {
            "muc documents": (25, 25),
            "pheme": (30, 0),
            "collective-action test": (20, 20),
            "hatexplain offensive": (21, 21),
            "davidson offensive": (22, 22),
            "cad CounterSpeech": (23, 23),
        }
    assert {rate.kind for rate in found.values()} == {"audit"}
    assert found["hatexplain offensive", "hate", URGENT].hits == 0


def test_audits_need_no_label_and_leave_the_unjudged_out() -> None:
    found, _ = audited([*rows("review", 4, "pheme"), *rows("none", 20, "pheme"), *rows("null", 9, "pheme")])
    rate = found["pheme", "threat", REVIEW]
    assert (rate.rows, rate.hits, rate.unjudged) == (24, 4, 9)


def test_an_audit_of_sentences_cuts_reports_and_drops_fragments() -> None:
    said = (
        'The match was won late. Mr. A. said so! "Who scored the goal?" (Nobody in the stadium knew.) Fine.'
    )
    _, reader = audited([Example("muc:1", said, "en", "muc", "CC0-1.0")])
    assert [item.text for item in reader.seen] == [
        "The match was won late.",
        "Who scored the goal?",
        "(Nobody in the stadium knew.",
    ]
    assert {item.language for item in reader.seen} == {"en"}
    assert len({item.id for item in reader.seen}) == 3


def test_whole_rows_are_not_judged_twice() -> None:
    _, reader = audited(rows("none", 30, "pheme"))
    assert reader.seen == []


# What an audit allows.


def rate(kind: str, rows_of: str, level: Level, hits: int, total: int, policy: str = "hate") -> Rate:
    return Rate(kind, rows_of, "en", policy, level, total, hits, 0, proportion(hits, total))


OWN = [rate("fpr", "hatexplain", REVIEW, 40, 400), rate("fpr", "hatexplain", URGENT, 8, 400)]


@pytest.mark.parametrize(
    ("audit", "level", "share"),
    [
        pytest.param("muc documents", REVIEW, 0.05, id="news-at-review"),
        pytest.param("muc sentences", URGENT, 0.01, id="news-at-urgent"),
        pytest.param("collective-action test", REVIEW, 0.05, id="action-at-review"),
        pytest.param("hatexplain offensive", REVIEW, 0.2, id="offence-at-review-twice-its-own"),
        pytest.param("hatexplain offensive", URGENT, 0.05, id="offence-at-urgent"),
        pytest.param("davidson offensive", URGENT, 0.05, id="without-negatives-urgent-stands"),
        pytest.param("davidson offensive", REVIEW, None, id="without-negatives-nothing-to-compare"),
    ],
)
def test_an_audit_allows_what_the_taxonomy_says(audit: str, level: Level, share: float | None) -> None:
    found = allowance(rate("audit", audit, level, 3, 200), OWN)
    assert (found.share if found else None) == share


def test_twice_the_rate_names_what_it_is_twice_of() -> None:
    found = allowance(rate("audit", "hatexplain offensive", REVIEW, 3, 200), OWN)
    assert found is not None
    assert found.twice is OWN[0]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([rate("fpr", "hatexplain", REVIEW, 40, 200)], id="the-audited-rows-themselves"),
        pytest.param([rate("recall", "hatexplain", REVIEW, 40, 400)], id="positives"),
        pytest.param([rate("fpr", "hatexplain", REVIEW, 40, 400, "threat")], id="another-policy"),
        pytest.param([rate("fpr", "hatexplain", URGENT, 40, 400)], id="another-level"),
        pytest.param([rate("fpr", "davidson", REVIEW, 40, 400)], id="another-corpus"),
    ],
)
def test_nothing_else_stands_in_for_a_corpus_s_own_negatives(others: list[Rate]) -> None:
    assert allowance(rate("audit", "hatexplain offensive", REVIEW, 3, 200), others) is None


def test_every_audit_of_the_taxonomy_is_there() -> None:
    assert set(AUDITS) == {
        "muc documents",
        "muc sentences",
        "pheme",
        "collective-action test",
        "hatexplain offensive",
        "davidson offensive",
        "cad CounterSpeech",
    }


# Functionalities.


def by_functionality(examples: Sequence[Example]) -> dict[tuple[str, str, Level], tuple[int, int]]:
    reader = Reader()
    assessments = reader.assess([Item(row.id, row.text, row.language) for row in examples])
    found = functionality_rates(reader, examples, assessments)
    return {(one.rows_of, one.policy, one.level): (one.rows, one.hits) for one in found}


def test_harmless_functionalities_are_counted_one_by_one_under_hate_alone() -> None:
    found = by_functionality(
        [
            *rows("review", 20, "hatecheck", {"functionality": "quoting"}, NO),
            *rows("none", 10, "hatecheck", {"functionality": "quoting"}, NO),
            *rows("urgent", 30, "hatecheck", {"functionality": "naming"}, NO),
            *rows("urgent", 30, "hatecheck", {"functionality": "attacking"}, YES),
            *rows("urgent", 30, "kitchen", {"functionality": "quoting"}, NO),
            *rows("urgent", 19, "hatecheck", {"functionality": "too small to report"}, NO),
        ]
    )
    assert found == {
        ("naming", "hate", REVIEW): (30, 30),
        ("naming", "hate", URGENT): (30, 30),
        ("quoting", "hate", REVIEW): (30, 20),
        ("quoting", "hate", URGENT): (30, 0),
    }
