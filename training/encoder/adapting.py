"""Teach a backbone the words of the rows' texts before any label: it fills in those that are hidden.

Domain-adaptive pretraining (Gururangan et al. 2020) by masked words (Devlin et al. 2019). No label plays
a part.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import AutoModel, PrinterCallback

from tocsin.errors import CorpusError
from tocsin.example import Example
from tocsin.text import normalise
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.guessing import Guesser, hide
from tocsin.training.encoder.network import digest, pretrained, quieten, read_tokenizer
from tocsin.training.encoder.plan import draws, steps
from tocsin.training.encoder.rows import Ints, encode, padded
from tocsin.training.encoder.trainer import PlannedTrainer, Progress, arguments, latest_checkpoint

__all__ = ["Adapted", "adapt", "settings"]

_BACKBONE: Final = "backbone"
_RECORD: Final = "adapted.json"
_SETTINGS: Final = frozenset(
    {
        "backbone",
        "languages",
        "max_tokens",
        "rows_a_step",
        "warmup",
        "weight_decay",
        "temperature",
        "adapt_epochs",
        "adapt_rate",
        "adapt_masked",
    }
)
_SEED: Final = 20_261_130  # of its own: fine-tunings at several seeds share one adapted backbone

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Adapted:
    """Hold the folder of an adapted backbone, a SHA-256 of what it was before, and the loss as it went.

    A loss is a mean over some steps, in nats a word.
    """

    folder: Path
    backbone_sha256: str
    losses: Sequence[Mapping[str, float]]


def settings(config: EncoderConfig) -> Mapping[str, Any]:
    """Return what an adapted backbone depends on, besides the rows."""
    return config.model_dump(mode="json", include=set(_SETTINGS))


def adapt(rows: Sequence[Example], config: EncoderConfig, work: Path, tell: Tell = lambda _: None) -> Adapted:
    """Return the config's backbone, taught to fill in words of the rows' texts, with its tokenizer.

    It lies in the folder `work`, as do checkpoints: what was stopped goes on, what has ended is not done
    again. Raises CorpusError where there is no backbone, no token that hides words, or no text.
    """
    quieten()
    folder, record = work / _BACKBONE, work / _RECORD
    if not record.is_file():
        rows = [row for row in rows if row.language in config.languages]
        tokenizer = read_tokenizer(config)
        if not rows or tokenizer.mask_token_id is None:
            wanted = "texts in its languages" if not rows else "a backbone with a token that hides words"
            raise CorpusError(f"adapt_epochs above 0 needs {wanted}, had none")
        tell(f"adapting the backbone to {len(rows)} texts")
        torch.manual_seed(_SEED)
        guesser = Guesser(pretrained(AutoModel, config, {}), compiled=config.compiled)
        told = {"backbone_sha256": digest(guesser.backbone)}
        losses = _learn(guesser, rows, tokenizer, config, work, tell)
        guesser.backbone.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        # last: what it stands for is there
        record.write_text(json.dumps({**told, "losses": losses}), encoding="utf-8")
    return Adapted(folder, **json.loads(record.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Texts(Dataset[Ints]):
    ids: Sequence[Ints]
    places: Ints  # in the order of their turns

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, turn: int) -> Ints:
        return self.ids[int(self.places[turn])]


def _learn(
    guesser: Guesser, rows: Sequence[Example], tokenizer: Any, config: EncoderConfig, work: Path, tell: Tell
) -> list[Mapping[str, float]]:
    """Take the steps of a whole adaptation, from the latest checkpoint on; return the loss as it went."""
    ids = encode([normalise(row.text) for row in rows], tokenizer, config.max_tokens)
    drawn = draws([row.corpus for row in rows], config.adapt_epochs, config.temperature, _SEED)
    plan = list(steps(drawn, np.array([len(one) for one in ids]), config.rows_a_step, _SEED))
    trainer = PlannedTrainer(
        plan=plan,
        drawn=_Texts(ids, drawn),
        collate=lambda texts: padded(texts, int(tokenizer.pad_token_id)),
        loss=lambda batch: guesser.loss(batch, *hide(batch["input_ids"], config.adapt_masked, tokenizer)),
        groups=guesser.groups(config.adapt_rate, config.weight_decay),
        model=guesser,
        args=arguments(config.model_copy(update={"seed": _SEED}), len(plan), work, looks=False),
        callbacks=[Progress(tell)],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=latest_checkpoint(work))
    return [
        {"step": entry["step"], "loss": entry["loss"]}
        for entry in trainer.state.log_history
        if "loss" in entry
    ]
