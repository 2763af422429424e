"""Swapping tells a scorer that looks at names from one that does not, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Status
from tocsin.eval.fairness.grammar import ENGLISH_GRAMMAR
from tocsin.eval.fairness.naming import naming
from tocsin.eval.fairness.swap_tables import Swapped, measured, swap_findings, swap_tables
from tocsin.eval.fairness.swaps import Family, families
from tocsin.eval.fairness.terms import Vocabulary
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Marked, bare
from tocsin.example import Example, Label
from tocsin.item import Item
from tocsin.signals import Signal

VOCABULARIES = {
    "en": Vocabulary.of(
        {
            "cook": {
                "bakers": (("", "baker", "bakers"),),
                "grillers": (("", "griller", "grillers"),),
                "steamers": (("", "steamer", ""),),
            },
            "meal": {"soups": (("", "soup", "soups"),), "stews": (("", "stew", "stews"),)},
        },
        ENGLISH_GRAMMAR,
    )
}
NAMES = {"baker": 0.1, "griller": 0.4, "steamer": 0.7}


class NameReader:
    """Score by the cook named and by "hot", which adds 0.2; review from 0.5. Null where none is named."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        self.seen += [item.text for item in items]
        return [self._assessed(item) for item in items]

    def _assessed(self, item: Item) -> Assessment:
        known = [score for name, score in NAMES.items() if name in item.text.lower()]
        score = known[0] + 0.2 * ("hot" in item.text) if known else None
        level = None if score is None else Level.REVIEW if score >= 0.5 else Level.NONE
        return Assessment(
            id=item.id,
            status=Status.SCORED,
            reason=None,
            language="en",
            signals={Signal.HATE: score},
            policies=(PolicyResult("hate", score, level, certified=False),),
            priority=None,
            tier=None,
            spans=(),
            model=ModelStamp("toy", "1", "sha256:0"),
            policy=PolicyStamp("1", "sha256:0"),
        )


def subject(rows: Sequence[Example]) -> tuple[Subject, NameReader]:
    reader = NameReader()
    return Subject(cast(Any, reader), rows), reader


def rows(text: str, count: int, label: Label = Label.NEGATIVE, corpus: str = "kitchen") -> list[Example]:
    return [
        Example(f"{corpus}:{text}:{number}", text, "en", corpus, "CC0-1.0", {Signal.HATE: label})
        for number in range(count)
    ]


def found(examples: Sequence[Example]) -> tuple[list[Swapped], list[Family]]:
    whole, _ = subject(examples)
    told = list(families(whole, naming(examples, VOCABULARIES), VOCABULARIES, "hate"))
    return measured(whole, told), told


def test_flips_and_changes_are_means_over_the_groups_given_to_each_row() -> None:
    """Of .1 against .4 and .7 at review .5, one of two flips; .3 and .6 make .45. All of it by hand."""
    ((only,), _) = found(rows("a baker sang", 30))
    swaps = only.by_gold["no hate"]
    assert swaps is not None
    assert (swaps.rows, swaps.swaps) == (30, 60)
    assert swaps.flips.value == pytest.approx(0.5)
    assert swaps.moved.value == pytest.approx(0.45)
    lifted = {group: (count, round(one.value, 9)) for group, (count, one) in swaps.raised.items()}
    assert lifted == {"bakers": (30, -0.3), "grillers": (30, 0.0), "steamers": (30, 0.3)}


def test_rows_count_once_however_many_groups_they_are_given() -> None:
    """Plural rows have one swap, .1 to .4 (no flip), singular ones two, of which one flips."""
    ((only,), _) = found([*rows("a baker sang", 20), *rows("bakers sang", 20)])
    swaps = only.by_gold["no hate"]
    assert swaps is not None
    assert (swaps.rows, swaps.swaps) == (40, 60)
    assert swaps.flips.value == pytest.approx(0.25)
    assert swaps.moved.value == pytest.approx((0.45 + 0.3) / 2)
    assert swaps.raised["steamers"][0] == 20


def test_a_level_left_is_a_flip_as_much_as_one_reached() -> None:
    """Hot grillers are at .6: bakers leave review, steamers do not."""
    ((only,), _) = found(rows("a hot griller", 25))
    swaps = only.by_gold["no hate"]
    assert swaps is not None
    assert swaps.flips.value == pytest.approx(0.5)
    assert swaps.moved.value == pytest.approx(0.3)


def test_harmless_and_hateful_rows_are_told_apart() -> None:
    ((only,), _) = found([*rows("a baker sang", 25), *rows("a steamer sang", 21, Label.POSITIVE)])
    assert {gold: swaps.rows if swaps else 0 for gold, swaps in only.by_gold.items()} == {
        "no hate": 25,
        "hate": 21,
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a baker and a griller", id="two-terms-of-a-kind"),
        pytest.param("a baker of soup", id="two-terms-of-two-kinds"),
        pytest.param("an oven", id="no-term"),
    ],
)
def test_only_rows_that_name_one_term_are_swapped(text: str) -> None:
    assert found(rows(text, 30)) == ([], [])


