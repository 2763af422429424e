"""Where things lie in a bundle, and the format of each file, to read and to write."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from tokenizers import Tokenizer

from tocsin.assessment import Tier
from tocsin.errors import BundleError
from tocsin.models.calibration import Calibration
from tocsin.models.cascade import Pairs
from tocsin.models.encoder import Encoder, Session, Windows
from tocsin.models.features import FeatureSpec
from tocsin.models.manifest import EncoderRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.signals import Signal

__all__ = [
    "CALIBRATION",
    "CARD",
    "CARDS",
    "CASCADE_CALIBRATION",
    "CASCADE_CARD",
    "CASCADE_FILES",
    "CASCADE_PAIRS",
    "DISTILLED",
    "ENCODER",
    "ENCODER_CALIBRATION",
    "ENCODER_CARD",
    "ENCODER_REFERENCE",
    "MANIFEST",
    "REFERENCE",
    "SCREEN",
    "TOKENIZER",
    "TRAINING",
    "dump_distilled",
    "dump_json",
    "dump_pairs",
    "dump_reference",
    "dump_screen",
    "parse_calibration",
    "parse_distilled",
    "parse_encoder",
    "parse_pairs",
    "parse_reference",
    "parse_screen",
    "sha256",
]

MANIFEST: Final = "bundle.json"
SCREEN: Final = "screen.safetensors"
CALIBRATION: Final = "calibration.json"
REFERENCE: Final = "reference.safetensors"
TRAINING: Final = "training.json"
CARD: Final = "card.md"
ENCODER: Final = "encoder.onnx"
TOKENIZER: Final = "tokenizer.json"
ENCODER_CALIBRATION: Final = "encoder-calibration.json"
ENCODER_REFERENCE: Final = "encoder-reference.safetensors"
ENCODER_CARD: Final = "encoder-card.md"
DISTILLED: Final = "distilled.safetensors"
CASCADE_CALIBRATION: Final = "cascade-calibration.json"
CASCADE_PAIRS: Final = "cascade-pairs.safetensors"
CASCADE_CARD: Final = "cascade-card.md"
CASCADE_FILES: Final = (DISTILLED, CASCADE_CALIBRATION, CASCADE_PAIRS, CASCADE_CARD)
CARDS: Final[Mapping[Tier, str]] = {
    Tier.SCREEN: CARD,
    Tier.ENCODER: ENCODER_CARD,
    Tier.CASCADE: CASCADE_CARD,
}

Tensors = Mapping[str, NDArray[np.generic]]


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def dump_json(document: object) -> bytes:
    """Return JSON that is the same for the same document, one key a line."""
    return (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def dump_screen(screen: Screen) -> bytes:
    """Return the weights as safetensors."""
    return _dump({"table": screen.table, "scale": screen.scale, "bias": screen.bias})


def parse_screen(path: Path, content: bytes, spec: FeatureSpec, signals: tuple[Signal, ...]) -> Screen:
    """Return the screen that `content` holds; raise BundleError where its tensors do not fit."""
    tensors = _tensors(path, content)
    table = _tensor(path, tensors, "table", np.int16, (spec.buckets, len(signals)))
    scale = _tensor(path, tensors, "scale", np.float32, (len(signals),)).astype(np.float32)
    bias = _tensor(path, tensors, "bias", np.float32, (len(signals),))
    if not (scale > 0).all():
        raise BundleError(f"{path}: tensor scale must be above 0 everywhere")
    return Screen(spec, signals, table.astype(np.int16), scale, bias.astype(np.float32))


def dump_distilled(distilled: Screen) -> bytes:
    """Return the distilled screen's weights, which must fit in a byte each, as safetensors.

    The table is packed with zlib, for most weights are small. Its buckets may be fewer than the screen's:
    those of the same last bits share a weight.
    """
    packed = zlib.compress(np.ascontiguousarray(distilled.table.astype(np.int8)).tobytes(), 9)
    buckets = np.array([distilled.spec.buckets], np.int64)
    return _dump(
        {
            "buckets": buckets,
            "packed": np.frombuffer(packed, np.uint8),
            "scale": distilled.scale,
            "bias": distilled.bias,
        }
    )


def parse_distilled(path: Path, content: bytes, spec: FeatureSpec, signals: tuple[Signal, ...]) -> Screen:
    """Return the distilled screen as one that reads what the screen reads; raise BundleError otherwise."""
    tensors = _tensors(path, content)
    buckets = int(_tensor(path, tensors, "buckets", np.int64, (1,))[0])
    if not 0 < buckets <= spec.buckets or spec.buckets % buckets:
        raise BundleError(f"{path}: tensor buckets must divide {spec.buckets}, was {buckets}")
    packed = tensors.get("packed", np.empty(0, np.uint8))
    table = _unpacked(path, _tensor(path, tensors, "packed", np.uint8, (packed.size,)), buckets, len(signals))
    scale = _tensor(path, tensors, "scale", np.float32, (len(signals),)).astype(np.float32)
    bias = _tensor(path, tensors, "bias", np.float32, (len(signals),))
    if not (scale > 0).all():
        raise BundleError(f"{path}: tensor scale must be above 0 everywhere")
    whole = np.tile(table.astype(np.int16), (spec.buckets // buckets, 1))
    return Screen(spec, signals, whole, scale, bias.astype(np.float32))


def _unpacked(path: Path, packed: NDArray[np.generic], buckets: int, signals: int) -> NDArray[np.int8]:
    """Return the weights that a tensor packs: no more is unpacked than there must be."""
    size = buckets * signals
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed.tobytes(), size + 1)
    except zlib.error as error:
        raise BundleError(f"{path}: tensor packed must be packed with zlib, was not: {error}") from error
    if len(content) != size or not unpacking.eof or unpacking.unused_data:
        raise BundleError(f"{path}: tensor packed must hold {size} weights and no more, did not")
    return np.frombuffer(content, np.int8).reshape(buckets, signals)


def dump_pairs(pairs: Mapping[str, Pairs]) -> bytes:
    """Return the log-odds that two tiers give to the same texts, two tensors a language, in `Pairs.STEPS`."""
    tensors: dict[str, NDArray[np.generic]] = {}
    for language, told in sorted(pairs.items()):
        for name, values in (("distilled", told.distilled), ("encoder", told.encoder)):
            tensors[f"{name}.{language}"] = np.rint(values * Pairs.STEPS).astype(np.int16)
    return _dump(tensors)


def parse_pairs(
    path: Path, content: bytes, languages: Sequence[str], signals: tuple[Signal, ...]
) -> Mapping[str, Pairs]:
    """Return the pairs of each language; raise BundleError where the tensors do not fit."""
    tensors = _tensors(path, content)
    found = {}
    for language in languages:
        rows = tensors.get(f"encoder.{language}", np.empty(0)).size // len(signals)
        both = [
            _tensor(path, tensors, f"{name}.{language}", np.int16, (rows, len(signals))).astype(np.float64)
            for name in ("distilled", "encoder")
        ]
        found[language] = Pairs(signals, *(values / Pairs.STEPS for values in both))
    return found


def dump_reference(references: Mapping[str, Reference]) -> bytes:
    """Return the calibration rows' scores and labels, two tensors a language."""
    tensors: dict[str, NDArray[np.generic]] = {}
    for language, reference in sorted(references.items()):
        tensors[f"scores.{language}"] = reference.scores.astype(np.float32)
        tensors[f"labels.{language}"] = reference.labels
    return _dump(tensors)


