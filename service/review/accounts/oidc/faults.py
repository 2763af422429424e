"""Why somebody was not signed in through the identity provider."""

from __future__ import annotations

from enum import StrEnum

from tocsin.errors import TocsinError

__all__ = ["Fault", "ProviderError"]


class Fault(StrEnum):
    """Name what is said to whoever wanted to sign in; the words are the console's own."""

    REFUSED = "refused"  # the provider did not let them in, or they went back
    LAPSED = "lapsed"  # no sign-in was begun that this ends: too late, used, or in another browser
    AWAY = "away"  # the provider cannot be asked, or answers what is no answer
    UNTRUSTED = "untrusted"  # what it says cannot be verified
    UNKNOWN = "unknown"  # no active account here is theirs
    TAKEN = "taken"  # who they are there is another reviewer here


class ProviderError(TocsinError):
    """Say why nobody is signed in: a fault for people, and `why` for the log.

    `why` never holds what came from outside, neither the browser's nor the provider's words, and no secret.
    """

    def __init__(self, fault: Fault, why: str) -> None:
        self.fault = fault
        self.why = why
        super().__init__(fault, why)

    def __str__(self) -> str:
        return self.why
