"""`bundle.json`: what a bundle says of itself, and the checksum of every other file in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tocsin.assessment import Tier
from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal

__all__ = [
    "FORMAT",
    "CascadeRecord",
    "ClearingRecord",
    "EncoderRecord",
    "FileRecord",
    "GateRecord",
    "Manifest",
    "MemberRecord",
    "SignalRecord",
]

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


class EncoderRecord(_Record):
    """Say what the encoder of a bundle is, how it reads a text, and what it may judge.

    A window holds `max_tokens` tokens, `prefix` and `suffix` included, and begins `stride` tokens after the
    one before. `outputs` are the graph's margins in order, of which `signals` are offered; to each is added
    the screen's, `blend` times. `thresholds` are this tier's.
    """

    backbone: str
    max_tokens: int = Field(ge=8, le=8_192)
    stride: int = Field(ge=1)
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    outputs: tuple[Signal, ...] = Field(min_length=1)
    blend: Mapping[Signal, float]
    signals: Mapping[Signal, SignalRecord] = Field(min_length=1)
    thresholds: tuple[GateRecord, ...]

    @property
    def languages(self) -> frozenset[str]:
        """Return every language in which any signal can be judged."""
        return _languages(self.signals)

    def known(self, language: str) -> frozenset[Signal]:
        """Return the signals that can be judged in `language`."""
        return _known(self.signals, language)

    @model_validator(mode="after")
    def _offers_what_it_makes(self) -> EncoderRecord:
        room = self.max_tokens - len(self.prefix) - len(self.suffix)
        if self.stride > room:
            raise ValueError(
                f"stride must be at most {room}, what a window holds of a text, was {self.stride}"
            )
        unknown = (set(self.signals) | set(self.blend)) - set(self.outputs)
        if unknown:
            raise ValueError(
                f"signals and blend must be among outputs, were not: {', '.join(sorted(unknown))}"
            )
        return self


class ClearingRecord(_Record):
    """Say what the shipped policy's rule came to in one language, and on how many rows.

    A text is cleared whose closeness is below `threshold`; None: nothing is.
    """

    language: Language
    threshold: float | None
    rows: int = Field(ge=0)
    flagged: int = Field(ge=0)
    cleared: int = Field(ge=0)
    lost: int = Field(ge=0)


class CascadeRecord(_Record):
    """Say what clears texts before the encoder reads them, and what that may lose.

    `outputs` are the distilled screen's margins in order. At `confidence`, at most the share `loss` of what
    the encoder flags under the shipped policy is cleared, on texts drawn as those of `corpora` were that
    fitted neither weights nor calibration nor thresholds, though they helped to choose: `split` names them.
    """

    outputs: tuple[Signal, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(min_length=1)
    loss: float = Field(gt=0, lt=1)
    confidence: float = Field(gt=0, lt=1)
    clearings: tuple[ClearingRecord, ...]
    split: str
    corpora: tuple[str, ...]


class Manifest(_Record):
    """Hold the whole of ``bundle.json``: the screen's part, and the other tiers' where there are any."""

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
    encoder: EncoderRecord | None = None
    cascade: CascadeRecord | None = None
    files: Mapping[Basename, FileRecord]

    @model_validator(mode="after")
    def _cascades_what_it_has(self) -> Manifest:
        if self.cascade is None:
            return self
        if self.encoder is None:
            raise ValueError("cascade must stand beside an encoder, did not")
        beyond = set(self.cascade.languages) - self.encoder.languages
        if beyond:
            raise ValueError(
                f"cascade.languages must be the encoder's, were not: {', '.join(sorted(beyond))}"
            )
        for language in self.cascade.languages:
            unheard = self.encoder.known(language) - set(self.cascade.outputs)
            if unheard:
                raise ValueError(
                    f"cascade.outputs must hold all that the encoder judges in {language},"
                    f" lacked {', '.join(sorted(unheard))}"
                )
        return self

    @property
    def meant_for(self) -> Tier:
        """Return what the bundle is read as unless told otherwise."""
        return Tier.CASCADE if self.cascade else Tier.SCREEN

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """Return what the bundle can be read as."""
        return (
            Tier.SCREEN,
            *((Tier.ENCODER,) if self.encoder else ()),
            *((Tier.CASCADE,) if self.cascade else ()),
        )

    @property
    def languages(self) -> frozenset[str]:
        """Return every language in which any signal can be judged."""
        return _languages(self.signals)

    def known(self, language: str) -> frozenset[Signal]:
        """Return the signals that can be judged in `language`."""
        return _known(self.signals, language)

    def as_encoder(self) -> Manifest:
        """Return what holds where the encoder judges: its languages are its own, all others the screen's."""
        if self.encoder is None:
            return self
        own = self.encoder.languages
        signals: dict[Signal, SignalRecord] = {}
        for signal in Signal:
            screen, encoder = self.signals.get(signal), self.encoder.signals.get(signal)
            kept = tuple(one for one in (screen.languages if screen else ()) if one not in own)
            told = (*(encoder.languages if encoder else ()), *kept)
            if told:
                corpora = {
                    *(encoder.corpora if encoder else ()),
                    *(screen.corpora if screen and kept else ()),
                }
                signals[signal] = SignalRecord(languages=tuple(sorted(told)), corpora=tuple(sorted(corpora)))
        kept_thresholds = (one for one in self.thresholds if one.language not in own)
        thresholds = (*self.encoder.thresholds, *kept_thresholds)
        return self.model_copy(update={"signals": signals, "thresholds": thresholds})


def _languages(signals: Mapping[Signal, SignalRecord]) -> frozenset[str]:
    return frozenset(language for record in signals.values() for language in record.languages)


def _known(signals: Mapping[Signal, SignalRecord], language: str) -> frozenset[Signal]:
    return frozenset(signal for signal, record in signals.items() if language in record.languages)
