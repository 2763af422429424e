"""What tests of the encoder share: a transformer of two small layers, made-up rows, what kills a training."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import torch
from tokenizers import BertWordPieceTokenizer
from torch import nn
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from tocsin.example import Example, Label
from tocsin.signals import Signal

__all__ = ["COOKING", "SPORT", "KilledError", "dishes", "same_weights", "stop_after", "tiny_backbone"]

COOKING: Final = ("soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic")
SPORT: Final = ("goal", "match", "ball", "referee", "team", "stadium", "sprint", "medal")

_SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789.,!?-'<>:_"


def tiny_backbone(folder: Path, words: Iterable[str], *, seed: int = 7) -> Path:
    """Write a backbone that knows `words` and all letters to `folder`, as hubs lay it out; return it."""
    vocabulary = [*_SPECIAL, *dict.fromkeys(words), *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    places = {word: place for place, word in enumerate(dict.fromkeys(vocabulary))}
    torch.manual_seed(seed)
    shape = BertConfig(
        vocab_size=len(places),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(shape).save_pretrained(folder)
    pieces = BertWordPieceTokenizer(vocab=places, lowercase=True)
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=pieces._tokenizer, model_max_length=64, **dict(zip(names, _SPECIAL, strict=True))
    ).save_pretrained(folder)
    return folder


def dishes(rows: int, seed: int, *, positive: Sequence[str] = COOKING, wrong: float = 0) -> list[Example]:
    """Return texts about cooking and sport by turns, one kind positive for hate; a share says otherwise."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    found = []
    for number in range(rows):
        words = SPORT if number % 2 else COOKING
        text = " ".join(draw.choices(words, k=5))
        label = Label.POSITIVE if (words is positive) != (draw.random() < wrong) else Label.NEGATIVE
        name = f"kitchen:{seed}-{number}"
        found.append(Example(name, text, "en", "kitchen", "CC0-1.0", {Signal.HATE: label}))
    return found


class KilledError(Exception):
    """Stand for whatever ends a training before its time."""


def stop_after(times: int, word: str = "dev AUROC") -> Callable[[str], None]:
    """Return what lets a training go on until it tells more, once it has told a word so many times."""
    seen: list[str] = []

    def tell(line: str) -> None:
        if len(seen) == times:
            raise KilledError
        seen.extend([line] * (word in line))

    return tell


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Say whether two networks have the same weights, to the bit."""
    ours, theirs = one.state_dict(), other.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)
