"""The key of the log's seals: outside the database, so that whoever can change rows cannot seal them."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from tocsin.errors import SettingsError
from tocsin.service.keys.private import new_private_file, sync_folder

__all__ = ["LogKey", "ensure_log_key", "read_log_key"]

_BYTES: Final = 32
_OTHERS: Final = 0o077
_HASH: Final = "sha256"  # by its name: in C as a whole


@dataclass(frozen=True, slots=True)
class LogKey:
    """Seal rows and heads, draw what is drawn by chance, stand for what must not be kept.

    HMAC-SHA256 (RFC 2104), for each purpose under a key of its own.
    """

    secret: bytes = field(repr=False)

    @property
    def begun(self) -> bytes:
        """Return the seal of nothing, which a log's first row follows."""
        return self.seal_row(b"", b"")

    def seal_row(self, before: bytes, row: bytes) -> bytes:
        """Return the seal of a row that follows one sealed `before`."""
        return self._seal(b"tocsin log row 1", before + row)

    def seal_head(self, head: bytes) -> bytes:
        """Return the signature of an exported head."""
        return self._seal(b"tocsin log head 1", head)

    def draw(self, what: str, purpose: str = "random audit") -> float:
        """Return a number in [0, 1) that looks random without the key, and is always the same for `what`.

        What is drawn for one purpose says nothing of what is drawn for another.
        """
        drawn = self._seal(f"tocsin {purpose} 1".encode(), what.encode("utf-8", "surrogatepass"))
        return int.from_bytes(drawn[:7], "big") / 2**56

    def mark(self, purpose: str, what: str) -> bytes:
        """Return 32 bytes that stand for `what`: without the key nobody can tell, or try, what they mark."""
        return self._seal(f"tocsin mark 1 {purpose}".encode(), what.encode("utf-8", "surrogatepass"))

    def _seal(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.digest(_derived(self.secret, purpose), content, _HASH)


@lru_cache(16)
def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, _HASH)


def ensure_log_key(path: Path) -> LogKey:
    """Return the key in `path`; make one where there is none. Raises SettingsError as `read_log_key` does.

    Of several that make it at once, all return the same. Whether it is the one that a log was sealed with,
    `check_key` tells.
    """
    if not path.exists():
        try:
            _make(path)
        except OSError as error:
            raise SettingsError(f"{path}: must be writable: {error.strerror}") from error
    return read_log_key(path)


def _make(path: Path) -> None:
    """Put a new key on the disk, whole before it has its name; whoever was first stays."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with new_private_file(fresh) as file:
            file.write(secrets.token_hex(_BYTES).encode() + b"\n")
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


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