def parse_reference(
    path: Path, content: bytes, languages: frozenset[str], signals: tuple[Signal, ...]
) -> Mapping[str, Reference]:
    """Return the reference rows of each language; raise BundleError where the tensors do not fit."""
    tensors = _tensors(path, content)
    references = {}
    for language in sorted(languages):
        rows = tensors.get(f"scores.{language}", np.empty(0)).size // len(signals)
        scores = _tensor(path, tensors, f"scores.{language}", np.float32, (rows, len(signals)))
        labels = _tensor(path, tensors, f"labels.{language}", np.int8, (rows, len(signals)))
        try:
            references[language] = Reference(signals, scores.astype(np.float64), labels.astype(np.int8))
        except ValueError as error:
            raise BundleError(f"{path}: {language}: {error}") from error
    return references


def parse_encoder(
    folder: Path, files: Mapping[str, bytes], record: EncoderRecord, screen: Screen, threads: int
) -> Encoder:
    """Return the encoder that the files hold; raise BundleError where they do not fit the manifest."""
    try:
        tokenizer = Tokenizer.from_buffer(files[TOKENIZER])
        windows = Windows(tokenizer, record.max_tokens, record.stride, record.prefix, record.suffix)
    except Exception as error:
        raise BundleError(f"{folder / TOKENIZER}: must be a tokenizer: {error}") from error
    unheard = [signal for signal, factor in record.blend.items() if factor and signal not in screen.signals]
    if unheard:
        raise BundleError(
            f"{folder / MANIFEST}: encoder.blend: {unheard[0]} must be a signal of the screen, was not"
        )
    session = Session(folder / ENCODER, files[ENCODER], len(record.outputs))
    _check_reads(folder, session, record, tokenizer)
    blend = tuple(record.blend.get(signal, 0.0) for signal in record.outputs)
    return Encoder(record.outputs, record.languages, windows, session, screen, blend, threads)


def _check_reads(folder: Path, session: Session, record: EncoderRecord, tokenizer: Tokenizer) -> None:
    """Refuse what would only fail at some text: a token that the graph lacks, a window too long for it."""
    tokens = [*tokenizer.get_vocab(with_added_tokens=True).values(), *record.prefix, *record.suffix]
    for place, rule, ids in (
        (TOKENIZER, "must know no token that the graph lacks", [max(tokens, default=0)]),
        (MANIFEST, "encoder.max_tokens: must be as many as the graph can read", [0] * record.max_tokens),
    ):
        why = session.refuses(np.array(ids, np.int64))
        if why is not None:
            raise BundleError(f"{folder / place}: {rule}: {why}")


def parse_calibration(path: Path, content: bytes) -> Calibration:
    """Return the calibration that `content` holds; raise BundleError where it is none."""
    try:
        return Calibration.model_validate_json(content)
    except ValueError as error:
        raise BundleError(f"{path}: {error}") from error


def _dump(tensors: Tensors) -> bytes:
    # safetensors writes a buffer as it lies: a transposed one would be read back scrambled.
    return save_tensors({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})


def _tensors(path: Path, content: bytes) -> Tensors:
    try:
        return load_tensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: must be a safetensors file: {error}") from error


def _tensor(
    path: Path, tensors: Tensors, name: str, kind: type[np.generic], shape: tuple[int, ...]
) -> NDArray[np.generic]:
    tensor = tensors.get(name)
    if tensor is None:
        raise BundleError(f"{path}: tensor {name} is missing; found {', '.join(sorted(tensors)) or 'none'}")
    if tensor.dtype != np.dtype(kind) or tensor.shape != shape:
        raise BundleError(
            f"{path}: tensor {name} must be {np.dtype(kind)} {shape}, was {tensor.dtype} {tensor.shape}"
        )
    if np.issubdtype(kind, np.floating) and not np.isfinite(tensor.astype(np.float64)).all():
        raise BundleError(f"{path}: tensor {name} must be finite everywhere")
    return tensor
