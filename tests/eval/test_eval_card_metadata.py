"""What model hubs read at the top of a card is YAML, and claims no more than the report does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval import Report
from tocsin.eval.card_metadata import metadata
from tocsin.eval.report import RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.suites.corpora import SUITE
from tocsin.eval.tables import Marked, Row
from tocsin.eval.testing import blank_bundle, reading
from tocsin.example import Example, Label
from tocsin.models import Bundle
from tocsin.signals import Signal

HATE = Signal.HATE
DIGEST = "sha256:" + "0" * 64
TRAINING = {"corpora": {"kitchen": {"title": 'The "Kitchen": a Corpus # of soups'}}}


def report(*answers: Answer) -> Report:
    return Report(
        ModelStamp("toy", "1.2.3", DIGEST),
        "screen",
        ("en",),
        PolicyStamp("1", DIGEST),
        RowsRead({"kitchen": 100}),
        "2026-11-22",
        "0.1.0",
        answers,
    )


def rows(corpus: str, positives: int, negatives: int) -> list[Example]:
    told = [("0.9", Label.POSITIVE)] * positives + [("0.1", Label.NEGATIVE)] * negatives
    return [
        Example(f"{corpus}{number}", f"en {score} soup", "en", corpus, "CC0-1.0", {HATE: label})
        for number, (score, label) in enumerate(told)
    ]


@pytest.fixture(scope="module")
def measured() -> Report:
    """Return a report of one cell that carries a claim, one that does not, and one that was not measured."""
    examples = [*rows("kitchen", 60, 60), *rows("pantry", 30, 60), *rows("stadium", 5, 60)]
    found = SUITE.measure(reading(examples), lambda _: None)
    return report(Answer("corpora", "Ranking", "How well?", found, None, 0.0))


def parsed(found: Report, bundle: Bundle | None = None) -> Mapping[str, Any]:
    block = metadata(bundle or blank_bundle(), TRAINING, found)
    before, told, after = block.split("---\n")
    assert (before, after) == ("", "")
    document: Mapping[str, Any] = yaml.safe_load(told)
    return document


def test_the_block_says_what_hubs_ask_for(measured: Report) -> None:
    told = parsed(measured)
    assert told["license"] == "apache-2.0"
    assert told["library_name"] == "tocsin"
    assert told["pipeline_tag"] == "text-classification"
    assert told["language"] == ["en"]
    assert told["metrics"] == ["roc_auc", "average_precision"]
    assert set(told) == {
        *("license", "library_name", "pipeline_tag", "language", "tags", "metrics", "model-index")
    }


def test_the_index_holds_the_claimed_cells_and_no_others(measured: Report) -> None:
    assert parsed(measured)["model-index"] == [
        {
            "name": "toy",
            "results": [
                {
                    "task": {"type": "text-classification", "name": "hate (en)"},
                    "dataset": {
                        "type": "kitchen",
                        "name": 'The "Kitchen": a Corpus # of soups',
                        "split": "test",
                    },
                    "metrics": [
                        {"type": "roc_auc", "name": "AUROC", "value": 1.0},
                        {"type": "average_precision", "name": "average precision", "value": 1.0},
                    ],
                }
            ],
        }
    ]


def test_a_corpus_that_the_record_does_not_know_goes_by_its_own_name(measured: Report) -> None:
    _, told, _ = metadata(blank_bundle(), {}, measured).split("---\n")
    assert yaml.safe_load(told)["model-index"][0]["results"][0]["dataset"]["name"] == "kitchen"


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param((), id="nobody-asked"),
        pytest.param((Answer("corpora", "Ranking", "How well?", None, "no rows", 0.0),), id="not-run"),
        pytest.param(
            (Answer("corpora", "Ranking", "How well?", Measured([]), None, 0.0),), id="without-the-table"
        ),
    ],
)
def test_without_a_claim_the_index_is_empty(answers: tuple[Answer, ...]) -> None:
    assert parsed(report(*answers))["model-index"] == [{"name": "toy", "results": []}]


@pytest.mark.parametrize("licence", ["not stated", "yes", "MIT: with soup", "# none", "1.0", '"', "[]"])
def test_any_licence_is_a_word_in_yaml(licence: str, measured: Report) -> None:
    bundle = blank_bundle()
    manifest = bundle.manifest.model_copy(update={"licence": licence})
    assert parsed(measured, replace(bundle, manifest=manifest))["license"] == licence.lower()


def test_norwegian_is_a_language_and_no_boolean(measured: Report) -> None:
    assert parsed(measured, blank_bundle({HATE: ("en", "no")}))["language"] == ["en", "no"]


def test_figures_are_those_of_the_table_to_three_decimals(measured: Report) -> None:
    (answer,) = measured.answers
    cells = answer.tables["cells"]
    first: Row = {
        **cells.rows[0],
        "auroc": Estimate(0.87654, 0.8, 0.9),
        "average_precision": Marked(0.5, "x"),
    }
    turned = replace(answer, measured=Measured([replace(cells, rows=[first])]))
    (result,) = parsed(report(turned))["model-index"][0]["results"]
    assert [one["value"] for one in result["metrics"]] == [0.877]
