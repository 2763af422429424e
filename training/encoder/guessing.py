"""Hidden words, and what guesses them: a backbone, a layer on top, its own embeddings as outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from tocsin.training.encoder.network import half

__all__ = ["NOTHING", "Guesser", "hide"]

NOTHING: Final = -100  # the label where there is nothing to guess
_MASKED: Final = 0.8  # of the words to guess are hidden ...
_LEFT: Final = 0.9  # ... and up to here left as they are; the rest is any other word


class Guesser(nn.Module):
    """Hold a backbone and, for the time that it learns from hidden words, what turns states into words.

    Sentence models come without such outputs; theirs are new, and tied to the embeddings.
    """

    def __init__(self, backbone: PreTrainedModel, *, compiled: bool = False) -> None:
        super().__init__()
        self.backbone = backbone
        words, width = self._embeddings.shape
        self.top = nn.Sequential(
            nn.Linear(backbone.config.hidden_size, width), nn.GELU(), nn.LayerNorm(width)
        )
        self.bias = nn.Parameter(torch.zeros(words))
        self._read: Any = torch.compile(backbone.forward, dynamic=True) if compiled else backbone.forward

    @property
    def _embeddings(self) -> Tensor:
        weight = self.backbone.get_input_embeddings().weight
        assert isinstance(weight, Tensor)  # noqa: S101 - embeddings have a vector a word
        return weight

    def loss(self, batch: Mapping[str, Tensor], shown: Tensor, labels: Tensor) -> Tensor:
        """Return the mean cross-entropy, in nats, of the words that `labels` asks for."""
        asked = labels != NOTHING
        with half(shown.device):
            states = self._read(input_ids=shown, attention_mask=batch["attention_mask"]).last_hidden_state
            guesses = nn.functional.linear(self.top(states[asked]), self._embeddings, self.bias)
        return nn.functional.cross_entropy(guesses.float(), labels[asked])

    def groups(self, rate: float, decay: float) -> list[dict[str, Any]]:
        """Return the optimiser's groups: all at one rate; biases and norms do not decay."""
        parts: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for parameter in self.parameters():
            parts[parameter.ndim > 1].append(parameter)
        return [
            {"params": found, "lr": rate, "weight_decay": decay if matrices else 0.0}
            for matrices, found in parts.items()
        ]


def hide(ids: Tensor, share: float, tokenizer: Any) -> tuple[Tensor, Tensor]:
    """Return token ids, a share of the words hidden, and labels: what they were, `NOTHING` elsewhere.

    Special tokens are never asked for, and at least one token is. Of those asked for eight in ten are hidden,
    one is as it was, one is any other (Devlin et al. 2019).
    """
    special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids, device=ids.device))
    chance = torch.rand(ids.shape, device=ids.device).masked_fill(special, 1)
    asked = ((chance < share) | (chance == chance.min())) & ~special
    how = torch.rand(ids.shape, device=ids.device)
    other = torch.randint(len(tokenizer), ids.shape, device=ids.device)
    shown = torch.where(how < _MASKED, tokenizer.mask_token_id, torch.where(how < _LEFT, ids, other))
    return torch.where(asked, shown, ids), ids.masked_fill(~asked, NOTHING)
