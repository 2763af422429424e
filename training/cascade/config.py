"""The experiment that makes a cascade."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CascadeConfig"]


class CascadeConfig(BaseModel):
    """Hold the whole experiment: docs/decisions/0017-cascade.md says what each part is for.

    The distilled screen has ``2**bits`` buckets, and weights that are whole numbers of at most `largest`: the
    smaller that is, the fewer bytes they take. It is fitted by ridge regression of strength `damping`, in
    `steps` steps at most, to the encoder's log-odds, which count no lower than `lowest` and no higher than
    `highest`. `loss` is what the shipped policy's rule may lose; `pairs` how many texts of a language are
    kept for any policy's rule at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    bits: int = Field(default=18, ge=8, le=24)
    largest: int = Field(default=31, ge=1, le=127)
    damping: float = Field(default=4.0, gt=0)
    steps: int = Field(default=40, ge=1)
    lowest: float = -9.0
    highest: float = 6.0
    loss: float = Field(default=0.02, gt=0, lt=1)
    pairs: int = Field(default=9_000, ge=1)
