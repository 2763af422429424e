"""The identity provider, put together from the settings; what it needs is imported where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.errors import MissingExtraError
from tocsin.service.review.accounts.oidc.party import party_of

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.provider import Provider
    from tocsin.service.review.settings import ReviewSettings

__all__ = ["make_provider"]


def make_provider(settings: ReviewSettings) -> Provider | None:
    """Return the provider that the settings name, not yet asked; None where they name none.

    Raises SettingsError as `party_of` does, and MissingExtraError where the extra ``oidc`` is not installed.
    """
    party = party_of(settings)
    if party is None:
        return None
    try:
        from tocsin.service.review.accounts.oidc.provider import Provider
    except ModuleNotFoundError as error:
        if (error.name or "tocsin").partition(".")[0] == "tocsin":
            raise
        raise MissingExtraError("sign-in through an identity provider", "oidc") from error
    return Provider(party)
