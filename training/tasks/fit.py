"""Fine-tune the encoder's backbone on the classes of one task; the best of the looks at dev is kept."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from tocsin.text import normalise
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import Network, digest, parameter_groups, quieten, read_tokenizer
from tocsin.training.encoder.plan import draws, steps
from tocsin.training.encoder.rows import Batch, Collate, EncodedRows, encode
from tocsin.training.encoder.spellings import hidden
from tocsin.training.tasks.task import Row

__all__ = ["Classifier", "Fitted", "fit"]

_LARGEST_GRADIENT: Final = 1.0
_ROWS_AT_ONCE: Final = 128
_TOLD: Final = 100  # times in a fine-tuning

Floats = NDArray[np.float64]
Hide = Callable[[Tensor], Tensor]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Hold a network with one output a class, and its tokenizer."""

    network: Network
    tokenizer: Any
    classes: int
    max_tokens: int

    def probabilities(self, rows: Sequence[Row]) -> Floats:
        """Return the ``(rows, classes)`` probabilities that the network gives."""
        encoded = self.encoded(rows)
        collate = Collate(encoded, int(self.tokenizer.pad_token_id))
        order = np.argsort(encoded.lengths, kind="stable").tolist()
        found = np.zeros((len(rows), self.classes))
        self.network.eval()
        for first in range(0, len(order), _ROWS_AT_ONCE):
            places = order[first : first + _ROWS_AT_ONCE]
            with torch.no_grad():
                margins = self.margins(collate([encoded[place] for place in places]))
            found[places] = torch.softmax(margins.double(), 1).cpu().numpy()
        return found

    def encoded(self, rows: Sequence[Row]) -> EncodedRows:
        """Return rows as token ids, with a target of 1 for the class of each."""
        ids = encode([normalise(row.text) for row in rows], self.tokenizer, self.max_tokens)
        targets = np.eye(self.classes, dtype=np.float32)[[row.label for row in rows]]
        return EncodedRows(
            [[one] for one in ids], targets, np.ones_like(targets), np.zeros(targets.shape, np.int64)
        )

    def margins(self, batch: Batch, hide: Hide = lambda ids: ids) -> Tensor:
        """Return the ``(rows, classes)`` outputs for a batch, with some of its tokens hidden."""
        device = self.network.intercepts.device
        found: Tensor = self.network(hide(batch["input_ids"].to(device)), batch["attention_mask"].to(device))
        return found


@dataclass(frozen=True, slots=True)
class Fitted:
    """Hold the classifier at its best look at dev, and what each look saw."""

    classifier: Classifier
    looks: Sequence[Mapping[str, float]]
    backbone_sha256: str


def fit(
    train: Sequence[Row],
    classes: Sequence[str],
    config: EncoderConfig,
    quality: Callable[[Classifier], float],
    tell: Tell = lambda _: None,
) -> Fitted:
    """Fine-tune the config's backbone on `train`, and return it as it was when its quality was highest.

    Quality is asked for after each epoch, of the classifier as it is then. Raises CorpusError where there
    is no backbone.
    """
    quieten()
    network = Network.of(config, classes, corpora=0)
    backbone = digest(network.classifier.base_model)
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = read_tokenizer(config)
    classifier = Classifier(network, tokenizer, len(classes), config.max_tokens)
    looks: list[Mapping[str, float]] = []
    best = network.state_dict()
    for step in _steps(classifier, train, config, tell):
        reached = quality(classifier)
        if all(reached > look["quality"] for look in looks):
            best = copy.deepcopy(network.state_dict())
        looks.append({"step": step, "quality": reached})
        tell(f"step {step}: dev {reached:.4f}")
    network.load_state_dict(best)
    return Fitted(classifier, looks, backbone)


def _steps(classifier: Classifier, train: Sequence[Row], config: EncoderConfig, tell: Tell) -> Iterator[int]:
    """Take the steps of a whole fine-tuning; yield the number of those taken, at the end of each epoch."""
    rows = classifier.encoded(train)
    drawn = draws([""] * len(train), config.epochs, config.temperature, config.seed)
    plan = list(steps(drawn, rows.lengths, config.rows_a_step, config.seed))
    ends = _ends(len(plan), config.epochs)
    collate = Collate(rows, int(classifier.tokenizer.pad_token_id))
    hide = hidden(classifier.tokenizer, config)
    optimiser = torch.optim.AdamW(parameter_groups(classifier.network, config), betas=(0.9, 0.98), fused=True)
    rate = LambdaLR(optimiser, lambda taken: _rate(taken, config.warmup * len(plan), len(plan)))
    started = time.monotonic()
    for taken, places in enumerate(plan, start=1):
        loss = _step(classifier, collate([rows[int(drawn[place])] for place in places]), hide, optimiser)
        rate.step()
        if taken % max(len(plan) // _TOLD, 1) == 0:
            left = (time.monotonic() - started) / taken * (len(plan) - taken)
            tell(f"step {taken} of {len(plan)}, {left / 60:.0f} min left: loss {loss.item():.4f}")
        if taken in ends:
            yield taken


def _step(classifier: Classifier, batch: Batch, hide: Hide, optimiser: torch.optim.Optimizer) -> Tensor:
    """Learn from one batch; return its loss, the mean cross-entropy."""
    classifier.network.train()
    margins = classifier.margins(batch, hide)
    loss = nn.functional.cross_entropy(margins, batch["labels"].to(margins.device))
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(classifier.network.parameters(), _LARGEST_GRADIENT)
    optimiser.step()
    return loss


def _rate(taken: int, warmup: float, planned: int) -> float:
    """Return the share of the learning rate after so many steps: up to all of it, then down to none."""
    return min((taken + 1) / max(warmup, 1), (planned - taken) / max(planned - warmup, 1), 1)


def _ends(planned: int, epochs: float) -> set[int]:
    """Return after how many steps each epoch ends, the last one early where it is not whole."""
    whole = [round(planned * epoch / epochs) for epoch in range(1, int(epochs) + 1)]
    return {planned, *(end for end in whole if end)}
