"""Signatures as Standard Webhooks 1.0 has them, which libraries in many languages verify."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from tocsin.errors import InputError, SettingsError, TocsinError

__all__ = ["TOLERANCE", "SignatureRefusedError", "parse_secret", "sign", "verify"]

TOLERANCE: Final = timedelta(minutes=5)

_PREFIX: Final = "whsec_"
_FEWEST: Final = 24
_MOST: Final = 64
_RULE: Final = f'a webhook\'s secret must be "{_PREFIX}" and {_FEWEST} to {_MOST} bytes in base64'
_ID: Final = re.compile(r"[!-\-/-~]{1,256}")  # no full stop: it stands between what is signed
_SECONDS: Final = re.compile(r"[0-9]{1,12}")


class SignatureRefusedError(TocsinError):
    """Say why a message is not taken for one that its sender signed now."""


def parse_secret(text: str) -> bytes:
    """Return the bytes of ``whsec_<base64>``; raises SettingsError, which never shows them."""
    if not text.startswith(_PREFIX):
        raise SettingsError(f"{_RULE}, was something that starts otherwise")
    coded = text.removeprefix(_PREFIX).rstrip("=")
    try:
        secret = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
    except ValueError:  # binascii.Error, and characters beyond ASCII
        raise SettingsError(f"{_RULE}, was no base64") from None
    if not _FEWEST <= len(secret) <= _MOST:
        raise SettingsError(f"{_RULE}, was {len(secret)} bytes")
    return secret


def sign(secrets: Sequence[bytes], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body`, with one signature for each secret.

    `message_id` is the same for each attempt, `at` the time of this one. While a secret is changed for
    another, both sign. Raises InputError where there is no secret, the id holds spaces or full stops, or
    the time has no zone.
    """
    if not secrets:
        raise InputError("a message must be signed with at least one secret, was none")
    if not _ID.fullmatch(message_id):
        raise InputError(
            f"a message's id must be 1 to 256 ASCII characters, no space or full stop, was {message_id!r}"
        )
    if at.tzinfo is None:
        raise InputError(f"a message's time must have a zone, was {at.isoformat()}")
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signatures(secrets, message_id, seconds, body)),
    }


def verify(
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Return the id of a message that any of `secrets` signed; raise SignatureRefusedError otherwise.

    Its timestamp must be at most `tolerance` from `now`. Names of headers may be of any case.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    message_id, seconds, given = (
        lowered.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
    )
    if not (message_id and _SECONDS.fullmatch(seconds) and given):
        raise SignatureRefusedError("a message must have webhook-id, webhook-timestamp and webhook-signature")
    if abs(now.timestamp() - int(seconds)) > tolerance.total_seconds():
        raise SignatureRefusedError(
            f"webhook-timestamp must be within {tolerance.total_seconds():g} s of now, was {seconds}"
        )
    if not _any_alike(_signatures(secrets, message_id, seconds, body), given.split(" ")):
        raise SignatureRefusedError("webhook-signature must hold one of a known secret, held none")
    return message_id


def _signatures(secrets: Iterable[bytes], message_id: str, seconds: str, body: bytes) -> list[str]:
    signed = f"{message_id}.{seconds}.".encode() + body
    digests = (hmac.digest(secret, signed, hashlib.sha256) for secret in secrets)
    return ["v1," + base64.b64encode(digest).decode() for digest in digests]


def _any_alike(expected: Sequence[str], given: Sequence[str]) -> bool:
    """Compare all with all, in a time that does not depend on where they differ."""
    found = False
    for ours in expected:
        for theirs in given:
            found |= hmac.compare_digest(ours.encode(), theirs.encode())
    return found
