"""Who we are to the identity provider, as the settings say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.errors import SettingsError
from tocsin.service.review.webhooks.secret_file import read_private

if TYPE_CHECKING:
    from tocsin.service.review.settings import ReviewSettings

__all__ = ["CALLBACK", "Party", "party_of"]

CALLBACK: Final = "/review/oidc/callback"

_TOGETHER: Final = ("oidc_issuer", "oidc_client_id", "oidc_client_secret_file", "console_url")
_SECRET: Final = re.compile(r"[ -~]{1,1024}")


@dataclass(frozen=True, slots=True)
class Party:
    """Hold who we are (the relying party), and whom we rely on."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str
    redirect: str  # where the provider sends browsers back to


def party_of(settings: ReviewSettings) -> Party | None:
    """Return the party that the settings describe, None where no identity provider is named.

    Raises SettingsError where they name half of one, or where others could read the secret.
    """
    named = {name: getattr(settings, name) for name in _TOGETHER}
    missing = [name for name, value in named.items() if value is None]
    if all(name in missing for name in _TOGETHER[:3]):  # the address alone may serve others
        if settings.oidc_only:
            raise SettingsError(
                f"{_shown('oidc_only')}: must have an identity provider: set {_shown(_TOGETHER[0])}"
            )
        return None
    if missing:
        raise SettingsError(
            f"{_shown(missing[0])}: must be set where an identity provider is:"
            f" {', '.join(map(_shown, _TOGETHER))} go together"
        )
    return Party(
        issuer=named["oidc_issuer"],
        client=named["oidc_client_id"],
        secret=_secret(named["oidc_client_secret_file"]),
        name=settings.oidc_name,
        redirect=named["console_url"] + CALLBACK,
    )


def _secret(path: Path) -> str:
    secret = read_private(path).strip("\r\n")
    if not _SECRET.fullmatch(secret):
        raise SettingsError(f"{path}: must hold one line of 1 to 1,024 printable ASCII characters")
    return secret


def _shown(name: str) -> str:
    return f"TOCSIN_REVIEW_{name}".upper()
