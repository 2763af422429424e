"""The recipe "cascade": a bundle with an encoder in, the same bundle with what clears texts before it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Tier
from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.example_file import write_examples
from tocsin.models import Bundle, layout, read_bundle
from tocsin.models.calibration import Calibration
from tocsin.models.cascade import Pairs
from tocsin.models.encoder import Encoder
from tocsin.models.gates import fit_policies
from tocsin.models.manifest import CascadeRecord, ClearingRecord
from tocsin.models.thresholds import CONFIDENCE
from tocsin.models.writing import check_replaceable, write_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal
from tocsin.training.build import Selection, build
from tocsin.training.calibrate import calibrate
from tocsin.training.cascade.certifying import certifying
from tocsin.training.cascade.config import CascadeConfig
from tocsin.training.cascade.distilled import Distilled, distil
from tocsin.training.recipe import TEST_ROWS, UNEVALUATED
from tocsin.training.same_rows import check_same_rows, record_of

__all__ = ["CascadeRun", "train_cascade"]

# Fits no weight, calibration or threshold, but helps to choose: docs/decisions/0017-cascade.md
CERTIFYING: Final = Split.DEV
_TEXTS_AT_ONCE: Final = 2_048
_TOLD: Final = "told.npz"

Tell = Callable[[str], None]
Floats = NDArray[np.float64]
Columns = Mapping[Signal, Floats]


@dataclass(frozen=True, slots=True)
class CascadeRun:
    """Say which bundle to complete, and where to put it.

    `beside` holds a screen and an encoder of the same rows. `out` becomes a copy of it with the cascade.
    `work` keeps what the encoder said, and ``test.jsonl``, text of the corpora, for evaluation.
    """

    selection: Selection
    beside: Path
    out: Path
    work: Path
    config: CascadeConfig = CascadeConfig()
    version: str | None = None
    threads: int = 1
    cache: Path | None = None


def train_cascade(run: CascadeRun, tell: Tell = lambda _: None) -> None:
    """Distil a screen from the encoder, fit the shipped policy's rule, and write bundle and test rows."""
    check_replaceable(run.out)
    beside = read_bundle(run.beside, tier=Tier.ENCODER, threads=run.threads)
    encoder = beside.encoder
    if encoder is None:
        raise CorpusError(f"{run.beside}: must have an encoder to distil a screen from, had none")
    record = record_of(run.beside)
    built = build(run.selection, run.cache, tell)
    check_same_rows(run.beside, record, built)
    run.work.mkdir(mode=0o700, parents=True, exist_ok=True)  # for text of the corpora
    languages = tuple(sorted(encoder.languages))
    rows = {place: _in(built.splits.rows[place], languages) for place in (Split.TRAIN, Split.CALIBRATION)}
    distilled = _distilled(run, beside, encoder, rows[Split.TRAIN], tell)
    calibration = calibrate(distilled.screen, rows[Split.CALIBRATION])
    chosen = {
        language: certifying(_in(built.splits.rows[CERTIFYING], (language,)), run.config.pairs)
        for language in languages
    }
    pairs = {
        language: _pairs(beside, encoder, distilled, texts, language, tell)
        for language, texts in chosen.items()
    }
    corpora = sorted({row.corpus for texts in chosen.values() for row in texts})
    cascade = _record(run, beside, distilled, pairs, corpora)
    told = {**record, "cascade": {"recipe": "cascade", "config": run.config.model_dump(mode="json")}}
    _write(run, distilled, calibration, pairs, cascade, told)
    write_examples(run.work / TEST_ROWS, built.splits.rows[Split.TEST])


def _in(rows: Sequence[Example], languages: Sequence[str]) -> list[Example]:
    return [row for row in rows if row.language in languages]


def _distilled(
    run: CascadeRun, beside: Bundle, encoder: Encoder, rows: Sequence[Example], tell: Tell
) -> Distilled:
    margins = _told(run, beside, encoder, [row.text for row in rows], tell)
    languages = np.array([row.language for row in rows])
    log_odds: dict[Signal, Floats] = {}
    for signal in encoder.signals:
        column = np.full(len(rows), np.nan)
        for language in sorted(encoder.languages):
            here = languages == language
            column[here] = _log_odds(beside, encoder, margins[here], language).get(signal, np.nan)
        if not np.isnan(column).any():
            log_odds[signal] = column
    tell(f"counting n-grams of {len(rows)} texts")
    return distil([row.text for row in rows], log_odds, beside.screen.spec, run.config, tell)


