"""A classifier with exact weights, as training leaves it, and what it makes of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tocsin.errors import CorpusError
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.encoder.network import half, quieten
from tocsin.training.encoder.rows import encode, padded

__all__ = ["Reader"]

_ROWS_AT_ONCE: Final = 128
_TOLD: Final = 10  # times in a reading

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reader:
    """Hold a classifier in the Hugging Face layout, its tokenizer, and the signals of its outputs."""

    classifier: Any
    tokenizer: Any
    signals: tuple[Signal, ...]
    max_tokens: int = 128

    @classmethod
    def of(cls, folder: Path, max_tokens: int = 128) -> Reader:
        """Return the one that a training left in a folder; raise CorpusError if there is none of signals."""
        quieten()
        try:
            found = AutoModelForSequenceClassification.from_pretrained(folder)
            signals = tuple(Signal(found.config.id2label[place]) for place in range(found.config.num_labels))
            tokenizer = AutoTokenizer.from_pretrained(folder)
        except (OSError, ValueError) as error:
            first = str(error).strip().partition("\n")[0]
            rule = 'must be what `tocsin train --recipe encoder` leaves in its work folder\'s "huggingface"'
            raise CorpusError(f"{folder}: {rule}: {first}") from error
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(found.to(device).train(False), tokenizer, signals, max_tokens)

    def margins(self, texts: Sequence[str], tell: Callable[[str], None] = lambda _: None) -> Floats:
        """Return the ``(texts, signals)`` margins of texts as posted, read up to `max_tokens`."""
        ids = encode([normalise(text) for text in texts], self.tokenizer, self.max_tokens)
        order = np.argsort([len(one) for one in ids], kind="stable")
        found = np.zeros((len(texts), len(self.signals)))
        every = -(-len(order) // (_ROWS_AT_ONCE * _TOLD)) * _ROWS_AT_ONCE
        for first in range(0, len(order), _ROWS_AT_ONCE):
            if first and first % every == 0:
                tell(f"{first} of {len(order)} texts read")
            places = order[first : first + _ROWS_AT_ONCE]
            batch = padded([ids[place] for place in places], int(self.tokenizer.pad_token_id))
            batch = {name: tensor.to(self.classifier.device) for name, tensor in batch.items()}
            with torch.inference_mode(), half(self.classifier.device):  # as looks at dev do
                found[places] = self.classifier(**batch).logits.double().cpu().numpy()
        return found
