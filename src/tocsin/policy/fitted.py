"""The table `[fitted]` of a policy file: what its budgets came to on the platform's own traffic."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = ["Fitted", "LanguageFit", "LevelFit", "LevelName", "with_fitted", "without_fitted"]

FITTED: Final = "fitted"
_HIGHEST: Final = math.nextafter(1, 2)  # what not even the highest score reaches
_HEADER: Final = re.compile(rb"^[ \t]*\[[ \t]*fitted[ \t]*[\].]", re.MULTILINE)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_NOTE: Final = (
    "# Written by `tocsin thresholds fit`. After any edit above, or with another bundle, fit again."
)

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Assumed = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}|none)$")]
LevelName = Literal["review", "urgent"]


class _Table(BaseModel):
    # Strict: a TOML value has a type of its own, and text is no number.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class LevelFit(_Table):
    """Hold the threshold of one budget, and how many of the rows reach its level with it."""

    threshold: float = Field(ge=0, le=_HIGHEST)
    reached: int = Field(ge=0)


class LanguageFit(_Table):
    """Hold what traffic in one language came to.

    `rows` counts the scored ones, `duplicates` those of them whose text is exactly that of another
    before. A level that is not in `policies` was not fitted in this language.
    """

    rows: int = Field(ge=0)
    duplicates: int = Field(ge=0)
    policies: Mapping[str, Mapping[LevelName, LevelFit]] = {}

    @model_validator(mode="after")
    def _counts(self) -> LanguageFit:
        reached = [level.reached for levels in self.policies.values() for level in levels.values()]
        if max(reached, default=0) > self.rows or self.duplicates > self.rows:
            raise ValueError(f"reached and duplicates must be at most rows, {self.rows}")
        return self

    def level(self, policy: str, level: LevelName) -> LevelFit | None:
        """Return what one level of one policy was fitted to, None where it was not."""
        return self.policies.get(policy, {}).get(level)


class Fitted(_Table):
    """Hold the whole table: thresholds, and everything that they were fitted with.

    `policy` is the digest of the file without this table. No text and no id is in it.
    """

    bundle: Digest
    tier: Literal["screen", "encoder"] = "screen"
    policy: Digest
    confidence: float = Field(gt=0, lt=1)
    assume_language: Assumed
    max_characters: int = Field(ge=1)
    languages: Mapping[Language, LanguageFit]


def without_fitted(content: bytes) -> bytes:
    """Return a policy file less its table `[fitted]`, every other byte as it was.

    Raises ValueError where the file is no TOML, or the table does not stand last.
    """
    table = _parsed(content)
    if FITTED not in table:
        return content
    rest = {key: value for key, value in table.items() if key != FITTED}
    # A header may also stand inside a text of several lines: only what parses to the rest is a cut.
    for header in _HEADER.finditer(content):
        above = content[: max(header.start() - 1, 0)]
        if _is(above, rest):
            return above
    raise ValueError("must stand last in the file, as `tocsin thresholds fit` writes it")


def with_fitted(rules: bytes, fitted: Fitted) -> bytes:
    """Return a policy file that has no such table yet, with `fitted` as its last."""
    return rules + b"\n" + "".join(f"{line}\n" for line in _lines(fitted)).encode()


def _parsed(content: bytes) -> Mapping[str, Any]:
    return tomllib.loads(content.decode("utf-8-sig"))


def _is(content: bytes, table: Mapping[str, Any]) -> bool:
    try:
        return _parsed(content) == table
    except ValueError:
        return False


def _lines(fitted: Fitted) -> Iterator[str]:
    yield f"[{FITTED}]"
    yield _NOTE
    for key, value in fitted.model_dump(exclude={"languages"}).items():
        yield f"{key} = {_value(value)}"
    for language, fit in fitted.languages.items():
        yield ""
        yield f"[{FITTED}.languages.{language}]"
        yield f"rows = {fit.rows}"
        yield f"duplicates = {fit.duplicates}"
        for policy, levels in fit.policies.items():
            for level, one in levels.items():
                yield (
                    f"policies.{_key(policy)}.{level} ="
                    f" {{ threshold = {one.threshold!r}, reached = {one.reached} }}"
                )


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: str | float) -> str:
    """Return a text or a number as TOML; JSON writes them alike, but for DEL, which TOML escapes."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
