"""The recipe "encoder": rows and a bundle with a screen in, the same bundle with an encoder in it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.example_file import write_examples
from tocsin.models import Bundle, layout, read_bundle
from tocsin.models.calibration import Calibration
from tocsin.models.encoder import Encoder
from tocsin.models.gates import fit_policies
from tocsin.models.manifest import EncoderRecord, SignalRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.models.writing import check_replaceable, write_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.build import Build, Selection, build
from tocsin.training.calibrate import LEAST_POSITIVES, calibrate, reference_rows
from tocsin.training.calibration_counts import calibration_counts
from tocsin.training.encoder.adapting import Adapted, adapt, settings
from tocsin.training.encoder.blend import chosen_blend
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.export import Exported, export, save_layout
from tocsin.training.encoder.fit import FittedEncoder, fit_encoder
from tocsin.training.recipe import TEST_ROWS, UNEVALUATED
from tocsin.training.same_rows import ROWS, check_same_rows, check_teacher, record_of, rows_of

__all__ = ["CHECKPOINTS", "LAYOUT", "EncoderRun", "train_encoder"]

CHECKPOINTS: Final = "checkpoints"
LAYOUT: Final = "huggingface"
_OVERLAP: Final = 0.25  # of a window is read again in the next

Tell = Callable[[str], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EncoderRun:
    """Say what to train, beside which bundle, and where to put it.

    `beside` holds a screen that was trained on the same rows. `out` becomes a copy of it with the encoder.
    `work` keeps checkpoints, the Hugging Face layout, and ``test.jsonl``, text of the corpora, for
    evaluation.
    """

    selection: Selection
    beside: Path
    out: Path
    work: Path
    config: EncoderConfig = EncoderConfig()
    version: str | None = None
    threads: int = 1
    cache: Path | None = None


def train_encoder(run: EncoderRun, tell: Tell = lambda _: None) -> None:
    """Fine-tune, export, calibrate, fit the shipped policy's thresholds, and write bundle and test rows.

    A cascade of the bundle beside it is left out: what it clears was certified for another encoder.
    Training that was stopped goes on from its latest checkpoint in `work`, if config and files are the same.
    """
    check_replaceable(run.out)
    beside = read_bundle(run.beside)
    record = record_of(run.beside)
    built = build(run.selection, run.cache, tell)
    check_same_rows(run.beside, record, built)
    if beside.manifest.cascade:
        tell(f"{run.beside}: its cascade is of another encoder and left out: train one with --recipe cascade")
    for teacher in run.config.teachers:
        check_teacher(Path(teacher), built)
    rows = built.splits.rows
    run.work.mkdir(mode=0o700, parents=True, exist_ok=True)  # for text of the corpora
    adapted = _adapted(run, built, tell)
    config = run.config.model_copy(update={"backbone": str(adapted.folder)}) if adapted else run.config
    checkpoints = _folder(run.work, run.config.model_dump(mode="json"), built)
    fitted = fit_encoder(rows[Split.TRAIN], rows[Split.DEV], config, checkpoints, tell)
    tell("exporting")
    save_layout(run.work / LAYOUT, fitted.classifier, fitted.tokenizer)
    (run.work / LAYOUT / ROWS).write_bytes(layout.dump_json(rows_of(built)))
    exported = export(fitted.classifier, fitted.tokenizer, run.config.max_tokens)
    told = [row for row in rows[Split.DEV] if row.language in run.config.languages]
    tell(f"asking the screen beside it on {len(told)} rows")
    alone = _shape(run, fitted, exported)
    blend = chosen_blend(_encoder(run, exported, alone, beside.screen), beside.screen, told)
    shape = alone.model_copy(update={"blend": blend})
    held = [row for row in rows[Split.CALIBRATION] if row.language in run.config.languages]
    tell(f"calibrating on {len(held)} rows")
    found = _calibrated(_encoder(run, exported, shape, beside.screen), held)
    record.pop("cascade", None)
    told_of = {**record, "encoder": _record(run, fitted, adapted, found.counted)}
    _write(run, beside, exported, _offered(shape, found, built.splits.teachers), found, told_of)
    write_examples(run.work / TEST_ROWS, rows[Split.TEST])


@dataclass(frozen=True)
class _Calibrated:
    """Hold what calibration rows say of an encoder."""

    calibration: Calibration
    references: Mapping[str, Reference]
    counted: Mapping[str, Any]


def _calibrated(encoder: Encoder, held: Sequence[Example]) -> _Calibrated:
    judge = _Remembering(encoder)
    calibration = calibrate(judge, held)
    if not calibration.signals:
        raise CorpusError(f"a signal needs {LEAST_POSITIVES} calibration rows of each class, none had them")
    languages = sorted({one for scalings in calibration.signals.values() for one in scalings})
    references = {one: reference_rows(judge, calibration, held, one) for one in languages}
    return _Calibrated(calibration, references, calibration_counts(judge, calibration, held))


def _write(
    run: EncoderRun,
    beside: Bundle,
    exported: Exported,
    encoder: EncoderRecord,
    found: _Calibrated,
    record: Mapping[str, Any],
) -> None:
    """Write the other bundle with the encoder in it."""
    training = layout.dump_json(record)
    manifest = {
        **beside.manifest.model_dump(mode="json", exclude={"files"}),
        "version": run.version or beside.manifest.version,
        "training_digest": f"sha256:{layout.sha256(training)}",
        "encoder": encoder.model_dump(mode="json"),
        "cascade": None,
    }
    kept = [name for name in beside.manifest.files if name not in layout.CASCADE_FILES]
    files = {name: (run.beside / name).read_bytes() for name in kept}
    new = {
        layout.TRAINING: training,
        layout.ENCODER: exported.graph,
        layout.TOKENIZER: exported.tokenizer,
        layout.ENCODER_CALIBRATION: layout.dump_json(found.calibration.model_dump(mode="json")),
        layout.ENCODER_REFERENCE: layout.dump_reference(found.references),
        layout.ENCODER_CARD: UNEVALUATED.encode(),
    }
    write_bundle(run.out, manifest, {**files, **new})


@dataclass
class _Remembering:
    """Hold an encoder and what it said of texts: three steps ask of the same rows."""

    encoder: Encoder
    _said: dict[str, Floats] = field(default_factory=dict)

    @property
    def signals(self) -> tuple[Signal, ...]:
        return self.encoder.signals

    def margins(self, texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in self._said]
        self._said.update(zip(new, self.encoder.margins(new), strict=True))
        return np.array([self._said[text] for text in texts]).reshape(len(texts), len(self.signals))


def _adapted(run: EncoderRun, built: Build, tell: Tell) -> Adapted | None:
    """Return the backbone once it was shown the texts of the train rows, if the experiment asks for that."""
    if not run.config.adapt_epochs:
        return None
    work = _folder(run.work, {"adapted": settings(run.config)}, built)
    return adapt(built.splits.rows[Split.TRAIN], run.config, work, tell)


def _folder(work: Path, told: Mapping[str, Any], built: Build) -> Path:
    """Return the folder for the checkpoints of these very settings and rows."""
    whole = layout.dump_json({"config": told, "files": built.files})
    return work / CHECKPOINTS / layout.sha256(whole)[:16]


def _encoder(run: EncoderRun, exported: Exported, shape: EncoderRecord, screen: Screen) -> Encoder:
    files = {layout.ENCODER: exported.graph, layout.TOKENIZER: exported.tokenizer}
    return layout.parse_encoder(run.work, files, shape, screen, run.threads)


def _offered(
    shape: EncoderRecord, found: _Calibrated, teachers: Mapping[Signal, Sequence[str]]
) -> EncoderRecord:
    """Return the record with the signals that could be calibrated, and the shipped policy's thresholds."""
    scalings = found.calibration.signals
    signals = {
        signal: SignalRecord(languages=tuple(sorted(scalings[signal])), corpora=tuple(teachers[signal]))
        for signal in shape.outputs
        if signal in scalings
    }
    policy = default_policy()
    thresholds = tuple(
        record
        for language, reference in found.references.items()
        for one in fit_policies(
            policy,
            reference,
            frozenset(signal for signal, told in signals.items() if language in told.languages),
        )
        for record in one.records(language)
    )
    return shape.model_copy(update={"signals": signals, "thresholds": thresholds})


