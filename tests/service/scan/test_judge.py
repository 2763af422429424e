from collections.abc import Iterator, Sequence

import pytest

from tocsin.assessment import Assessment
from tocsin.errors import InputError, MalformedRowError, ScoringError
from tocsin.item import Item
from tocsin.service.scan import Judged, Row, judge_rows
from tocsin.service.scan.judge import BATCH_CHARACTERS, BATCH_ROWS
from tocsin.service.scan.testing import WordAssessor

REJECTED = MalformedRowError("posts.csv", 3, "too few fields")


def items(count: int) -> list[Item]:
    return [Item(str(number), f"dish {number}") for number in range(count)]


def test_every_row_has_one_outcome_in_order() -> None:
    rows: list[Row] = [*items(3), REJECTED, *items(600), REJECTED]

    outcomes = list(judge_rows(rows, WordAssessor({})))

    assert [outcome.item if isinstance(outcome, Judged) else outcome for outcome in outcomes] == rows


def test_rows_are_scored_in_batches() -> None:
    assessor = WordAssessor({})

    list(judge_rows(items(2 * BATCH_ROWS + 1), assessor))

    assert assessor.batches == [BATCH_ROWS, BATCH_ROWS, 1]


def test_long_texts_make_shorter_batches() -> None:
    assessor = WordAssessor({})

    list(judge_rows([Item(str(number), "x" * (BATCH_CHARACTERS // 2)) for number in range(5)], assessor))

    assert assessor.batches == [2, 2, 1]


def test_a_batch_of_rejections_alone_needs_no_scorer() -> None:
    assessor = WordAssessor({})

    assert list(judge_rows([REJECTED, REJECTED], assessor)) == [REJECTED, REJECTED]
    assert assessor.batches == []


def test_rows_before_a_fatal_fault_are_scored_first() -> None:
    def rows() -> Iterator[Row]:
        yield from items(5)
        raise InputError("posts.txt.gz: ended early")

    outcomes = judge_rows(rows(), WordAssessor({}))

    assert len([next(outcomes) for _ in range(5)]) == 5
    with pytest.raises(InputError, match="ended early"):
        next(outcomes)


def test_explanations_are_asked_for_only_on_request() -> None:
    assessor = WordAssessor({"dish": 0.9})
    row = items(1)

    for explain, spans in ((False, 0), (True, 1)):
        (outcome,) = judge_rows(row, assessor, explain=explain)
        assert isinstance(outcome, Judged)
        assert len(outcome.assessment.spans) == spans


class Forgetful(WordAssessor):
    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        return super().assess(items, explain=explain)[1:]


class Reversing(WordAssessor):
    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        return super().assess(items, explain=explain)[::-1]


@pytest.mark.parametrize("scorer", [Forgetful, Reversing])
def test_a_scorer_that_loses_or_swaps_rows_is_refused(scorer: type[WordAssessor]) -> None:
    with pytest.raises(ScoringError, match="must answer every item in order"):
        list(judge_rows(items(3), scorer({})))
