"""Fit the encoder: rows as planned, the best of several looks at dev kept, resumed where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import EarlyStoppingCallback, PreTrainedModel, PrinterCallback

from tocsin.errors import CorpusError
from tocsin.example import Example
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import Network, digest, parameter_groups, quieten, read_tokenizer
from tocsin.training.encoder.plan import draws, steps
from tocsin.training.encoder.rows import Collate, EncodedRows, encode, signals_of, targets
from tocsin.training.encoder.spellings import Drawn, hidden, spellings
from tocsin.training.encoder.teaching import taught
from tocsin.training.encoder.trainer import (
    QUALITY,
    Averaging,
    PlannedTrainer,
    Progress,
    arguments,
    latest_checkpoint,
)
from tocsin.training.fitting import areas

__all__ = ["FittedEncoder", "fit_encoder"]

_BEST: Final = "best.safetensors"
_ENDED: Final = "ended.json"

Tell = Callable[[str], None]
Looks = list[Mapping[str, float]]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FittedEncoder:
    """Hold the fitted classifier, its tokenizer and signals, and the mean AUROC on dev at each look.

    `backbone_sha256` and `teachers` are SHA-256 of the weights it began with and of those it learned from.
    """

    classifier: PreTrainedModel
    tokenizer: Any
    signals: tuple[Signal, ...]
    looks: Sequence[Mapping[str, float]]
    backbone_sha256: str
    teachers: tuple[str, ...] = ()


def fit_encoder(
    train: Sequence[Example],
    dev: Sequence[Example],
    config: EncoderConfig,
    work: Path,
    tell: Tell = lambda _: None,
) -> FittedEncoder:
    """Fine-tune the config's backbone on `train`; keep what ranks `dev` best.

    Checkpoints lie in the folder `work`: training that was stopped goes on from the latest. What corpus a
    text comes from is explained by intercepts that are dropped. Raises CorpusError where no signal has rows
    of both classes, where dev has no row, and where a backbone or a teacher is none.
    """
    quieten()
    train = _told(train, config)
    dev = sorted(_told(dev, config), key=lambda row: len(row.text))  # so that little is padded
    signals = signals_of(train)
    if not signals:
        raise CorpusError("training needs at least one signal with positive and negative rows, had none")
    if not dev:
        raise CorpusError("training needs dev rows with labels, had none")
    corpora = sorted({row.corpus for row in train})
    tokenizer = read_tokenizer(config)
    network = Network.of(config, signals, len(corpora))
    backbone = digest(network.classifier.base_model)
    lessons = taught(train, signals, config, work, tell)
    looks = _ended(work, network)
    if looks is None:
        tell(f"tokenising {len(train)} rows")
        rows = EncodedRows(
            spellings(train, tokenizer, config),
            *targets(train, signals, corpora, config),
            lessons.said if lessons else None,
        )
        looks = _learn(network, rows, train, dev, signals, tokenizer, config, work, tell)
        _end(work, network, looks)
    teachers = lessons.teachers if lessons else ()
    return FittedEncoder(network.judge.train(False), tokenizer, signals, looks, backbone, teachers)


def _learn(
    network: Network,
    rows: EncodedRows,
    train: Sequence[Example],
    dev: Sequence[Example],
    signals: Sequence[Signal],
    tokenizer: Any,
    config: EncoderConfig,
    work: Path,
    tell: Tell,
) -> Looks:
    """Take the plan's steps, from the latest checkpoint on; leave the network as it ranked dev best."""
    looked = EncodedRows(
        [[ids] for ids in encode([normalise(row.text) for row in dev], tokenizer, config.max_tokens)],
        *targets(dev, signals, (), config),
    )
    drawn = draws([row.corpus for row in train], config.epochs, config.temperature, config.seed)
    plan = list(steps(drawn, rows.lengths, config.rows_a_step, config.seed))
    hide = hidden(tokenizer, config)
    averaging = [Averaging(network, config.averaged)] if config.averaged else []
    trainer = PlannedTrainer(
        plan=plan,
        drawn=Drawn.of(drawn, rows, config),
        collate=Collate(rows, int(tokenizer.pad_token_id)),
        loss=lambda batch: network.loss(
            {**batch, "input_ids": hide(batch["input_ids"])}, config.taught, config.presumed_weight
        ),
        groups=parameter_groups(network, config),
        model=network,
        args=arguments(config, len(plan), work),
        eval_dataset=looked,
        data_collator=Collate(looked, int(tokenizer.pad_token_id)),
        compute_metrics=lambda told: _quality(dev, signals, np.asarray(told.predictions, np.float64)),
        callbacks=[*averaging, EarlyStoppingCallback(config.patience), Progress(tell)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=latest_checkpoint(work))
    return _looks(trainer.state.log_history)


def _ended(work: Path, network: Network) -> Looks | None:
    """Load what a training that ended in `work` made, and return its looks; None where none has ended."""
    if not (work / _ENDED).is_file():
        return None
    network.load_state_dict(load_file(work / _BEST))
    looks: Looks = json.loads((work / _ENDED).read_text(encoding="utf-8"))
    return looks


def _end(work: Path, network: Network, looks: Looks) -> None:
    save_file(network.state_dict(), work / _BEST)
    (work / _ENDED).write_text(json.dumps(looks), encoding="utf-8")  # last: what it stands for is there


def _told(rows: Sequence[Example], config: EncoderConfig) -> list[Example]:
    """Return the rows in the config's languages that say anything."""
    return [row for row in rows if row.language in config.languages and row.labels]


def _looks(history: Sequence[Mapping[str, float]]) -> Looks:
    """Return each look at dev once: its step, the mean AUROC, and that of each cell."""
    found: dict[float, Mapping[str, float]] = {}
    for entry in history:
        if f"eval_{QUALITY}" in entry:
            told = {key.removeprefix("eval_"): value for key, value in entry.items() if _is_area(key)}
            found[entry["step"]] = {"step": entry["step"], **told}
    return list(found.values())


def _is_area(key: str) -> bool:
    return key == f"eval_{QUALITY}" or "/" in key


def _quality(dev: Sequence[Example], signals: Sequence[Signal], margins: Floats) -> dict[str, float]:
    """Return the mean AUROC of dev's cells, and that of each."""
    cells = {
        f"{signal}/{corpus}": area
        for column, signal in enumerate(signals)
        for corpus, area in areas(dev, signal, margins[:, column]).items()
    }
    return {QUALITY: float(np.mean(list(cells.values()))) if cells else 0.0, **cells}
