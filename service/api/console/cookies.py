"""The console's cookies: whose session it is, and which browser a form was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.service.api.gate import hostname, is_loopback

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["SESSION", "VISITOR", "read_cookie", "read_cookies", "set_cookie"]

SESSION: Final = "tocsin-session"
VISITOR: Final = "tocsin-visitor"
_LONGEST: Final = 256
_PROXIES: Final = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"})
_ALONE: Final = "__Host-"  # the browser keeps neighbours' pages from setting it


def _is_plain(request: Request) -> bool:
    """Say whether a browser sends this without TLS, to its own machine, where there is none.

    A proxy before us may have TLS and call us by a loopback name: what it adds to a request gives it away.
    """
    if request.url.scheme == "https" or not _PROXIES.isdisjoint(request.headers.keys()):
        return False
    return is_loopback(hostname(f"//{request.headers.get('host', '')}") or "")


def _named(request: Request, name: str) -> str:
    return name if _is_plain(request) else f"{_ALONE}{name}"


def read_cookie(request: Request, name: str) -> str:
    """Return a cookie's value, empty where there is none."""
    found = request.cookies.get(_named(request, name), "")
    return found if len(found) <= _LONGEST else ""


def read_cookies(request: Request) -> dict[str, str]:
    """Return every cookie that we may have set, by the name that `set_cookie` takes."""
    prefix = "" if _is_plain(request) else _ALONE
    names = [name.removeprefix(prefix) for name in request.cookies if name.startswith(prefix)]
    return {name: read_cookie(request, name) for name in names}


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie until the browser ends, or take it back where `value` is empty.

    No script can read it, no other site's form or frame brings it along; but to the own machine it goes
    over TLS alone (RFC 6265bis).
    """
    response.set_cookie(
        _named(request, name),
        value,
        max_age=None if value else 0,
        path="/",
        secure=not _is_plain(request),
        httponly=True,
        samesite="lax",
    )
