"""The file of keys: read whole or refused, changed by one process at a time, never half written."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from tocsin.errors import SettingsError
from tocsin.service.keys.key import Key
from tocsin.service.keys.private import new_private_file, open_private, sync_folder
from tocsin.service.keys.scope import Scope

__all__ = ["KeyFile", "Keys", "Stamp"]

Keys = Mapping[str, Key]
Stamp = tuple[int, int, int, int]

_OTHERS: Final = 0o077
_ROOT: Final = 0


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    name: str
    scopes: frozenset[Scope]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    created: Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))]
    per_minute: int | None = Field(default=None, ge=0)
    expires: Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC))] | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    keys: tuple[_Record, ...] = ()


class KeyFile:
    """Read and change ``keys.json`` in a state folder; a missing file holds no keys.

    Readers need no lock: a change replaces the file, once the new one is on the disk. Raises
    SettingsError where others than its owner could read or write it, and where it is damaged.
    """

    def __init__(self, state: Path) -> None:
        self.path = state / "keys.json"
        self._lock = state / "keys.lock"

    def stamp(self) -> Stamp | None:
        """Return what changes whenever the file does, None where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns

    def read(self) -> dict[str, Key]:
        """Return the keys by their ids, in order of creation."""
        try:
            with self.path.open("rb") as file:
                self._check_private(os.fstat(file.fileno()))
                content = file.read()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SettingsError(f"{self.path}: must be readable: {error.strerror}") from error
        return {record.id: _key(record) for record in self._document(content).keys}

    @contextmanager
    def changing(self) -> Iterator[dict[str, Key]]:
        """Yield the keys to change; they are written when the block ends well, not where it raises.

        Whoever else wants to change them waits.
        """
        with self._locked():
            keys = self.read()
            before = dict(keys)
            yield keys
            if keys != before:
                self._write(keys)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = open_private(self._lock, os.O_NOFOLLOW)  # a link in its place is an error
        except OSError as error:
            raise SettingsError(f"{self._lock}: must be writable: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _check_private(self, found: os.stat_result) -> None:
        mode = stat.S_IMODE(found.st_mode)
        if mode & _OTHERS:
            raise SettingsError(
                f"{self.path}: must be readable by its owner alone (chmod 600), was {mode:04o}"
            )
        owners = {os.geteuid(), _ROOT}
        if os.geteuid() == _ROOT:
            owners.add(self.path.parent.stat().st_uid)  # who serves
        if found.st_uid not in owners:
            raise SettingsError(f"{self.path}: must belong to whoever runs tocsin, was user {found.st_uid}'s")

    def _document(self, content: bytes) -> _Document:
        try:
            return _Document.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "document"
            raise SettingsError(f"{self.path}: {place}: {first['msg']}") from error

    def _write(self, keys: Keys) -> None:
        document = _Document(keys=tuple(map(_record, keys.values())))
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # left by a process that was killed; we hold the lock
        with new_private_file(fresh) as file:
            file.write(document.model_dump_json(indent=2).encode() + b"\n")
        fresh.replace(self.path)
        sync_folder(self.path.parent)


def _key(record: _Record) -> Key:
    return Key(
        id=record.id,
        name=record.name,
        scopes=record.scopes,
        digest=record.sha256,
        created=record.created,
        per_minute=record.per_minute,
        expires=record.expires,
    )


def _record(key: Key) -> _Record:
    return _Record(
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        sha256=key.digest,
        created=key.created or datetime.now(UTC),
        per_minute=key.per_minute,
        expires=key.expires,
    )
