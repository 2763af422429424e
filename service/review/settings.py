"""What an operator tells the review queue; every one is in docs/reference/settings.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tocsin.errors import SettingsError
from tocsin.service.review.https_url import HTTPS_RULE, is_base, parse_https
from tocsin.service.review.queue import PATIENCE_HOURS, Queue

__all__ = ["ENV_PREFIX", "ReviewSettings", "review_settings"]

ENV_PREFIX: Final = "TOCSIN_REVIEW_"


def _patience(given: object) -> object:
    """Read "review=48, random=336" as a table, over what is usual."""
    if isinstance(given, str):
        parts = [part.strip() for part in given.split(",") if part.strip()]
        if not all("=" in part for part in parts):
            raise ValueError("must be QUEUE=HOURS, several parted by commas")
        given = {name.strip(): hours.strip() for name, hours in (part.split("=", 1) for part in parts)}
    if isinstance(given, dict) and Queue.ORDERS in given:
        raise ValueError("must name no orders, which are served before all else")
    return {**PATIENCE_HOURS, **given} if isinstance(given, dict) else given


def _base(given: str) -> str:
    """Return the address of a server, as others are told it: without a slash at its end."""
    parse_https(given)
    if not is_base(given):
        raise ValueError(f"{HTTPS_RULE}, and must end with host or port")
    return given.removesuffix("/")


def _issuer(given: str) -> str:
    parse_https(given)
    if "?" in given or "|" in given:  # a bar stands between it and whom it names
        raise ValueError(f"{HTTPS_RULE}, and must have no query and no bar")
    return given  # compared to the letter, so kept to the letter


def _printable(given: str) -> str:
    if not given.isprintable():
        raise ValueError("must have nothing but printable characters")
    return given


Hours = Annotated[float, Field(gt=0, le=8_760)]


class ReviewSettings(BaseSettings):
    """Hold what the environment says, under names that begin with ``TOCSIN_REVIEW_``; empty is unset."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    database: str | None = Field(
        default=None,
        repr=False,
        description="Address of the database, sqlite:////FILE or postgresql://HOST/NAME;"
        " unset: review.sqlite in the state folder.",
    )
    log_key: Path | None = Field(
        default=None, description="File with the key of the log's seals; unset: log.key in the state folder."
    )
    webhooks: Path | None = Field(
        default=None, description="TOML file of those who are told of decisions; unset: nobody is."
    )
    compliance: Path | None = Field(
        default=None,
        description="TOML file of what law asks: statements, preservation, retention; unset: none.",
    )
    audit_share: float = Field(
        default=0.005, ge=0, le=1, description="Share of what the model does not flag that is reviewed."
    )
    learning_share: float = Field(
        default=0,
        ge=0,
        le=1,
        description="Upper bound of the share of what is not flagged that is drawn to learn from; 0: none.",
    )
    double_share: float = Field(
        default=0,
        ge=0,
        le=1,
        description="Share of dismissals that another decides too, blind; of confirmations four times that.",
    )
    lease_seconds: int = Field(
        default=900, ge=10, le=86_400, description="Time that a claim holds before others may take the task."
    )
    claims_each: int = Field(default=5, ge=1, le=1_000, description="Most tasks that a reviewer may hold.")
    undo_seconds: int = Field(
        default=600, ge=0, le=604_800, description="Time in which a decision can be undone."
    )
    order_minutes: int = Field(
        default=60, ge=1, le=10_080, description="Time to meet an order of removal that names no deadline."
    )
    page_minutes: int = Field(
        default=5, ge=1, le=1_440, description="Time after which leads who have not answered are paged again."
    )
    severe_a_shift: int = Field(
        default=60,
        ge=0,
        le=10_000,
        description="Most severe texts that a reviewer is served in a shift; 0: no limit.",
    )
    shift_hours: float = Field(
        default=8, gt=0, le=168, description="Hours, back from now, that count as a reviewer's shift."
    )
    severe_in_a_row: int = Field(
        default=5,
        ge=0,
        le=1_000,
        description="Severe texts in a row after which a lighter one is served, if one waits; 0: any number.",
    )
    deadline_minutes: int = Field(
        default=30,
        ge=0,
        le=1_440,
        description="Time before a deadline when leads are paged over a severe text nobody has; 0: never.",
    )
    reach_weight: float = Field(
        default=0,
        ge=0,
        le=1,
        description="How far a small reach lowers a priority: 0 not at all, 1 down to nothing.",
    )
    patience: Annotated[dict[Queue, Hours], NoDecode, BeforeValidator(_patience)] = Field(
        default=dict(PATIENCE_HOURS),
        description="Hours that a task of priority 0 may wait before newer ones, QUEUE=HOURS by commas.",
    )

    console: bool = Field(default=True, description="Whether people are served pages at /review.")
    session_minutes: int = Field(
        default=60, ge=1, le=1_440, description="Time without a request after which one must sign in again."
    )
    session_hours: int = Field(
        default=12, ge=1, le=168, description="Time after which one must sign in again, whatever one did."
    )
    require_totp: bool = Field(
        default=False, description="Whether everybody with a password must show a code of an app besides."
    )
    console_url: Annotated[str, AfterValidator(_base)] | None = Field(
        default=None,
        description="Address that people reach this server at, https://HOST; an identity provider needs it.",
    )
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        default=None,
        max_length=512,
        description="Identity provider that people may sign in through, as it calls itself; unset: none.",
    )
    oidc_client_id: str | None = Field(
        default=None, pattern=r"^[ -~]{1,256}$", description="What the identity provider calls this server."
    )
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File with the secret that this server shows the identity provider."
    )
    oidc_name: Annotated[str, AfterValidator(_printable)] = Field(
        default="single sign-on",
        min_length=1,
        max_length=60,
        description="What the button calls the identity provider: Sign in with NAME.",
    )
    oidc_only: bool = Field(
        default=False, description="Whether people sign in through the identity provider alone."
    )


def review_settings(**given: Any) -> ReviewSettings:
    """Return the settings of the queue: `given` that are not None, then the environment.

    Raises SettingsError naming the setting and its rule, never its value, which may hold a password.
    """
    try:
        return ReviewSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field, *keys = map(str, first["loc"])
        known = [key for key in keys if key in set(Queue)]  # what is no queue may be anything
        name = f"{ENV_PREFIX}{'.'.join([field, *known])}".upper()
        raise SettingsError(f"{name}: {first['msg']}") from None
