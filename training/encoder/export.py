"""A fitted encoder as files: a graph with whole-number weights, a tokenizer, the Hugging Face layout."""

from __future__ import annotations

import logging
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from tocsin.models.encoder.session import INPUTS, OUTPUT

__all__ = ["Exported", "bare", "export", "save_layout"]

_OPSET: Final = 18
_MOST_ROWS: Final = 4_096
_EXAMPLE: Final = (2, 8)  # rows and tokens; both may vary, but no window is shorter than that
_WHOLE: Final = ("MatMul", "Gemm", "Gather")


@dataclass(frozen=True, slots=True)
class Exported:
    """Hold what a bundle needs of an encoder: graph, tokenizer, and the special tokens around a text.

    `exact` is the graph before its weights became whole numbers.
    """

    graph: bytes
    exact: bytes
    tokenizer: bytes
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]


def export(classifier: PreTrainedModel, tokenizer: Any, max_tokens: int) -> Exported:
    """Return a classifier as an ONNX graph of standard operators, for any number of rows and tokens.

    Weights, embeddings included, become 8-bit whole numbers, one scale an output; activations do so as they
    come.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-") as scratch:
        exact, whole = Path(scratch) / "exact.onnx", Path(scratch) / "whole.onnx"
        _to_onnx(classifier, exact, max_tokens)
        _to_whole_numbers(exact, whole)
        prefix, suffix = _around(tokenizer)
        return Exported(bare(whole), bare(exact), _tokenizer(tokenizer), prefix, suffix)


def bare(path: Path) -> bytes:
    """Return a graph without what its exporter noted of where each node came from."""
    model = onnx.load(path)
    graph = model.graph
    for part in (
        model,
        graph,
        *graph.node,
        *graph.initializer,
        *graph.input,
        *graph.output,
        *graph.value_info,
    ):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return bytes(model.SerializeToString(deterministic=True))


def save_layout(folder: Path, classifier: PreTrainedModel, tokenizer: Any) -> None:
    """Write what `transformers.pipeline("text-classification")` loads; it takes normalised texts."""
    classifier.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


class _Margins(nn.Module):
    def __init__(self, classifier: PreTrainedModel) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.classifier(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def _to_onnx(classifier: PreTrainedModel, path: Path, max_tokens: int) -> None:
    ids = torch.ones(_EXAMPLE, dtype=torch.long)
    rows = torch.export.Dim("rows", min=1, max=_MOST_ROWS)
    tokens = torch.export.Dim("tokens", min=2, max=max_tokens)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter's own making
        torch.onnx.export(
            _Margins(classifier.cpu().train(False)),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_shapes=({0: rows, 1: tokens}, {0: rows, 1: tokens}),
            opset_version=_OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _to_whole_numbers(exact: Path, whole: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # it advises what its own documents advise against for transformers
    try:
        quantize_dynamic(
            exact, whole, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=list(_WHOLE)
        )
    finally:
        logging.disable(logging.NOTSET)


def _tokenizer(tokenizer: Any) -> bytes:
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return str(backend.to_str()).encode()


def _around(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the special tokens that stand before and after every text."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    whole = tokenizer("a")["input_ids"]
    at = next(place for place in range(len(whole)) if whole[place : place + len(bare)] == bare)
    return tuple(whole[:at]), tuple(whole[at + len(bare) :])
