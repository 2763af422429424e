"""A pretrained transformer with one output a signal, and what only training needs of it."""

from __future__ import annotations

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

__all__ = ["Network", "parameter_groups", "quieten", "read_tokenizer"]

_LAYER: Final = re.compile(r"\.(?:layer|layers|h)\.(\d+)\.")
_INTERCEPT_RATE: Final = 0.01
# Drawing what to drop takes a third of a step on a CPU; hidden tokens, noise and early looks stand in.
_DROPPED: Final = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout", "attention_dropout")


class Network(nn.Module):
    """Hold the classifier, which is exported, and an intercept a corpus and signal, which is not."""

    def __init__(self, classifier: PreTrainedModel, corpora: int, signals: int, *, compiled: bool) -> None:
        super().__init__()
        self.classifier = classifier
        read = classifier.forward
        self._read: Any = torch.compile(read, dynamic=True) if compiled else read
        self.intercepts = nn.Parameter(torch.zeros(corpora, signals))

    @classmethod
    def of(cls, config: EncoderConfig, outputs: Sequence[str], corpora: int) -> Network:
        """Return the backbone with fresh outputs, at the config's seed; raise CorpusError if it is none."""
        torch.manual_seed(config.seed)
        try:
            shape = AutoConfig.from_pretrained(config.backbone)
            for name in _DROPPED:
                if hasattr(shape, name):
                    setattr(shape, name, 0.0)
            shape.problem_type = "multi_label_classification"
            shape.id2label = dict(enumerate(map(str, outputs)))
            shape.label2id = {str(name): place for place, name in enumerate(outputs)}
            # On a CPU the plain attention learns twice as fast as the fused one, whose way back is slow.
            attention = "sdpa" if torch.cuda.is_available() else "eager"
            found = AutoModelForSequenceClassification.from_pretrained(
                config.backbone, config=shape, attn_implementation=attention, dtype=torch.float32
            )
        except (OSError, ValueError) as error:
            raise _unread(config, error) from error
        return cls(found, corpora, len(outputs), compiled=config.compiled)

    def digest(self) -> str:
        """Return a SHA-256 of the backbone's weights as they are now, by name."""
        found = hashlib.sha256()
        for name, tensor in sorted(self.classifier.base_model.state_dict().items()):
            found.update(name.encode())
            found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return found.hexdigest()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the ``(rows, signals)`` margins of a batch."""
        with torch.autocast(input_ids.device.type, torch.bfloat16, enabled=_half_pays()):
            logits: Tensor = self._read(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits.float()

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the weighted binary cross-entropy of a batch, a row: unknown labels weigh nothing."""
        margins = self(batch["input_ids"], batch["attention_mask"])
        none = torch.zeros_like(self.intercepts[:1])
        margins = margins + torch.cat([none, self.intercepts]).gather(0, batch["corpus"])
        each = nn.functional.binary_cross_entropy_with_logits(
            margins, batch["labels"], weight=batch["weights"], reduction="sum"
        )
        return each / len(margins)


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
