"""Settings of the server: by flag, by environment, by file; every one is in docs/reference/settings.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tocsin.errors import SettingsError
from tocsin.signals import Signal

__all__ = ["ENV_PREFIX", "ServeSettings", "serve_settings"]

ENV_PREFIX = "TOCSIN_SERVE_"


def _listed(given: object) -> object:
    """Read "a, b" as a list: what a flag or a variable can say."""
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


def _small(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _mapped(given: object) -> object:
    """Read "TOXICITY=hate, INSULT=hate" as a table."""
    listed = _listed(given)
    if not isinstance(listed, list):
        return listed
    if not all("=" in part for part in listed):
        raise ValueError("must be NAME=signal, several parted by commas")
    return {name.strip(): value.strip() for name, value in (part.split("=", 1) for part in listed)}


Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_small)]
Attributes = Annotated[dict[str, Signal], NoDecode, BeforeValidator(_mapped)]


class ServeSettings(BaseSettings):
    """Hold what the server was told; an empty variable counts as unset.

    A flag wins over a variable, a variable over the file, the file over the default.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    bundle: Path | None = Field(
        default=None,
        description="Bundle to score with; unset: that of TOCSIN_BUNDLE, then the one that ships.",
    )
    tier: Literal["screen", "encoder", "cascade"] | None = Field(
        default=None,
        description="What to judge with; unset: that of TOCSIN_TIER, then the cascade where the bundle has"
        " one, else the screen.",
    )
    bundle_digest: str | None = Field(
        default=None, description="Refuse any bundle but the one with this digest."
    )
    policy: Path | None = Field(
        default=None, description="Policy file; unset: that of TOCSIN_POLICY, then the one that ships."
    )
    assume_language: str | None = Field(
        default=None,
        pattern=r"^([a-z]{2,3}|none)$",
        description="Language to judge a text in where it cannot be told, none for none; unset:"
        " that of TOCSIN_ASSUME_LANGUAGE.",
    )
    max_characters: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Longest text that is judged, in code points; unset: that of TOCSIN_MAX_CHARACTERS.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen at.")
    port: int = Field(default=8080, ge=0, le=65_535, description="Port to listen at; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=256, description="Processes that answer requests.")
    state: Path | None = Field(
        default=None, description="Folder of keys and feedback; unset: one in the user's state folder."
    )
    insecure_local: bool = Field(
        default=False, description="Ask for no key; only on a loopback address, for trying things out."
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="Where clients reach this server, for the discovery document; unset: as each asked.",
    )
    allowed_hosts: Hosts = Field(
        default=(), description="Names that a request may address this server by; none given: any."
    )
    trusted_proxies: Hosts = Field(
        default=("127.0.0.1",), description="Proxies whose word on the client's address is believed."
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="Serve metrics at this port of the loopback address too, without a key; 0: not.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least of what is logged."
    )
    access_log: bool = Field(default=True, description="Log a line for each request, without text or key.")
    limit_per_minute: int = Field(
        default=0, ge=0, description="Texts a minute for a key without a limit of its own; 0: no limit."
    )
    max_body_bytes: int = Field(
        default=8_388_608, ge=1_024, description="Longest body of a request; of NDJSON, longest line."
    )
    max_stream_bytes: int = Field(
        default=1_073_741_824,
        ge=1_024,
        description="Longest NDJSON; a line counts as 512 bytes at least, for its answer takes room too.",
    )
    max_items: int = Field(default=1_000, ge=1, le=100_000, description="Most texts in one request.")
    max_requests: int = Field(
        default=64, ge=1, description="Most requests that one worker answers at a time; more are refused."
    )
    max_waiting: int = Field(default=2_000, ge=1, description="Most texts that wait in one worker.")
    batch_items: int = Field(default=256, ge=1, le=10_000, description="Most texts scored together.")
    batch_wait_ms: float = Field(
        default=0, ge=0, le=1_000, description="Time to wait for company before scoring."
    )
    deadline_ms: int = Field(
        default=5_000, ge=1, description="Time in which a request must be scored, else it is an error."
    )
    body_timeout_ms: int = Field(
        default=10_000,
        ge=1,
        description="Time in which a body must arrive; of NDJSON, in which more of it must.",
    )
    shutdown_seconds: int = Field(
        default=30, ge=0, description="Time to finish what was accepted once told to stop."
    )
    cache_entries: int = Field(
        default=10_000, ge=0, description="Answers kept for texts that come again, in each worker; 0: none."
    )
    feedback: bool = Field(
        default=False, description="Keep suggested scores for a reviewer, texts included; else discard them."
    )
    review: bool = Field(
        default=False, description="Keep a review queue, texts included; it has settings of its own."
    )
    perspective_map: Attributes = Field(
        default={},
        description="Further attributes to answer for with a signal, as NAME=signal; they are not the same.",
    )
    openai_unscorable: Literal["error", "clear"] = Field(
        default="error", description="What the moderations endpoint says of a text that cannot be judged."
    )
    openai_categories: Path | None = Field(
        default=None, description="Policy file for the moderations categories; unset: the one that ships."
    )
    shadow_bundle: Path | None = Field(
        default=None, description="Bundle that scores the same traffic silently, to compare."
    )
    shadow_tier: Literal["screen", "encoder", "cascade"] | None = Field(
        default=None, description="Tier of the shadow; unset: the same as the server's."
    )
    shadow_policy: Path | None = Field(
        default=None, description="Policy file for the shadow; unset: the same as the server's."
    )
    shadow_share: float = Field(
        default=1.0, ge=0, le=1, description="Share of the traffic that the shadow scores."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags, then the environment, then the file that `config` names."""
        del dotenv_settings, file_secret_settings
        flags = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        config = flags.pop("config", None)
        files = (TomlConfigSettingsSource(settings_cls, config),) if config else ()
        return (init_settings, env_settings, *files)


def serve_settings(config: Path | None = None, **flags: Any) -> ServeSettings:
    """Return the settings of a server: `flags` that are not None, the environment, the file `config`.

    Raises SettingsError naming the setting, its rule and its value.
    """
    if config is not None and not config.is_file():
        raise SettingsError(f"config must name a TOML file, was {str(config)!r}")
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return ServeSettings(**{**given, "config": config})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{name}: {first['msg']}, was {first['input']!r}") from error
    except ValueError as error:  # TOML that cannot be read
        raise SettingsError(f"{config}: {error}") from error
