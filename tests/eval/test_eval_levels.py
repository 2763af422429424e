"""What reaches a level is counted among what was judged, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Status
from tocsin.eval.levels import Rate, level_pairs, policy_rates
from tocsin.eval.statistics.intervals import proportion
from tocsin.example import Example, Label, Split
from tocsin.item import Item
from tocsin.policy import PolicyDocument
from tocsin.policy.parse import parse_policy
from tocsin.signals import Signal

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
KNOWN = frozenset({HATE, CALL})
POLICY = parse_policy(
    b"""
version = "1"
[policies.either]
title = "Either"
when = { any = ["hate", "call_to_action"] }
severity = "low"
review = 0.5
urgent = 0.9
[policies.both]
title = "Both"
when = { all = ["hate", "call_to_action"] }
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
        word = (item.text.split() or ["none"])[0]
        level = None if word == "null" else Level(word) if word in {"review", "urgent"} else Level.NONE
        return Assessment(
            id=item.id,
            status=Status.SCORED,
            reason=None,
            language="en",
            signals={},
            policies=tuple(
                PolicyResult(policy.name, None if level is None else 0.5, level, certified=False)
                for policy in POLICY.policies
            ),
            priority=None,
            tier=None,
            spans=(),
            model=ModelStamp("toy", "1", "sha256:0"),
            policy=POLICY.stamp,
        )


def rows(
    said: str, count: int, hate: Label = YES, call: Label = YES, *, corpus: str = "kitchen"
) -> list[Example]:
    labels = {HATE: hate, CALL: call}
    return [
        Example(
            f"{corpus}:{said}:{number}", f"{said} soup", "en", corpus, "CC0-1.0", labels, split=Split.TEST
        )
        for number in range(count)
    ]


def measured(examples: Sequence[Example], known: frozenset[Signal] = KNOWN) -> dict[tuple[str, ...], Rate]:
    reader = Reader()
    items = [Item(example.id, example.text, example.language) for example in examples]
    told = {"en": known, "de": frozenset({HATE})}
    found = policy_rates(POLICY.policies, examples, reader.assess(items), told)
    return {(rate.policy, _place(rate), rate.kind, rate.level): rate for rate in found}


def _place(rate: Rate) -> str:
    return rate.rows_of if rate.language == "en" else f"{rate.rows_of} ({rate.language})"


def test_what_could_not_be_judged_is_in_no_share_and_is_counted() -> None:
    found = measured([*rows("review", 5), *rows("none", 20), *rows("null", 30)])
    rate = found["both", "kitchen", "recall", "review"]
    assert (rate.rows, rate.hits, rate.unjudged) == (25, 5, 30)
    assert rate.share == proportion(5, 25)


def test_an_urgent_item_has_reached_review_too() -> None:
    found = measured([*rows("review", 10), *rows("urgent", 6), *rows("none", 24)])
    assert found["both", "kitchen", "recall", "review"].hits == 16
    assert found["both", "kitchen", "recall", "urgent"].hits == 6


@pytest.mark.parametrize(
    ("judged", "unjudged", "reported"),
    [
        pytest.param(20, 0, True, id="just-enough"),
        pytest.param(19, 0, False, id="one-too-few"),
        pytest.param(19, 50, False, id="the-unjudged-do-not-make-up-for-it"),
        pytest.param(0, 50, False, id="nothing-judged"),
    ],
)
def test_slices_of_fewer_than_twenty_judged_rows_are_suppressed(
    judged: int, unjudged: int, reported: bool
) -> None:
    found = measured([*rows("review", judged), *rows("null", unjudged)])
    assert bool(found) is reported


def test_labels_decide_a_policy_by_what_can_be_judged_in_their_language() -> None:
    """A no to hate decides "either" only where call_to_action is null."""
    english = rows("review", 25, NO, UNKNOWN)
    german = [replace(row, language="de") for row in english]
    foreign = [replace(row, language="fr") for row in rows("review", 25, NO, NO)]
    found = measured([*english, *german, *foreign])
    assert found["either", "kitchen (de)", "fpr", "review"].rows == 25
    assert {rows_of for policy, rows_of, _, _ in found if policy == "either"} == {"kitchen (de)"}


def test_recall_is_over_positives_and_fpr_over_negatives_of_each_corpus() -> None:
    found = measured(
        [
            *rows("review", 30),
            *rows("urgent", 25, NO, NO),
            *rows("none", 40, NO, NO),
            *rows("review", 22, corpus="stadium"),
        ]
    )
    recall = found["both", "kitchen", "recall", "review"]
    alarms = found["both", "kitchen", "fpr", "urgent"]
    assert (recall.rows, recall.hits) == (30, 30)
    assert (alarms.rows, alarms.hits) == (65, 25)
    assert found["both", "stadium", "recall", "review"].rows == 22
    assert ("both", "stadium", "fpr", "review") not in found


@pytest.mark.parametrize(
    ("hate", "call", "decided"),
    [
        pytest.param(YES, Label.UNKNOWN, {"either": "recall"}, id="one-yes-decides-any"),
        pytest.param(NO, Label.UNKNOWN, {"both": "fpr"}, id="one-no-decides-all"),
        pytest.param(YES, NO, {"either": "recall", "both": "fpr"}, id="both-told"),
        pytest.param(Label.UNKNOWN, Label.UNKNOWN, {}, id="nothing-told"),
        pytest.param(PRESUMED, PRESUMED, {}, id="presumed-decides-nothing"),
        pytest.param(PRESUMED, NO, {"both": "fpr"}, id="presumed-beside-gold-adds-nothing"),
    ],
)
def test_only_rows_whose_labels_decide_the_whole_policy_are_measured(
    hate: Label, call: Label, decided: dict[str, str]
) -> None:
    found = measured(rows("review", 40, hate, call))
    assert {policy: kind for policy, _, kind, _ in found} == decided


def test_a_signal_that_the_bundle_lacks_leaves_the_rest_of_any_to_decide() -> None:
    examples = rows("none", 40, NO, Label.UNKNOWN)
    assert "either" not in {policy for policy, *_ in measured(examples)}
    assert ("either", "kitchen", "fpr", "review") in measured(examples, frozenset({HATE}))


def test_the_two_levels_of_one_policy_on_one_set_of_rows_stand_together() -> None:
    """In whatever order they come: kind, corpus, language and policy keep them apart."""
    found = measured(
        [
            *rows("review", 30),
            *rows("urgent", 25, NO, NO),
            *rows("none", 22, corpus="stadium"),
            *(replace(row, language="de") for row in rows("review", 21, NO, UNKNOWN)),
        ]
    )
    pairs = list(level_pairs(list(found.values())[::-1]))
    assert len(pairs) * 2 == len(found) == 16
    for pair in pairs:
        assert [rate.level for rate in pair] == ["review", "urgent"]
        assert len({(rate.policy, _place(rate), rate.kind) for rate in pair}) == 1
    assert {rate for pair in pairs for rate in pair} == set(found.values())


def test_no_rates_make_no_pairs() -> None:
    assert list(level_pairs([])) == []
