"""A clearing rule fitted to a platform's own traffic, as a file, checked before anything is cleared by it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tocsin.errors import SettingsError
from tocsin.models.cascade.clearing import Clearing
from tocsin.models.thresholds import CONFIDENCE

__all__ = ["Refit", "RefitConditions", "read_refit", "refit_document", "write_refit"]

_MAX_BYTES: Final = 1 << 20

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Record(BaseModel):
    # Strict: a text is no number.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class RefitLanguage(_Record):
    """Hold the rule of one language; `threshold` is None where nothing may be cleared."""

    threshold: float | None
    rows: Count
    flagged: Count
    cleared: Count
    lost: Count

    @model_validator(mode="after")
    def _counts_fit(self) -> RefitLanguage:
        if max(self.flagged, self.cleared) > self.rows or self.lost > min(self.flagged, self.cleared):
            raise ValueError("flagged and cleared must be at most rows, and lost at most either; were not")
        return self


@dataclass(frozen=True, slots=True)
class RefitConditions:
    """Hold what a rule was fitted under, and holds under."""

    bundle: str
    policy: str
    beside: tuple[str, ...]
    assume_language: str
    max_characters: int


class Refit(_Record):
    """Hold the whole file. No text and no id is in it.

    `beside` are the digests of policy files that the rule was fitted for as well. Counts must carry the
    bound; a threshold that somebody edited does not show: keep the file where you keep configuration.
    """

    bundle: Digest
    policy: Digest
    beside: tuple[Digest, ...] = ()
    assume_language: str
    max_characters: int = Field(ge=1)
    loss: float = Field(gt=0, lt=1)
    confidence: float = Field(gt=0, lt=1)
    languages: Mapping[Language, RefitLanguage]

    @model_validator(mode="after")
    def _counts_carry_it(self) -> Refit:
        if self.confidence != CONFIDENCE:
            raise ValueError(f"confidence must be {CONFIDENCE}, was {self.confidence}")
        for language, one in self.clearings.items():
            if not one.holds():
                raise ValueError(
                    f"languages.{language}: {one.lost} lost of {one.flagged} must carry a loss of {self.loss}"
                    f" at {CONFIDENCE}, do not"
                )
        return self

    @property
    def clearings(self) -> Mapping[str, Clearing]:
        """Return the rule of each language."""
        return {
            language: Clearing(self.loss, told.threshold, told.rows, told.flagged, told.cleared, told.lost)
            for language, told in self.languages.items()
        }

    def check(self, source: Path, conditions: RefitConditions) -> None:
        """Raise SettingsError, naming the file and what differs, where it was fitted under others."""
        for key, wanted, found in (
            ("bundle", conditions.bundle, self.bundle),
            ("policy", conditions.policy, self.policy),
            ("assume_language", conditions.assume_language, self.assume_language),
            ("max_characters", conditions.max_characters, self.max_characters),
        ):
            if wanted != found:
                raise SettingsError(
                    f"{source}: {key} must be that in use, {wanted}, was {found}; {_mend(source)}"
                )
        for digest in conditions.beside:
            if digest not in {self.policy, *self.beside}:
                raise SettingsError(
                    f"{source}: beside must name every other policy file in use, lacked {digest} (that of the"
                    f" moderations endpoint, in a server: --moderations); {_mend(source)}"
                )


def _mend(source: Path) -> str:
    again = f"tocsin cascade refit --traffic FILE --policy FILE --out {shlex.quote(str(source))} --force"
    return f"fit it again: {again}"


def refit_document(conditions: RefitConditions, loss: float, clearings: Mapping[str, Clearing]) -> Refit:
    """Return the file that holds rules fitted under these conditions."""
    return Refit(
        bundle=conditions.bundle,
        policy=conditions.policy,
        beside=conditions.beside,
        assume_language=conditions.assume_language,
        max_characters=conditions.max_characters,
        loss=loss,
        confidence=CONFIDENCE,
        languages={language: RefitLanguage(**one.counts) for language, one in sorted(clearings.items())},
    )


def write_refit(refit: Refit) -> bytes:
    """Return the file's content: JSON, the same for the same rule."""
    return (json.dumps(refit.model_dump(mode="json"), indent=1, allow_nan=False) + "\n").encode()


def read_refit(path: Path) -> Refit:
    """Return the rule that a file holds; raise SettingsError, naming file and key, where it holds none."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _MAX_BYTES:
        raise SettingsError(f"{path}: must be at most {_MAX_BYTES} bytes, was larger")
    try:
        return Refit.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{path}: {key or 'document'}: {first['msg']}") from error
