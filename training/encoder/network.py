"""A pretrained transformer with one output a signal, and what only training needs of it."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel
from transformers.utils import logging

from tocsin.errors import CorpusError
from tocsin.training.encoder.config import EncoderConfig

__all__ = ["Network", "digest", "half", "parameter_groups", "pretrained", "quieten", "read_tokenizer"]

_LAYER: Final = re.compile(r"\.(?:layer|layers|h)\.(\d+)\.")
_INTERCEPT_RATE: Final = 0.01
# Drawing what to drop takes a third of a step on a CPU; hidden tokens, noise and early looks stand in.
_DROPPED: Final = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout")


class Network(nn.Module):
    """Hold the classifier, an average of its weights if wanted, and an intercept a corpus and signal.

    The average, or else the classifier, judges and is exported; intercepts serve learning alone.
    """

    def __init__(
        self,
        classifier: PreTrainedModel,
        corpora: int,
        signals: int,
        *,
        compiled: bool = False,
        averaged: bool = False,
    ) -> None:
        super().__init__()
        self.classifier = classifier
        self.average = copy.deepcopy(classifier).requires_grad_(False) if averaged else None
        self._read: Any = torch.compile(classifier.forward, dynamic=True) if compiled else classifier.forward
        self.intercepts = nn.Parameter(torch.zeros(corpora, signals))

    @classmethod
    def of(cls, config: EncoderConfig, outputs: Sequence[str], corpora: int) -> Network:
        """Return the backbone with fresh outputs, at the config's seed; raise CorpusError if it is none."""
        torch.manual_seed(config.seed)
        told = {
            "problem_type": "multi_label_classification",
            "id2label": dict(enumerate(map(str, outputs))),
            "label2id": {str(name): place for place, name in enumerate(outputs)},
        }
        found = pretrained(AutoModelForSequenceClassification, config, told)
        return cls(found, corpora, len(outputs), compiled=config.compiled, averaged=config.averaged > 0)

    @property
    def judge(self) -> PreTrainedModel:
        """Return the classifier that looks at dev are of, and that is exported."""
        return self.average or self.classifier

    def step_average(self, share: float) -> None:
        """Move the average by a share of the way to the weights as they are now."""
        assert self.average is not None  # noqa: S101 - the caller asked for one
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.classifier.parameters(), strict=True):
                mean.lerp_(now, share)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the ``(rows, signals)`` margins of a batch."""
        read = self._read if self.training or self.average is None else self.average
        with half(input_ids.device):
            logits: Tensor = read(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits.float()

    def loss(self, batch: Mapping[str, Tensor], taught: float = 0, least: float = 0) -> Tensor:
        """Return the weighted binary cross-entropy of a batch, a row: unknown labels weigh nothing.

        The share `taught` of it is that to what teachers say, who know no corpus: without the intercepts, and
        of every signal, at a weight of `least` or more.
        """
        margins = self(batch["input_ids"], batch["attention_mask"])
        none = torch.zeros_like(self.intercepts[:1])
        own = torch.cat([none, self.intercepts]).gather(0, batch["corpus"])
        found = _entropy(margins + own, batch["labels"], batch["weights"])
        if not taught:
            return found
        theirs = _entropy(margins, batch["taught"], batch["weights"].clamp(min=least))
        return (1 - taught) * found + taught * theirs


def _entropy(margins: Tensor, said: Tensor, weights: Tensor) -> Tensor:
    summed = nn.functional.binary_cross_entropy_with_logits(margins, said, weight=weights, reduction="sum")
    return summed / len(margins)


def pretrained(kind: Any, config: EncoderConfig, told: Mapping[str, Any]) -> PreTrainedModel:
    """Return the config's backbone as a model of some kind, without dropout; raise CorpusError if it is none.

    `kind` is one of the classes of transformers that load models; `told` is set in the model's own config.
    """
    try:
        shape = AutoConfig.from_pretrained(config.backbone)
        for name in _DROPPED:
            if hasattr(shape, name):
                setattr(shape, name, 0.0)
        for name, value in told.items():
            setattr(shape, name, value)
        # On a CPU the plain attention learns twice as fast as the fused one, whose way back is slow.
        attention = "sdpa" if torch.cuda.is_available() else "eager"
        found: PreTrainedModel = kind.from_pretrained(
            config.backbone, config=shape, attn_implementation=attention, dtype=torch.float32
        )
    except (OSError, ValueError) as error:
        raise _unread(config, error) from error
    return found


def digest(backbone: nn.Module) -> str:
    """Return a SHA-256 of a backbone's weights as they are now, by name."""
    found = hashlib.sha256()
    for name, tensor in sorted(backbone.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def read_tokenizer(config: EncoderConfig) -> Any:
    """Return the backbone's tokenizer; raise CorpusError where there is none."""
    try:
        return AutoTokenizer.from_pretrained(config.backbone)
    except (OSError, ValueError) as error:
        raise _unread(config, error) from error


def quieten() -> None:
    """Keep transformers from telling on standard error that the outputs are fresh: they are meant to be."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _unread(config: EncoderConfig, error: Exception) -> CorpusError:
    first = str(error).strip().partition("\n")[0]
    rule = "backbone must be a model hub's id that can be reached, or a local folder"
    return CorpusError(f"{rule}, was {config.backbone!r}: {first}")


def half(device: torch.device) -> torch.autocast:
    """Return the context in which products are in bf16, where that is faster."""
    return torch.autocast(device.type, torch.bfloat16, enabled=_half_pays())


@cache
def _half_pays() -> bool:
    """Say whether half as many bits are faster: on a GPU that has them, and on CPUs with tiles for them."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_amx_tile_supported())


def parameter_groups(network: Network, config: EncoderConfig) -> list[dict[str, Any]]:
    """Return the optimiser's groups: slower the deeper; biases and norms do not decay."""
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    depth = max(at for at, _ in _by_depth(network.classifier))
    for at, parameter in _by_depth(network.classifier):
        rate = config.learning_rate * config.layer_decay ** (depth - at)
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        key = (rate, decay)
        groups.setdefault(key, {"params": [], "lr": rate, "weight_decay": decay})["params"].append(parameter)
    own = {"params": [network.intercepts], "lr": _INTERCEPT_RATE, "weight_decay": 0.0}
    return [*groups.values(), own]


def _by_depth(classifier: PreTrainedModel) -> Iterator[tuple[int, nn.Parameter]]:
    """Yield each parameter with its depth: embeddings 0, layers from 1 on, outputs above the last."""
    layers = int(getattr(classifier.config, "num_hidden_layers", 0))
    for name, parameter in classifier.named_parameters():
        found = _LAYER.search(f".{name}")
        above = 0 if "embeddings" in name else layers + 1
        yield (int(found[1]) + 1 if found else above), parameter
