"""What a page's work comes to: something shown, or another page to go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["HOME", "Onward", "Shown", "safe_onward"]

HOME: Final = "/review"
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Shown:
    """Show a template with values; `cookies` are set for the browser's session, "" takes one back."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    status: int = 200
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Onward:
    """Go on to a page of ours (303); `said` is the code of a message that it shows, see `messages.py`.

    `token` begins a session in the browser, "" ends it. An address elsewhere, for an identity provider,
    must be `outside`.
    """

    to: str
    said: str | None = None
    token: str | None = field(default=None, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    outside: bool = False


def safe_onward(given: str | None) -> str:
    """Return an address that somebody asked to be sent to, or the first page where it is not one of ours."""
    if given is None or len(given) > _LONGEST or not given.isascii() or not given.isprintable():
        return HOME
    path = given.partition("?")[0].partition("#")[0]
    ours = path == HOME or path.startswith(f"{HOME}/")
    if not ours or "\\" in given or "//" in path or "/.." in path or "/." in path or "%" in path:
        return HOME
    return given
