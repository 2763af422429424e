"""The spellings of a row that training draws from: as written, disturbed, another group named, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from tocsin.example import Example, Label
from tocsin.text import normalise
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.naming import renamed, unnamed
from tocsin.training.encoder.noise import disturbed
from tocsin.training.encoder.rows import EncodedRows, Tokenizer, encode

__all__ = ["Drawn", "hidden", "spellings"]

Ints = NDArray[np.int64]
WRITTEN, DISTURBED, RENAMED, UNNAMED = range(4)


def spellings(rows: Sequence[Example], tokenizer: Tokenizer, config: EncoderConfig) -> list[list[Ints]]:
    """Return for each row the token ids of its four spellings; one that is not wanted is that as written.

    A row in which some signal is positive keeps the group that it names, or has it hidden: what is hateful is
    not written anew.
    """
    rng = np.random.default_rng(config.seed + 2)
    written = [normalise(row.text) for row in rows]
    found = encode(written, tokenizer, config.max_tokens)
    noisy = found
    if config.noisy:
        texts = [normalise(disturbed(row.text, rng)) for row in rows]
        noisy = encode(texts, tokenizer, config.max_tokens)
    other, none = {}, {}
    if config.renamed:
        harmless = [(place, written[place]) for place, row in enumerate(rows) if _is_harmless(row)]
        other = {place: said for place, text in harmless if (said := renamed(text, rng)) is not None}
    if config.unnamed and tokenizer.mask_token is not None:
        mask = tokenizer.mask_token
        none = {
            place: said for place, text in enumerate(written) if (said := unnamed(text, mask)) is not None
        }
    each = (found, noisy, *(_instead(found, texts, tokenizer, config) for texts in (other, none)))
    return [list(one) for one in zip(*each, strict=True)]


def _is_harmless(row: Example) -> bool:
    return Label.POSITIVE not in row.labels.values() and Label.NEGATIVE in row.labels.values()


def _instead(
    found: Sequence[Ints], texts: Mapping[int, str], tokenizer: Tokenizer, config: EncoderConfig
) -> list[Ints]:
    """Return the token ids of rows, at some places those of other texts."""
    ids = list(found)
    for place, one in zip(texts, encode(list(texts.values()), tokenizer, config.max_tokens), strict=True):
        ids[place] = one
    return ids


@dataclass(frozen=True)
class Drawn(Dataset[tuple[int, Ints]]):
    """Hold the draws of a training: whose turn it is, and in which spelling."""

    rows: EncodedRows
    places: Ints
    spelling: Ints

    @classmethod
    def of(cls, places: Ints, rows: EncodedRows, config: EncoderConfig) -> Drawn:
        """Draw spellings at the config's shares."""
        rng = np.random.default_rng(config.seed + 3)
        luck = rng.random(len(places))
        spelling = np.full(len(places), WRITTEN)
        spelling[luck < config.noisy + config.renamed + config.unnamed] = UNNAMED
        spelling[luck < config.noisy + config.renamed] = RENAMED
        spelling[luck < config.noisy] = DISTURBED
        return cls(rows, places, spelling)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, turn: int) -> tuple[int, Ints]:
        place = int(self.places[turn])
        return place, self.rows.ids[place][int(self.spelling[turn])]


def hidden(tokenizer: Any, config: EncoderConfig) -> Callable[[Tensor], Tensor]:
    """Return what puts the mask in place of a share of a batch's tokens, special ones excepted."""
    mask = tokenizer.mask_token_id
    special = torch.tensor(tokenizer.all_special_ids)

    def hide(ids: Tensor) -> Tensor:
        if not config.masked or mask is None:
            return ids
        drawn = torch.rand(ids.shape, device=ids.device) < config.masked
        return ids.masked_fill(drawn & ~torch.isin(ids, special.to(ids.device)), mask)

    return hide
