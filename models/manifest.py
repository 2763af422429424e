"""`bundle.json`: what a bundle says of itself, and the checksum of every other file in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal

__all__ = ["FORMAT", "FileRecord", "GateRecord", "Manifest", "MemberRecord", "SignalRecord"]

FORMAT: Final = 2
LARGEST_FILE: Final = 1 << 30

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Basename = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileRecord(_Record):
    """Say what one file must be, to the byte."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    bytes: int = Field(ge=0, le=LARGEST_FILE)


class SignalRecord(_Record):
    """Say in which languages a signal was trained and tested, and on which corpora."""

    languages: tuple[Language, ...] = Field(min_length=1)
    corpora: tuple[str, ...]


class MemberRecord(_Record):
    """Hold one signal's own threshold, None where nothing reaches it, and the rows it was fitted on."""

    threshold: float | None
    positives: int = Field(ge=0)
    negatives: int = Field(ge=0)


class GateRecord(_Record):
    """Say which thresholds the shipped policy got at one level in one language, and on what ground.

    `threshold` stands for the whole policy; where the rows do not carry that, `members` has each
    signal's own. None: no threshold meets the target, so nothing fires. `rows` and `reached` are
    those of a budget, never of a bundle's own policy; `reached` is None where it was not fitted.
    """

    policy: str
    level: Literal["review", "urgent"]
    language: Language
    target: str
    certified: bool
    confidence: float
    threshold: float | None = None
    members: Mapping[Signal, MemberRecord] = {}
    positives: int
    negatives: int
    rows: int | None = None
    reached: int | None = None


class Manifest(_Record):
    """Hold the whole of ``bundle.json``."""

    format: Annotated[int, Field(strict=True, ge=FORMAT, le=FORMAT)]
    name: Word
    version: Word
    recipe: Literal["screen"]
    features: FeatureSpec
    signals: Mapping[Signal, SignalRecord] = Field(min_length=1)
    thresholds: tuple[GateRecord, ...]
    policy_digest: Digest
    training_digest: Digest
    licence: str
    files: Mapping[Basename, FileRecord]

    @property
    def languages(self) -> frozenset[str]:
        """Return every language in which any signal can be judged."""
        return frozenset(language for record in self.signals.values() for language in record.languages)

    def known(self, language: str) -> frozenset[Signal]:
        """Return the signals that can be judged in `language`."""
        return frozenset(signal for signal, record in self.signals.items() if language in record.languages)
