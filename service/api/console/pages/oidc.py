"""Signing in through an identity provider: out to it by a form, and back by an address."""

from __future__ import annotations

import logging
from collections import Counter
from functools import wraps
from typing import TYPE_CHECKING, Final

from tocsin.service.api.console.answer import Onward, Shown, safe_onward
from tocsin.service.api.console.page import Page, Steps
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.review.accounts.oidc.entering import begin, enter
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.handshakes import Returned, take_handshake
from tocsin.service.review.accounts.oidc.party import CALLBACK

if TYPE_CHECKING:
    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.accounts.oidc.provider import Provider
    from tocsin.service.review.desk import Desk

__all__ = ["HANDSHAKE", "OIDC_PAGES"]

HANDSHAKE: Final = "tocsin-handshake"
"""The cookie that ties a sign-in at the provider to the browser that began it."""

_SIGN_IN: Final = "/review/sign-in"
_LONGEST: Final = 4_096
_OURS: Final = frozenset({Fault.AWAY, Fault.UNTRUSTED})  # what an operator must look at
_LOG = logging.getLogger(__name__)


def _told(steps: Steps) -> Steps:
    """Turn what keeps somebody out into a message on the page that they came from, and a line in the log."""

    @wraps(steps)
    async def told(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
        try:
            return await steps(desk, visit, asked)
        except ProviderError as error:
            level = logging.WARNING if error.fault in _OURS else logging.INFO
            _LOG.log(level, "sign-in through the identity provider: %s (%s)", error.why, error.fault.value)
            return Onward(_SIGN_IN, said=f"oidc-{error.fault.value}")

    return told


@_told
async def _start(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    """Send a browser to the provider, by a page: a form's answer may lead nowhere else (form-action)."""
    provider = _provider(visit)
    await provider.aside(provider.check)  # before anything is kept
    onward = safe_onward(asked.form.get("onward"))
    invitation = asked.form.get("invitation") or None
    begun = await desk.aside(lambda: desk.write(begin, onward, invitation))
    to = await provider.aside(lambda: provider.address(begun))
    return Shown("oidc_start.html", {"to": to, "name": provider.name}, cookies={HANDSHAKE: begun.binding})


@_told
async def _callback(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    """Let in whom the provider sent back; it is asked between two transactions, and never within one."""
    provider = _provider(visit)
    brought = _brought(asked)
    binding = asked.cookies.get(HANDSHAKE, "")
    handshake = await desk.aside(lambda: desk.write(take_handshake, brought.get("state", ""), binding))
    returned = Returned(brought.get("code", ""), brought.get("iss") or None, brought.get("error") or None)
    now = desk.context.clock()
    subject = await provider.aside(lambda: provider.subject(returned, handshake, now))
    entered = await desk.aside(lambda: desk.write(enter, subject, handshake, visit.session))
    said = "oidc-linked" if entered.linked else None
    return Onward(handshake.onward, said, token=entered.token, cookies={HANDSHAKE: ""})


def _provider(visit: Visit) -> Provider:
    if visit.house.provider is None:
        raise Refusal(Why.NOT_FOUND, "nothing is served at this path")
    return visit.house.provider


def _brought(asked: Asked) -> dict[str, str]:
    """Return what the address holds; none of it may come twice (RFC 6749, 3.1), nor be long."""
    often = Counter(name for name, _ in asked.pairs)
    if any(count > 1 for count in often.values()) or any(len(value) > _LONGEST for _, value in asked.pairs):
        raise ProviderError(Fault.LAPSED, "an answer must bring each of its parts once, and no long ones")
    return dict(asked.pairs)


OIDC_PAGES: Final = (
    Page("POST", "/review/oidc/start", "oidc-start", None, steps=_start),
    Page("GET", CALLBACK, "oidc-callback", None, steps=_callback),
)
