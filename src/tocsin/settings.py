"""Settings that an operator gives by environment; every one is in docs/reference/settings.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tocsin.assessment import Tier
from tocsin.errors import SettingsError

__all__ = ["Settings", "settings"]


class Settings(BaseSettings):
    """Hold what the environment says, under names that begin with ``TOCSIN_``; empty counts as unset."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", env_ignore_empty=True, frozen=True)

    data: Path | None = Field(
        default=None, description="Folder of the labelled corpora; unset: one in the user's cache."
    )
    bundle: Path | None = Field(default=None, description="Bundle to score with; unset: the one that ships.")
    policy: Path | None = Field(default=None, description="Policy file; unset: the one that ships.")
    tier: Tier | None = Field(
        default=None,
        description="What to judge with: cascade, screen or encoder, which is slower;"
        " unset: the cascade where the bundle has one, else the screen.",
    )
    cascade_loss: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Largest share of what the encoder would flag that a cascade may lose, at 95% confidence;"
        " unset: that of the rule fitted to traffic, else 0.02.",
    )
    cascade_check: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Share of the texts that a cascade clears that the encoder reads all the same.",
    )
    cascade_refit: Path | None = Field(
        default=None,
        description="File with a rule that `tocsin cascade refit` fitted to traffic; unset: the bundle's own"
        " rows.",
    )
    threads: int = Field(
        default=0, ge=0, le=1_024, description="Windows that an encoder reads at a time; 0: one a processor."
    )
    assume_language: str = Field(
        default="en",
        pattern=r"^([a-z]{2,3}|none)$",
        description='Language to judge a text in where it cannot be told ("none": do not judge it).',
    )
    max_characters: int = Field(
        default=20_480, ge=1, le=10_000_000, description="Longest text that is judged, in code points."
    )


@cache
def settings() -> Settings:
    """Return the settings of this process; raise SettingsError where one has no valid value."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"TOCSIN_{first['loc'][0]}".upper()
        raise SettingsError(f"{name}: {first['msg']}, was {first['input']!r}") from error
