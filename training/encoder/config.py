"""The experiment that makes an encoder: one file of settings says all of it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from tocsin.errors import CorpusError

__all__ = ["EncoderConfig", "read_config"]

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class EncoderConfig(BaseModel):
    """Hold the whole experiment: docs/decisions/0015-encoder.md says what each part is for.

    `backbone` is a model hub's id or a local folder; `name` is what records call it, the id if not given.
    Rows in `languages` teach it. In the whole training as many rows are drawn as `epochs` times those there
    are, from a corpus of n rows in proportion to ``n ** temperature``. A positive counts as many times as its
    signal's negatives outnumber its positives, to the power `positive_power`, at most `positive_most`; a
    presumed negative counts `presumed_weight`. `masked` is the share of tokens hidden from training, `noisy`
    that of draws whose spelling is disturbed, `renamed` that of harmless draws in which another group of the
    same kind is named, `unnamed` that of draws, harmful or not, in which the groups that are named are
    hidden. Negatives that name a group count more, up to `positive_most` times, until naming one says nothing
    of the label, to the power `matched`. `compiled` lets torch compile the network, which takes a C++
    compiler. Each layer below the last learns at `layer_decay` times the rate of the one above it.
    `averaged` is how much of an average of the weights each step keeps; where above 0, that average is looked
    at and exported. `teachers` are folders of encoders that were trained before, on the same rows; `taught`
    is the share of what is learned that comes from them, of signals that nobody labelled a row for, too:
    those count as much as a presumed negative. Before all this the backbone fills in `adapt_masked` of the
    words of the rows' texts, for `adapt_epochs`, at the rate `adapt_rate`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str | None = None
    backbone: str = "sentence-transformers/all-MiniLM-L6-v2"
    languages: tuple[Language, ...] = ("en",)
    max_tokens: int = Field(default=128, ge=8, le=512)
    epochs: float = Field(default=3, gt=0)
    rows_a_step: int = Field(default=64, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0)
    layer_decay: float = Field(default=0.9, gt=0, le=1)
    warmup: Share = 0.06
    weight_decay: float = Field(default=0.01, ge=0)
    temperature: Share = 0.7
    presumed_weight: Share = 0.3
    positive_power: Share = 0.5
    positive_most: float = Field(default=8, ge=1)
    smoothing: float = Field(default=0, ge=0, lt=0.5)
    masked: Share = 0.1
    noisy: Share = 0.1
    renamed: Share = 0.1
    unnamed: Share = 0
    matched: Share = 0
    averaged: float = Field(default=0, ge=0, lt=1)
    teachers: tuple[str, ...] = ()
    taught: float = Field(default=0, ge=0, le=1, validate_default=True)
    adapt_epochs: float = Field(default=0, ge=0)
    adapt_rate: float = Field(default=5e-4, gt=0)
    adapt_masked: float = Field(default=0.15, gt=0, lt=1)
    evaluations: int = Field(default=3, ge=1)
    patience: int = Field(default=2, ge=1)
    compiled: bool = False
    seed: int = Field(default=20_261_129, ge=0, lt=2**32)

    @field_validator("unnamed")
    @classmethod
    def _at_most_all(cls, unnamed: float, told: ValidationInfo) -> float:
        shares = [unnamed, *(told.data[name] for name in ("noisy", "renamed") if name in told.data)]
        if sum(shares) > 1:
            raise ValueError(f"noisy, renamed and unnamed must be 1 at most together, were {sum(shares):g}")
        return unnamed

    @field_validator("taught")
    @classmethod
    def _by_somebody(cls, taught: float, told: ValidationInfo) -> float:
        if bool(taught) is not bool(told.data.get("teachers")):
            raise ValueError("taught must be above 0 where there are teachers, and 0 where there are none")
        return taught

    @property
    def known_as(self) -> str:
        """Return what records call the backbone: never a path of this machine."""
        return self.name or (Path(self.backbone).name if Path(self.backbone).is_dir() else self.backbone)


def read_config(path: Path) -> EncoderConfig:
    """Return the experiment that a TOML file tells; raise CorpusError, naming file and key, if none."""
    try:
        return EncoderConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: must be TOML, was not: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        known = ", ".join(EncoderConfig.model_fields)
        hint = f"; known are {known}" if first["type"] == "extra_forbidden" else ""
        raise CorpusError(f"{path}: {key}: {first['msg']}, was {first['input']!r}{hint}") from error
