"""Object stores and other places with an address, through fsspec."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, BinaryIO, Final, cast

from tocsin.errors import InputError, MissingExtraError, TocsinError
from tocsin.service.scan.display import cut, reveal

__all__ = ["RemoteFile", "Stamp", "find_remote", "is_remote"]

ADDRESS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
PATTERN: Final = re.compile(r"[*?\[]")
SHOWN: Final = 200
# What stores call the time of the last change, and the mark that changes with the content.
MODIFIED: Final = ("LastModified", "last_modified", "updated", "mtime", "modified", "created")
MARKS: Final = ("ETag", "etag", "md5Hash", "content_md5")
NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """Hold a file's size, when it changed last, and a mark that changes with it, as far as can be told."""

    size: int
    modified_ns: int | None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Hold one file elsewhere under its whole address, and its stamp as it was found."""

    name: str
    files: Any
    path: str
    stamp: Stamp

    def look(self) -> Stamp:
        """Return its stamp as it is now."""
        with _told(self.name):
            self.files.invalidate_cache()
            info = self.files.info(self.path)
        return _stamp(self.name, info)

    def open(self) -> BinaryIO:
        """Open it; raise OSError where that, or reading later, fails."""
        return cast("BinaryIO", _Careful(self.files.open(self.path, "rb")))


class _Careful(io.RawIOBase):
    """Read a file elsewhere; whatever its store raises becomes an OSError."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._tried(lambda: self._file.read(len(buffer)))
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        place: int = self._tried(lambda: self._file.seek(offset, whence))
        return place

    def tell(self) -> int:
        place: int = self._file.tell()
        return place

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except OSError:
            raise
        except Exception as error:  # stores raise what they like
            raise OSError(_why(error)) from error


def is_remote(argument: str) -> bool:
    """Say whether an argument is an address."""
    return ADDRESS.fullmatch(argument) is not None


def find_remote(address: str, is_data: Callable[[str], bool]) -> Iterator[RemoteFile]:
    """Yield the file at an address, those that match its pattern, or those below it that are data, sorted.

    Raises InputError where there is none, where the address holds credentials, which would be recorded, and
    where a package is missing that is the store's own.
    """
    _check_plain(address)
    with _told(address):
        files, path = _fsspec().core.url_to_fs(address)
        if PATTERN.search(path):
            below = files.glob(path, detail=True)
            found = {one: info for one, info in below.items() if info.get("type") != "directory"}
        elif files.isdir(path):
            below = files.find(path, detail=True)
            found = {one: info for one, info in below.items() if is_data(one[len(path) :].lstrip("/"))}
        else:
            found = {path: files.info(path)} if files.exists(path) else {}
        named = [(str(files.unstrip_protocol(one)), one, found[one]) for one in sorted(found)]
    if not named:
        raise InputError(f"an input must be a file, or a folder of files, that exists, was {reveal(address)}")
    for name, one, info in named:
        yield RemoteFile(name, files, one, _stamp(name, info))


def _fsspec() -> Any:
    try:
        return import_module("fsspec")
    except ImportError as error:
        raise MissingExtraError("reading from an address", "audit") from error


def _check_plain(address: str) -> None:
    found = ADDRESS.fullmatch(address)
    protocol, rest = (found[1].lower(), found[2]) if found else ("", "")
    host = rest.partition("/")[0]
    asks = protocol in {"http", "https"} and "?" in rest
    if "@" in host or asks or "::" in address:
        raise InputError(
            "an address must hold no name, no password, no query and no other address, for it is recorded:"
            " give credentials as the store's own package takes them, by the environment"
        )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn whatever a store raises into an InputError that names the address."""
    try:
        yield
    except TocsinError:
        raise
    except ImportError as error:
        raise InputError(f"{name}: needs a package of its own: {_why(error)}") from error
    except Exception as error:
        raise InputError(f"{name}: must be readable: {_why(error)}") from error


def _why(error: BaseException) -> str:
    said = reveal(cut(str(error).partition("\n")[0], SHOWN))
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _stamp(name: str, info: Mapping[str, Any]) -> Stamp:
    size = info.get("size")
    if not isinstance(size, int):
        raise InputError(f"{name}: an input must have a size that can be told beforehand, has none")
    return Stamp(size, _modified(info), next((str(info[key]) for key in MARKS if info.get(key)), None))


def _modified(info: Mapping[str, Any]) -> int | None:
    told = next((info[key] for key in MODIFIED if info.get(key) is not None), None)
    if isinstance(told, datetime):
        told = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told).timestamp()
        except ValueError:
            return None
    return round(told * NANOSECONDS) if isinstance(told, (int, float)) else None
