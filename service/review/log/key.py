"""The key of the log's seals: outside the database, so that whoever can change rows cannot seal them."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tocsin.errors import SettingsError
from tocsin.service.keys.private import new_private_file

__all__ = ["LogKey", "ensure_log_key", "read_log_key"]

_BYTES: Final = 32
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class LogKey:
    """Seal rows and heads, and draw the random audit: HMAC-SHA256 (RFC 2104), each under a key of its own."""

    secret: bytes = field(repr=False)

    def seal_row(self, before: bytes, row: bytes) -> bytes:
        """Return the seal of a row that follows one sealed `before`."""
        return self._seal(b"tocsin log row 1", before + row)

    def seal_head(self, head: bytes) -> bytes:
        """Return the signature of an exported head."""
        return self._seal(b"tocsin log head 1", head)

    def draw(self, what: str) -> float:
        """Return a number in [0, 1) that looks random without the key, and is always the same for `what`."""
        drawn = self._seal(b"tocsin random audit 1", what.encode("utf-8", "surrogatepass"))
        return int.from_bytes(drawn[:7], "big") / 2**56

    def _seal(self, purpose: bytes, content: bytes) -> bytes:
        derived = hmac.digest(self.secret, purpose, hashlib.sha256)
        return hmac.digest(derived, content, hashlib.sha256)


def ensure_log_key(path: Path) -> LogKey:
    """Return the key in `path`; make one where there is none. Raises SettingsError as `read_log_key` does."""
    try:
        with new_private_file(path) as file:
            file.write(secrets.token_hex(_BYTES).encode() + b"\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"{path}: must be writable: {error.strerror}") from error
    return read_log_key(path)


def read_log_key(path: Path) -> LogKey:
    """Return the key in `path`.

    Raises SettingsError where it is missing, damaged, or where others than its owner may read it.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                raise SettingsError(f"{path}: must be readable by its owner alone (chmod 600)")
            secret = bytes.fromhex(file.read(1_024).decode("ascii").strip())
    except OSError as error:
        raise SettingsError(f"{path}: must be the key of the log: {error.strerror}") from error
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise SettingsError(f"{path}: must hold {_BYTES} bytes in hex")
    return LogKey(secret)
