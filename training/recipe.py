"""The recipe "screen": corpora in, a bundle on disk out, and the rows that test it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tocsin.errors import CorpusError
from tocsin.example import Split
from tocsin.example_file import write_examples
from tocsin.models import layout
from tocsin.models.calibration import Calibration
from tocsin.models.gates import fit_policies
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.models.writing import check_replaceable, write_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.build import Build, Selection, build
from tocsin.training.calibrate import LEAST_POSITIVES, calibrate, reference_rows
from tocsin.training.calibration_counts import calibration_counts
from tocsin.training.screen import FittedScreen, ScreenConfig, fit_screen
from tocsin.training.splits import SEED

__all__ = ["NOT_STATED", "TEST_ROWS", "UNEVALUATED", "WEIGHTS_LICENCE", "TrainingRun", "train_screen"]

TEST_ROWS: Final = "test.jsonl"
WEIGHTS_LICENCE: Final = "Apache-2.0"  # of the public corpora: docs/decisions/0010-licence-of-weights.md
NOT_STATED: Final = "not stated"
UNEVALUATED: Final = "# Not evaluated\n\nThis bundle has no measured figures yet: do not use it.\n"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Say what to train and where to put it.

    `out` becomes the bundle; `work` receives ``test.jsonl``, text of the corpora, for evaluation.
    `licence` is what the weights are released under. Builds are kept below `cache`, if given.
    """

    selection: Selection
    out: Path
    work: Path
    name: str = "default"
    version: str = "0.1.0"
    licence: str = WEIGHTS_LICENCE
    config: ScreenConfig = ScreenConfig()
    cache: Path | None = None


def train_screen(run: TrainingRun, tell: Callable[[str], None] = lambda _: None) -> None:
    """Train, calibrate, fit the shipped policy's thresholds and write the bundle and the test rows."""
    check_replaceable(run.out)  # now, not after minutes of training
    built = build(run.selection, run.cache, tell)
    rows = built.splits.rows
    if not rows[Split.TRAIN]:
        raise CorpusError("training needs at least one corpus that may be trained on, had none")
    if not rows[Split.TEST]:  # now, not after the bundle that it would replace is gone
        raise CorpusError("training needs at least one test row to measure the bundle on, had none")
    tell(f"fitting on {len(rows[Split.TRAIN])} rows")
    fitted = fit_screen(rows[Split.TRAIN], rows[Split.DEV], run.config, tell)
    tell(f"calibrating on {len(rows[Split.CALIBRATION])} rows")
    calibration = calibrate(fitted.screen, rows[Split.CALIBRATION])
    if not calibration.signals:
        raise CorpusError(f"a signal needs {LEAST_POSITIVES} calibration rows of each class, none had them")
    screen = _offered(fitted.screen, calibration)
    references = {
        language: reference_rows(screen, calibration, rows[Split.CALIBRATION], language)
        for language in sorted(_languages(calibration))
    }
    training = layout.dump_json(_record(run, built, fitted, calibration))
    files = {
        layout.SCREEN: layout.dump_screen(screen),
        layout.CALIBRATION: layout.dump_json(calibration.model_dump(mode="json")),
        layout.REFERENCE: layout.dump_reference(references),
        layout.TRAINING: training,
        layout.CARD: UNEVALUATED.encode(),
    }
    write_bundle(
        run.out, _manifest(run, screen, calibration, references, built.splits.teachers, training), files
    )
    run.work.mkdir(mode=0o700, parents=True, exist_ok=True)  # for text of the corpora
    write_examples(run.work / TEST_ROWS, rows[Split.TEST])


def _languages(calibration: Calibration) -> frozenset[str]:
    return frozenset(language for scalings in calibration.signals.values() for language in scalings)


def _offered(screen: Screen, calibration: Calibration) -> Screen:
    """Return the screen with only the signals that could be calibrated."""
    columns = [place for place, signal in enumerate(screen.signals) if signal in calibration.signals]
    return Screen(
        spec=screen.spec,
        signals=tuple(screen.signals[place] for place in columns),
        table=np.ascontiguousarray(screen.table[:, columns]),
        scale=screen.scale[columns],
        bias=screen.bias[columns],
    )


def _manifest(
    run: TrainingRun,
    screen: Screen,
    calibration: Calibration,
    references: Mapping[str, Reference],
    teachers: Mapping[Signal, Sequence[str]],
    training: bytes,
) -> Mapping[str, Any]:
    policy = default_policy()
    languages = {signal: sorted(calibration.signals[signal]) for signal in screen.signals}
    records = [
        record.model_dump(mode="json")
        for language, reference in references.items()
        for fitted in fit_policies(policy, reference, _known(languages, language))
        for record in fitted.records(language)
    ]
    return {
        "name": run.name,
        "version": run.version,
        "recipe": "screen",
        "features": screen.spec.model_dump(),
        "signals": {
            signal: {"languages": languages[signal], "corpora": list(teachers[signal])}
            for signal in screen.signals
        },
        "thresholds": records,
        "policy_digest": policy.digest,
        "training_digest": f"sha256:{layout.sha256(training)}",
        "licence": run.licence,
    }


def _known(languages: Mapping[Signal, Sequence[str]], language: str) -> frozenset[Signal]:
    return frozenset(signal for signal, told in languages.items() if language in told)


def _record(
    run: TrainingRun, built: Build, fitted: FittedScreen, calibration: Calibration
) -> Mapping[str, Any]:
    """Return what the training did, without a text: enough to do it again."""
    report = built.splits.report
    return {
        "recipe": "screen",
        "split_seed": SEED,
        "licences": run.selection.licences.value,
        "config": {
            "features": run.config.features.model_dump(),
            "strengths": list(run.config.strengths),
            "presumed_weight": run.config.presumed_weight,
            "temperature": run.config.temperature,
            "related": run.config.related,
            "chosen": {signal.value: strength for signal, strength in fitted.strengths.items()},
            "beside_others": sorted(signal.value for signal in fitted.related),
        },
        "corpora": {
            corpus.name: {"title": corpus.title, "licence": corpus.licence, "test_only": corpus.test_only}
            for corpus in built.corpora
        },
        "own": [path.name for path in run.selection.own],
        "files": built.files,
        "rows": {key: value for key, value in asdict(report).items() if key != "kept"},
        "kept": {place.value: count for place, count in report.kept.items()},
        "calibration_rows": calibration_counts(
            fitted.screen, calibration, built.splits.rows[Split.CALIBRATION]
        ),
    }
