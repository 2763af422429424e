"""An ONNX graph in ONNX Runtime, one window at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import BundleError

__all__ = ["INPUTS", "OUTPUT", "Session"]

INPUTS: Final = ("input_ids", "attention_mask")
OUTPUT: Final = "logits"
# The key that every reference to a file outside the graph must carry (onnx.proto, TensorProto.external_data),
# however the lengths before it are written.
_ELSEWHERE: Final = b"location"
_ERRORS_ONLY: Final = 3

Floats = NDArray[np.float64]


class Session:
    """Hold a graph that turns token ids into the margins of `signals`; calls from threads may overlap.

    One thread works on one window, and a window is never read beside another: quantised activations are
    scaled by what is read together, so a text would else score differently in other company. Raises
    BundleError, naming `path`, where `content` is no such graph, asks for a file beside it or for operators
    that ONNX Runtime lacks.
    """

    def __init__(self, path: Path, content: bytes, signals: int) -> None:
        import onnxruntime

        if _ELSEWHERE in content:
            raise BundleError(
                f"{path}: must hold all its tensors itself: the word location must not stand in it"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            found = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise BundleError(f"{path}: must be a graph that ONNX Runtime can run: {error}") from error
        given, made = [one.name for one in found.get_inputs()], [one.name for one in found.get_outputs()]
        if sorted(given) != sorted(INPUTS) or made != [OUTPUT]:
            raise BundleError(
                f"{path}: must turn {' and '.join(INPUTS)} into {OUTPUT},"
                f" turns {' and '.join(given)} into {' and '.join(made)}"
            )
        self._run = found.run
        why = self.refuses(np.zeros(1, np.int64))
        if why is not None:
            raise BundleError(f"{path}: must read a window of one token: {why}")
        width = self.margins(np.zeros(1, np.int64)).shape
        if width != (signals,):
            raise BundleError(f"{path}: must make {signals} margins a text, made {width}")

    def refuses(self, ids: NDArray[np.int64]) -> str | None:
        """Return why the graph cannot read a window of `ids`, None where it can."""
        try:
            self.margins(ids)
        except Exception as error:  # noqa: BLE001 - its errors share no class below it
            return str(error)
        return None

    def margins(self, ids: NDArray[np.int64]) -> Floats:
        """Return the ``(signals,)`` margins of one window of token ids."""
        told = {"input_ids": ids[None], "attention_mask": np.ones((1, len(ids)), np.int64)}
        (logits,) = self._run([OUTPUT], told)
        return np.asarray(logits[0], np.float64)