def test_rows_without_a_label_are_not_swapped() -> None:
    assert found(rows("a baker sang", 30, Label.UNKNOWN)) == ([], [])
    assert found(rows("a baker sang", 30, Label.PRESUMED_NEGATIVE)) == ([], [])


def test_fewer_than_twenty_rows_are_no_slice() -> None:
    ((only,), _) = found(rows("a baker sang", 19))
    assert only.by_gold == {"no hate": None, "hate": None}
    ((only,), _) = found(rows("a baker sang", 20))
    assert only.by_gold["no hate"] is not None


def test_rows_that_cannot_be_judged_are_left_out() -> None:
    """Soups are unknown to the reader, before and after."""
    ((only,), (family,)) = found(rows("a soup", 30))
    assert np.isnan(family.scores).all()
    assert only.by_gold["no hate"] is None


def test_no_flip_has_an_interval_all_the_same() -> None:
    ((only,), _) = found(rows("bakers sang", 30))
    swaps = only.by_gold["no hate"]
    assert swaps is not None
    assert (swaps.flips.value, swaps.flips.low) == (0.0, 0.0)
    assert 0.05 < swaps.flips.high < 0.2  # Wilson's, of 30 rows


def test_intervals_take_whole_rows() -> None:
    """Half of the rows flip at one of two swaps, half at none: means of .5 and 0 over 100 rows."""
    ((only,), _) = found([*rows("a baker sang", 50), *rows("bakers sang", 50)])
    swaps = only.by_gold["no hate"]
    assert swaps is not None
    assert swaps.flips.high - swaps.flips.low == pytest.approx(2 * 1.96 * 0.25 / 10, rel=0.15)


def test_rows_of_one_post_are_drawn_together() -> None:
    """Hundred rows of four posts, of which half flip, are no surer than four."""
    alone = [*rows("a baker sang", 50), *rows("bakers sang", 50)]
    posts = [replace(row, group=f"{row.text}:{number % 2}") for number, row in enumerate(alone)]
    widths = []
    for examples in (alone, posts):
        ((only,), _) = found(examples)
        swaps = only.by_gold["no hate"]
        assert swaps is not None
        assert swaps.flips.value == pytest.approx(0.25)
        widths.append(swaps.flips.high - swaps.flips.low)
    assert widths[1] > 4 * widths[0]


def test_only_the_swapped_texts_are_read_anew() -> None:
    examples = rows("a Baker sang", 20)
    whole, reader = subject(examples)
    list(families(whole, naming(examples, VOCABULARIES), VOCABULARIES, "hate"))
    assert reader.seen == ["a Baker sang"] * 20 + ["a Griller sang", "a Steamer sang"] * 20


# Tables and findings.


def test_tables_mark_few_rows_and_say_what_names_do() -> None:
    told, _ = found([*rows("a baker sang", 60), *rows("a steamer sang", 25, Label.POSITIVE)])
    swaps, raised = swap_tables(told)
    (harmless,) = swaps.find({"gold": "no hate"})
    (hateful,) = swaps.find({"gold": "hate"})
    assert harmless["rows"] == 60
    assert hateful["rows"] == Marked(25, "few")
    (steamers,) = raised.find({"group": "steamers"})
    assert steamers["rows"] == 60
    assert bare(steamers["hateful_rows"]) == 25
    assert len(raised.rows) == 3


def test_findings_name_who_is_raised_in_every_corpus() -> None:
    told, _ = found([*rows("a baker sang", 60), *rows("a griller sang", 60, corpus="canteen")])
    findings = list(swap_findings(told))
    assert (
        "(cook) in harmless posts of canteen (en) changes whether they are sent to review in 50%"
        in findings[0]
    )
    assert findings[0].endswith("the most of any kind.")
    assert findings[1].endswith("the name of steamers (by 0.30 to 0.30, 2 corpora).")


def test_findings_say_what_swapping_does_to_hateful_posts() -> None:
    told, _ = found([*rows("a baker sang", 60), *rows("a hot griller", 60, Label.POSITIVE)])
    assert next(swap_findings(told)).endswith("; in hateful ones in up to 50% (cook, kitchen).")


def test_one_corpus_alone_names_nobody() -> None:
    told, _ = found(rows("a baker sang", 60))
    assert len(list(swap_findings(told))) == 1


def test_too_few_rows_are_no_finding() -> None:
    told, _ = found(rows("a baker sang", 49))
    assert list(swap_findings(told)) == []
