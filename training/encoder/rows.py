"""Labelled rows as a transformer learns from them: token ids, targets, and what each target counts for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from tocsin.example import Example
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.matching import matched
from tocsin.training.encoder.naming import names_a_group
from tocsin.training.fitting import NEGATIVE, POSITIVE, UNKNOWN, Counting, codes, row_weights

__all__ = [
    "Batch",
    "Collate",
    "EncodedRows",
    "Ints",
    "Tokenizer",
    "encode",
    "padded",
    "signals_of",
    "targets",
]

SIGNALS: Final = tuple(Signal)
_MULTIPLE: Final = 8  # sequence lengths are padded to one of these

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Batch = dict[str, torch.Tensor]


class Tokenizer(Protocol):
    """Turn texts into token ids, as tokenizers of `transformers` do."""

    mask_token: str | None
    mask_token_id: int | None
    pad_token_id: int | None
    all_special_ids: list[int]

    def __call__(self, text: list[str], *, truncation: bool, max_length: int) -> Any:
        """Return a mapping whose ``input_ids`` are lists of ids."""
        ...


@dataclass(frozen=True)
class EncodedRows(Dataset[tuple[int, Ints]]):
    """Hold rows as token ids, in several spellings, with ``(rows, signals)`` targets and weights.

    A target is 1 or 0; where a weight is 0 it says nothing. `corpus` numbers the corpora from 1 on where a
    row shares in its corpus's intercept, 0 where in none: ``(rows, signals)``. `taught` are probabilities
    that teachers give, of the same shape, if there are any.
    """

    ids: Sequence[Sequence[Ints]]
    targets: Floats
    weights: Floats
    corpus: Ints
    taught: Floats | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place: int) -> tuple[int, Ints]:
        return place, self.ids[place][0]

    @property
    def lengths(self) -> Ints:
        """Return how many tokens each row has, as it was written."""
        return np.array([len(spellings[0]) for spellings in self.ids], np.int64)


def encode(texts: Sequence[str], tokenizer: Tokenizer, max_tokens: int) -> list[Ints]:
    """Return the token ids of normalised texts, special tokens included, those past `max_tokens` left out."""
    if not texts:
        return []
    found = tokenizer(list(texts), truncation=True, max_length=max_tokens)
    return [np.array(ids, np.int64) for ids in found["input_ids"]]


def padded(texts: Sequence[Ints], padding: int) -> Batch:
    """Return the token ids of texts as one tensor, and which of them are no padding."""
    longest = -(-max(len(ids) for ids in texts) // _MULTIPLE) * _MULTIPLE
    found = np.full((len(texts), longest), padding, np.int64)
    told = np.zeros((len(texts), longest), np.int64)
    for row, ids in enumerate(texts):
        found[row, : len(ids)] = ids
        told[row, : len(ids)] = 1
    return {"input_ids": torch.from_numpy(found), "attention_mask": torch.from_numpy(told)}


def signals_of(rows: Sequence[Example]) -> tuple[Signal, ...]:
    """Return the signals of which rows of both classes are there."""
    labels = {signal: set(codes(rows, signal).tolist()) for signal in Signal}
    return tuple(signal for signal in Signal if {POSITIVE, NEGATIVE} <= labels[signal])


def targets(
    rows: Sequence[Example], signals: Sequence[Signal], corpora: Sequence[str], config: EncoderConfig
) -> tuple[Floats, Floats, Ints]:
    """Return what rows say of signals: targets, weights and shares in intercepts, each ``(rows, signals)``.

    A corpus that labels a signal both ways has an intercept of its own. Presumed negatives share in none: it
    would explain them away.
    """
    names = np.array([row.corpus for row in rows])
    counting = Counting(config.presumed_weight, temperature=1)
    named = np.array([names_a_group(normalise(row.text)) for row in rows]) if config.matched else None
    said, weights, shares = [], [], []
    for signal in signals:
        labels = codes(rows, signal)
        positive, gold = labels == POSITIVE, (labels == POSITIVE) | (labels == NEGATIVE)
        counted = np.where(labels == UNKNOWN, 0, row_weights(rows, labels, counting))
        if named is not None:
            counted *= matched(labels, named, names, config.matched, config.positive_most)
        ratio = counted[~positive & gold].sum() / max(counted[positive].sum(), 1)
        counted[positive] *= min(max(ratio, 1) ** config.positive_power, config.positive_most)
        said.append(np.where(positive, 1 - config.smoothing, config.smoothing))
        weights.append(counted)
        share = np.zeros(len(rows), np.int64)
        for number, name in enumerate(corpora, 1):
            here = gold & (names == name)
            if len(np.unique(labels[here])) > 1:
                share[here] = number
        shares.append(share)
    return (
        np.stack(said, 1).astype(np.float32),
        np.stack(weights, 1).astype(np.float32),
        np.stack(shares, 1),
    )


@dataclass(frozen=True)
class Collate:
    """Make one batch of rows: padded ids, what is padding, targets, weights, intercepts, teachers' words."""

    rows: EncodedRows
    padding: int

    def __call__(self, drawn: Sequence[tuple[int, Ints]]) -> Batch:
        """Return tensors by name."""
        places = [place for place, _ in drawn]
        taught = self.rows.taught
        return {
            **padded([ids for _, ids in drawn], self.padding),
            "labels": torch.from_numpy(self.rows.targets[places]),
            "weights": torch.from_numpy(self.rows.weights[places]),
            "corpus": torch.from_numpy(self.rows.corpus[places]),
            **({} if taught is None else {"taught": torch.from_numpy(taught[places])}),
        }
