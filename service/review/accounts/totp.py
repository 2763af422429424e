"""Codes that an app shows for half a minute: RFC 6238, as every such app knows it."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

from tocsin.service.review.log.key import LogKey

__all__ = ["code_at", "drawn", "grouped", "link", "new_seed", "secret_of", "step_of"]

_STEP_S: Final = 30
_DIGITS: Final = 6
_DRIFT: Final = 1  # steps that a phone's clock may be off, either way (RFC 6238, 5.2)
_SEED_BYTES: Final = 32
_SECRET_BYTES: Final = 20  # as long as the hash that the codes are made with (RFC 4226, 4)
_ISSUER: Final = "tocsin"


def new_seed() -> str:
    """Return what a secret is made from: without the log's key it says nothing, so it may be kept."""
    return secrets.token_hex(_SEED_BYTES)


def secret_of(key: LogKey, reviewer: int, seed: str) -> str:
    """Return the secret that the app and we share, in base32; it is in no database."""
    made = key.mark("code", f"{reviewer} {seed}")
    return base64.b32encode(made[:_SECRET_BYTES]).decode("ascii")


def step_of(secret: str, code: str, at: datetime, after: int | None) -> int | None:
    """Return the time step whose code this is; None where it is wrong, or no later than step `after`.

    A code opens once: whoever keeps the step that is returned, and asks with it, refuses it a second time.
    """
    given = "".join(code.split()).encode("utf-8", "replace")
    now = _step(at)
    right = [step for step in range(now - _DRIFT, now + _DRIFT + 1) if _is(secret, step, given)]
    fresh = [step for step in right if after is None or step > after]
    return fresh[0] if fresh else None


def code_at(secret: str, at: datetime) -> str:
    """Return the code that an app would show."""
    return _made(secret).generate_otp(_step(at))


def link(secret: str, name: str) -> str:
    """Return the address by which an app takes the secret on."""
    return _made(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def drawn(address: str) -> str:
    """Return an address as a QR code: SVG without styles, dark on light whatever the theme."""
    return segno.make(address, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )


def grouped(secret: str) -> str:
    """Return a secret as people copy it, in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _made(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=_DIGITS, interval=_STEP_S)


def _step(at: datetime) -> int:
    return int(at.timestamp()) // _STEP_S


def _is(secret: str, step: int, given: bytes) -> bool:
    return hmac.compare_digest(_made(secret).generate_otp(step).encode("ascii"), given)