def _told(run: CascadeRun, beside: Bundle, encoder: Encoder, texts: Sequence[str], tell: Tell) -> Floats:
    """Return the encoder's margins of the texts that teach: kept, for this is what takes minutes."""
    kept, made_by = run.work / _TOLD, _made_by(beside, texts)
    if kept.is_file():
        with np.load(kept) as found:
            if str(found["made_by"]) == made_by:
                tell("the encoder's margins as told before")
                return np.asarray(found["margins"], np.float64)
    parts = []
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        tell(f"asking the encoder: {first} of {len(texts)} texts")
        parts.append(encoder.margins(texts[first : first + _TEXTS_AT_ONCE]))
    margins = np.concatenate(parts) if parts else np.empty((0, len(encoder.signals)))
    np.savez(kept, made_by=made_by, margins=margins)
    return margins


def _made_by(beside: Bundle, texts: Sequence[str]) -> str:
    """Return what decides the encoder's margins of texts: the files that it reads with, and the texts."""
    files = [beside.manifest.files[name].sha256 for name in (layout.ENCODER, layout.TOKENIZER, layout.SCREEN)]
    return layout.sha256("\n".join([*files, *texts]).encode("utf-8", "surrogatepass"))


def _log_odds(beside: Bundle, encoder: Encoder, margins: Floats, language: str) -> Columns:
    """Return the encoder's calibrated log-odds of each signal that it judges in a language."""
    found = {signal: beside.calibration.of(signal, language) for signal in encoder.signals}
    return {
        signal: scaling.log_odds(margins[:, encoder.signals.index(signal)])
        for signal, scaling in found.items()
        if scaling is not None and language in beside.manifest.signals[signal].languages
    }


def _pairs(
    beside: Bundle,
    encoder: Encoder,
    distilled: Distilled,
    rows: Sequence[Example],
    language: str,
    tell: Tell,
) -> Pairs:
    tell(f"asking both tiers about {len(rows)} texts that certify")
    texts = [row.text for row in rows]
    told = _log_odds(beside, encoder, encoder.margins(texts), language)
    signals = distilled.screen.signals
    own = np.stack([told[signal] for signal in signals], axis=1)
    return Pairs.rounded(signals, distilled.screen.margins(texts), own)


def _record(
    run: CascadeRun,
    beside: Bundle,
    distilled: Distilled,
    pairs: Mapping[str, Pairs],
    corpora: Sequence[str],
) -> CascadeRecord:
    """Return what the bundle says of itself: the shipped policy's rule among it."""
    clearings = []
    for language, told in pairs.items():
        known = beside.manifest.known(language)
        policies = fit_policies(default_policy(), beside.references[language], known)
        rule = told.clearing(policies, run.config.loss)
        clearings.append(ClearingRecord(language=language, **rule.counts))
    return CascadeRecord(
        outputs=distilled.screen.signals,
        languages=tuple(pairs),
        loss=run.config.loss,
        confidence=CONFIDENCE,
        clearings=tuple(clearings),
        split=CERTIFYING.value,
        corpora=tuple(corpora),
    )


def _write(
    run: CascadeRun,
    distilled: Distilled,
    calibration: Calibration,
    pairs: Mapping[str, Pairs],
    cascade: CascadeRecord,
    record: Mapping[str, Any],
) -> None:
    """Write the other bundle with the cascade in it."""
    training = layout.dump_json(record)
    stored = read_bundle(run.beside).manifest
    manifest = {
        **stored.model_dump(mode="json", exclude={"files"}),
        "version": run.version or stored.version,
        "training_digest": f"sha256:{layout.sha256(training)}",
        "cascade": cascade.model_dump(mode="json"),
    }
    files = {name: (run.beside / name).read_bytes() for name in stored.files}
    new = {
        layout.TRAINING: training,
        layout.DISTILLED: layout.dump_distilled(distilled.stored),
        layout.CASCADE_CALIBRATION: layout.dump_json(calibration.model_dump(mode="json")),
        layout.CASCADE_PAIRS: layout.dump_pairs(pairs),
        layout.CASCADE_CARD: UNEVALUATED.encode(),
    }
    write_bundle(run.out, manifest, {**files, **new})
