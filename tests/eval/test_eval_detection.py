"""What becomes of rows whose language nobody names is counted, corpus by corpus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tocsin.assessment import Assessment, Reason, Status
from tocsin.eval.detection import detection
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.subject import Subject
from tocsin.eval.testing import ReadOff, blank_bundle, reading
from tocsin.example import Example
from tocsin.item import Item
from tocsin.language import UNDETERMINED
from tocsin.policy import default_policy


def rows(words: str, count: int, *, corpus: str = "kitchen", language: str = "en") -> list[Example]:
    return [
        Example(f"{corpus}:{words}:{language}:{number}", f"{words} 0.5 soup", language, corpus, "CC0-1.0")
        for number in range(count)
    ]


EXAMPLES = [
    *rows("en", 50),
    *rows("und", 30),
    *rows("de", 20),
    *rows("nl", 10),
    *rows("nl", 25, language="nl"),
    *rows("und", 20, corpus="stadium"),
    *rows("und", 19, corpus="too small to report"),
]


class Listening(ReadOff):
    """Remember the languages that items came with."""

    def __init__(self) -> None:
        super().__init__(blank_bundle(), default_policy())
        self.hints: list[str | None] = []

    def assess(self, items: Iterable[Item | str], *, explain: bool = False) -> list[Assessment]:
        read = [item for item in items if isinstance(item, Item)]
        self.hints.extend(item.language for item in read)
        return super().assess(read, explain=explain)


def test_detection_counts_what_would_not_be_judged_if_nobody_named_the_language() -> None:
    scorer = Listening()
    found = detection(Subject(scorer, EXAMPLES))
    assert found.rows == [
        {
            "corpus": corpus,
            "language": language,
            "rows": count,
            "undetermined": proportion(undetermined, count),
            "mistaken": proportion(mistaken, count),
            "refused": proportion(refused, count),
        }
        for corpus, language, count, undetermined, mistaken, refused in (
            ("kitchen", "en", 110, 30, 10, 20),
            ("kitchen", "nl", 25, 0, 0, 0),
            ("stadium", "en", 20, 20, 0, 0),
        )
    ]
    assert scorer.hints == [None] * 155


class Assuming(ReadOff):
    """Judge no text whose language cannot be told, as a scorer that assumes none."""

    def __init__(self) -> None:
        super().__init__(blank_bundle(), default_policy(), assume_language=None)

    def assess(self, items: Iterable[Item | str], *, explain: bool = False) -> list[Assessment]:
        return [
            replace(one, status=Status.UNSCORABLE, reason=Reason.LANGUAGE)
            if one.language == UNDETERMINED
            else one
            for one in super().assess(items, explain=explain)
        ]


def test_where_no_language_is_assumed_the_undetermined_are_none_of_the_refused() -> None:
    (found, *_) = detection(Subject(Assuming(), EXAMPLES)).rows
    assert (found["undetermined"], found["refused"]) == (proportion(30, 110), proportion(20, 110))


@pytest.mark.parametrize(
    ("subject", "fate"),
    [
        pytest.param(reading(EXAMPLES), "are judged as `en` unless", id="english"),
        pytest.param(Subject(Assuming(), EXAMPLES), "are unscorable unless", id="none"),
    ],
)
def test_the_words_say_what_becomes_of_the_undetermined(subject: Subject, fate: str) -> None:
    assert fate in detection(subject).about[0]