def _shape(run: EncoderRun, fitted: FittedEncoder, exported: Exported) -> EncoderRecord:
    """Return the encoder's record as it is before anything is calibrated: by itself, everything offered."""
    room = run.config.max_tokens - len(exported.prefix) - len(exported.suffix)
    return EncoderRecord(
        backbone=run.config.known_as,
        max_tokens=run.config.max_tokens,
        stride=max(round(room * (1 - _OVERLAP)), 1),
        prefix=exported.prefix,
        suffix=exported.suffix,
        outputs=fitted.signals,
        blend={},
        signals={
            signal: SignalRecord(languages=run.config.languages, corpora=()) for signal in fitted.signals
        },
        thresholds=(),
    )


def _record(
    run: EncoderRun, fitted: FittedEncoder, adapted: Adapted | None, counted: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what the training did, without a text: enough to do it again."""
    return {
        "recipe": "encoder",
        "config": {
            **run.config.model_dump(mode="json"),
            "backbone": run.config.known_as,
            "teachers": list(fitted.teachers),
        },
        "backbone_sha256": adapted.backbone_sha256 if adapted else fitted.backbone_sha256,
        "adapted": {"backbone_sha256": fitted.backbone_sha256, "losses": adapted.losses} if adapted else None,
        "looks": list(fitted.looks),
        "calibration_rows": counted,
    }
