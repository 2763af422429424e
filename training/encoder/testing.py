"""A transformer small enough for tests: two layers, fresh weights, a vocabulary of the words it is given."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import torch
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

__all__ = ["tiny_backbone"]

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
