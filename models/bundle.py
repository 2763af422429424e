"""A bundle on disk: read whole, checked to the byte, or refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tocsin.assessment import Tier
from tocsin.errors import BundleError
from tocsin.models import layout
from tocsin.models.calibration import Calibration
from tocsin.models.cascade import Cascade
from tocsin.models.encoder import Encoder
from tocsin.models.manifest import FORMAT, CascadeRecord, EncoderRecord, Manifest, SignalRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.signals import Signal

__all__ = ["Bundle", "read_bundle"]

_LARGEST_MANIFEST: Final = 1 << 20
_NEEDED: Final = (layout.SCREEN, layout.CALIBRATION, layout.REFERENCE, layout.TRAINING, layout.CARD)
_NEEDED_TO_ENCODE: Final = (
    layout.ENCODER,
    layout.TOKENIZER,
    layout.ENCODER_CALIBRATION,
    layout.ENCODER_REFERENCE,
    layout.ENCODER_CARD,
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Hold everything that is needed to score.

    `digest` is "sha256:" and the SHA-256 of ``bundle.json``, which holds that of every other file:
    it pins the whole. `references` has the calibration rows of each language.

    A bundle is read as one tier. As the encoder it holds `encoder`, and `manifest`, `calibration` and
    `references` are the encoder's in the encoder's languages, the screen's in all others. As the cascade it
    holds all that, and `cascade`, what clears texts before the encoder reads them. As the screen both are
    None.
    """

    manifest: Manifest
    digest: str
    screen: Screen
    calibration: Calibration
    references: Mapping[str, Reference]
    encoder: Encoder | None = None
    cascade: Cascade | None = None

    @property
    def tier(self) -> Tier:
        """Return the tier that the bundle was read as."""
        if self.cascade:
            return Tier.CASCADE
        return Tier.ENCODER if self.encoder else Tier.SCREEN

    def judge(self, language: str) -> Screen | Encoder:
        """Return the model that judges a language."""
        if self.encoder is not None and language in self.encoder.languages:
            return self.encoder
        return self.screen


def read_bundle(
    folder: Path, digest: str | None = None, *, tier: Tier | None = Tier.SCREEN, threads: int = 1
) -> Bundle:
    """Return the bundle in `folder` as one tier; an encoder reads `threads` windows at a time.

    `tier` None reads it as what it is meant for: the cascade where it has one, else the screen.

    Raises BundleError, naming the file, where one is missing, is a link, is not what its checksum says or has
    another format; and where `digest` is given and is not the bundle's own. Checksums beside the weights show
    damage, not origin: only a digest from elsewhere pins a bundle. Raises BundleError, too, where the bundle
    has no such tier.
    """
    content = _content(folder, layout.MANIFEST, _LARGEST_MANIFEST)
    found = f"sha256:{layout.sha256(content)}"
    if digest is not None and digest.lower() != found:
        raise BundleError(f"{folder}: bundle digest must be {digest}, was {found}")
    manifest = _manifest(folder / layout.MANIFEST, content)
    files = {name: _checked(folder, name, manifest) for name in manifest.files}
    missing = [name for name in (*_NEEDED, *_extra(manifest)) if name not in files]
    if missing:
        raise BundleError(f"{folder / layout.MANIFEST}: file {missing[0]} must be listed, was not")
    signals = tuple(manifest.signals)
    calibration = layout.parse_calibration(folder / layout.CALIBRATION, files[layout.CALIBRATION])
    _check_calibrated(folder / layout.CALIBRATION, manifest.signals, calibration)
    screen = Bundle(
        manifest=manifest,
        digest=found,
        screen=layout.parse_screen(folder / layout.SCREEN, files[layout.SCREEN], manifest.features, signals),
        calibration=calibration,
        references=layout.parse_reference(
            folder / layout.REFERENCE, files[layout.REFERENCE], manifest.languages, signals
        ),
    )
    if tier is None:
        tier = manifest.meant_for
    if tier not in manifest.tiers:
        known = ", ".join(manifest.tiers)
        rule = f"{known}, the only one that the bundle has" if len(manifest.tiers) == 1 else f"one of {known}"
        raise BundleError(f"{folder}: tier must be {rule}, was {tier}")
    if tier is Tier.SCREEN or manifest.encoder is None:
        return screen
    encoder = _as_encoder(folder, screen, manifest.encoder, files, threads)
    if tier is Tier.ENCODER or manifest.cascade is None:
        return encoder
    return replace(encoder, cascade=_cascade(folder, screen.screen, manifest.cascade, files))


def _extra(manifest: Manifest) -> tuple[str, ...]:
    return (
        *(_NEEDED_TO_ENCODE if manifest.encoder else ()),
        *(layout.CASCADE_FILES if manifest.cascade else ()),
    )


def _as_encoder(
    folder: Path, screen: Bundle, record: EncoderRecord, files: Mapping[str, bytes], threads: int
) -> Bundle:
    path = folder / layout.ENCODER_CALIBRATION
    calibration = layout.parse_calibration(path, files[layout.ENCODER_CALIBRATION])
    _check_calibrated(path, record.signals, calibration)
    references = layout.parse_reference(
        folder / layout.ENCODER_REFERENCE,
        files[layout.ENCODER_REFERENCE],
        record.languages,
        record.outputs,
    )
    return replace(
        screen,
        manifest=screen.manifest.as_encoder(),
        calibration=calibration.beside(screen.calibration, record.languages),
        references={**screen.references, **references},
        encoder=layout.parse_encoder(folder, files, record, screen.screen, threads),
    )


def _cascade(folder: Path, screen: Screen, record: CascadeRecord, files: Mapping[str, bytes]) -> Cascade:
    path = folder / layout.CASCADE_CALIBRATION
    calibration = layout.parse_calibration(path, files[layout.CASCADE_CALIBRATION])
    _check_calibrated(
        path,
        {signal: SignalRecord(languages=record.languages, corpora=()) for signal in record.outputs},
        calibration,
    )
    return Cascade.of(
        screen,
        layout.parse_distilled(
            folder / layout.DISTILLED, files[layout.DISTILLED], screen.spec, record.outputs
        ),
        calibration,
        layout.parse_pairs(
            folder / layout.CASCADE_PAIRS, files[layout.CASCADE_PAIRS], record.languages, record.outputs
        ),
    )


def _manifest(path: Path, content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        if key == "format":
            raise BundleError(f"{path}: format must be {FORMAT}, was {first['input']!r}") from error
        raise BundleError(f"{path}: {key or 'document'}: {first['msg']}") from error


def _checked(folder: Path, name: str, manifest: Manifest) -> bytes:
    record = manifest.files[name]
    content = _content(folder, name, record.bytes)
    if layout.sha256(content) != record.sha256:
        raise BundleError(f"{folder / name}: checksum must be {record.sha256}, was {layout.sha256(content)}")
    return content


def _content(folder: Path, name: str, largest: int) -> bytes:
    """Return a file's bytes; a link could lead out of the bundle, so none is followed."""
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise BundleError(f"{path}: must be a plain file, was {'a link' if path.is_symlink() else 'missing'}")
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise BundleError(f"{path}: must be at most {largest} bytes, was larger")
    return content


def _check_calibrated(path: Path, signals: Mapping[Signal, SignalRecord], calibration: Calibration) -> None:
    for signal, record in signals.items():
        for language in record.languages:
            if calibration.of(signal, language) is None:
                raise BundleError(f"{path}: signal {signal} must be calibrated in {language}, was not")
