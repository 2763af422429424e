"""The recipe "screen": corpora in, a bundle on disk out, and the rows that test it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.example_file import write_examples
from tocsin.models import layout
from tocsin.models.calibration import Calibration
from tocsin.models.gates import fit_policies
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.models.writing import check_replaceable, write_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.calibrate import LEAST_POSITIVES, calibrate, reference_rows
from tocsin.training.corpora import Corpus
from tocsin.training.dataset import checksums, choose, read_corpora
from tocsin.training.screen import FittedScreen, ScreenConfig, fit_screen
from tocsin.training.splits import SEED, Splits, split

__all__ = ["TEST_ROWS", "TrainingRun", "train_screen"]

LANGUAGE: Final = "en"
TEST_ROWS: Final = "test.jsonl"
WEIGHTS_LICENCE: Final = "Apache-2.0"
_UNEVALUATED: Final = "# Not evaluated\n\nThis bundle has no measured figures yet: do not use it.\n"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Say what to train and where to put it.

    `out` becomes the bundle; `work` receives ``test.jsonl``, text of the corpora, for evaluation.
    """

    data: Path
    out: Path
    work: Path
    name: str = "default"
    version: str = "0.1.0"
    corpora: tuple[str, ...] | None = None
    config: ScreenConfig = ScreenConfig()


def train_screen(run: TrainingRun, tell: Callable[[str], None] = lambda _: None) -> None:
    """Train, calibrate, fit the shipped policy's thresholds and write the bundle and the test rows."""
    corpora = choose(run.corpora)
    check_replaceable(run.out)  # now, not after minutes of training
    tell("reading corpora")
    rows = read_corpora(run.data, [corpus.name for corpus in corpora])
    splits = split(rows)
    if not splits.rows[Split.TRAIN]:
        raise CorpusError("training needs at least one corpus that may be trained on, had none")
    tell(f"fitting on {len(splits.rows[Split.TRAIN])} rows")
    fitted = fit_screen(splits.rows[Split.TRAIN], splits.rows[Split.DEV], run.config, tell)
    tell(f"calibrating on {len(splits.rows[Split.CALIBRATION])} rows")
    calibration = calibrate(fitted.screen, splits.rows[Split.CALIBRATION], LANGUAGE)
    if not calibration.signals:
        raise CorpusError(f"a signal needs {LEAST_POSITIVES} calibration rows of each class, none had them")
    screen = _offered(fitted.screen, calibration)
    reference = reference_rows(screen, calibration, splits.rows[Split.CALIBRATION], LANGUAGE)
    training = layout.dump_json(_record(run, corpora, splits, fitted))
    files = {
        layout.SCREEN: layout.dump_screen(screen),
        layout.CALIBRATION: layout.dump_json(calibration.model_dump(mode="json")),
        layout.REFERENCE: layout.dump_reference({LANGUAGE: reference}),
        layout.TRAINING: training,
        layout.CARD: _UNEVALUATED.encode(),
    }
    write_bundle(run.out, _manifest(run, screen, reference, _teachers(rows), training), files)
    run.work.mkdir(parents=True, exist_ok=True)
    write_examples(run.work / TEST_ROWS, splits.rows[Split.TEST])


def _offered(screen: Screen, calibration: Calibration) -> Screen:
    """Return the screen with only the signals that could be calibrated."""
    columns = [place for place, signal in enumerate(screen.signals) if signal in calibration.signals]
    return Screen(
        spec=screen.spec,
        signals=tuple(screen.signals[place] for place in columns),
        table=screen.table[:, columns],
        bias=screen.bias[columns],
    )


def _manifest(
    run: TrainingRun,
    screen: Screen,
    reference: Reference,
    teachers: Mapping[Signal, Sequence[str]],
    training: bytes,
) -> Mapping[str, Any]:
    policy = default_policy()
    fitted = fit_policies(policy, reference, frozenset(screen.signals))
    return {
        "name": run.name,
        "version": run.version,
        "recipe": "screen",
        "features": screen.spec.model_dump(),
        "signals": {
            signal: {"languages": [LANGUAGE], "corpora": teachers[signal]} for signal in screen.signals
        },
        "thresholds": [record.model_dump(mode="json") for one in fitted for record in one.records(LANGUAGE)],
        "policy_digest": policy.digest,
        "training_digest": f"sha256:{layout.sha256(training)}",
        "licence": WEIGHTS_LICENCE,
    }


def _teachers(rows: Sequence[Example]) -> Mapping[Signal, Sequence[str]]:
    """Return the corpora that say anything of each signal, presumed negatives among it."""
    return {
        signal: sorted({example.corpus for example in rows if signal in example.labels}) for signal in Signal
    }


def _record(
    run: TrainingRun, corpora: Sequence[Corpus], splits: Splits, fitted: FittedScreen
) -> Mapping[str, Any]:
    """Return what the training did, without a text: enough to do it again."""
    return {
        "recipe": "screen",
        "split_seed": SEED,
        "config": {
            "features": run.config.features.model_dump(),
            "strengths": list(run.config.strengths),
            "presumed_weight": run.config.presumed_weight,
            "chosen": {signal.value: strength for signal, strength in fitted.strengths.items()},
        },
        "corpora": {
            corpus.name: {"title": corpus.title, "licence": corpus.licence, "test_only": corpus.test_only}
            for corpus in corpora
        },
        "files": checksums(run.data, corpora),
        "rows": {key: value for key, value in asdict(splits.report).items() if key != "kept"},
        "kept": {place.value: count for place, count in splits.report.kept.items()},
    }
