"""What an audit reads: files, folders, globs and addresses become inputs that can be told apart later."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tocsin.errors import InputError
from tocsin.service.audit.manifest import InputRecord
from tocsin.service.audit.remote import Stamp, find_remote, is_remote
from tocsin.service.scan.display import reveal
from tocsin.service.scan.format import FORMATS, Format, format_of, split_compression
from tocsin.service.scan.input import STDIN, Elsewhere, Input

__all__ = ["AuditInput", "check_unchanged", "find_again", "find_inputs"]

FORMATS_READ: Final = (Format.JSONL, Format.CSV, Format.TSV, Format.PARQUET)
HIDDEN: Final = (".", "_")  # what other tools write beside data: marks of success, checksums


@dataclass(frozen=True, slots=True)
class AuditInput:
    """Hold one input, what identifies it, and how to look whether it still is what it was."""

    record: InputRecord
    source: Input
    look: Callable[[], InputRecord]


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold what was found under a name, and how to ask for its stamp again."""

    name: str
    place: str
    stamp: Stamp
    look: Callable[[], Stamp]
    path: Path | None = None
    open: Callable[[], BinaryIO] | None = None


def find_inputs(arguments: Sequence[str], layout: Format | None = None) -> tuple[AuditInput, ...]:
    """Return the inputs that the arguments name, in their order; those of a folder or a glob are sorted.

    Of a folder, files at any depth count whose suffix is one of the formats', unless `layout` says what all
    of them are; names that begin with a dot or an underscore do not. Raises InputError where an argument
    names nothing, something that cannot be read twice, or something that another one named already.
    """
    found = [one for argument in arguments for one in _found(argument, layout)]
    _check_once(found)
    return tuple(_input(one, layout, several=len(found) > 1) for one in found)


def find_again(record: InputRecord) -> AuditInput:
    """Return an input that was audited; raise InputError where it is gone, or is not what it was."""
    (one,) = find_inputs([record.place], record.format)
    if one.record != record.model_copy(update={"name": one.record.name, "place": one.record.place}):
        raise InputError(f"{record.name}: must be what was audited, has changed since")
    return one


def check_unchanged(one: AuditInput) -> None:
    """Raise InputError where an input is not what it was when the audit began."""
    if one.look() != one.record:
        raise InputError(f"{one.record.name}: must not change while it is audited, has changed")


def _found(argument: str, layout: Format | None) -> Iterator[_Found]:
    if argument == STDIN:
        raise InputError("an audit must be able to read an input again, standard input cannot be")
    if is_remote(argument):
        for one in find_remote(argument, lambda name: _is_data(name, layout)):
            yield _Found(one.name, one.name, one.stamp, one.look, open=one.open)
        return
    path = Path(argument)
    if path.is_dir():
        yield from _in_folder(path, layout)
    elif path.exists():
        yield _file(path)
    else:
        yield from _by_pattern(argument)


def _in_folder(folder: Path, layout: Format | None) -> Iterator[_Found]:
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _is_data(str(path.relative_to(folder)), layout)
    ]
    if not paths:
        known = ", ".join(suffix for suffix, kind in FORMATS.items() if kind in FORMATS_READ)
        raise InputError(f"{_printable(folder)}: a folder must hold a file that ends in one of {known}")
    yield from map(_file, paths)


def _by_pattern(pattern: str) -> Iterator[_Found]:
    paths = [path for path in map(Path, sorted(glob.glob(pattern, recursive=True))) if path.is_file()]  # noqa: PTH207 - it knows no absolute pattern
    if not paths:
        raise InputError(f"an input must be a file or a folder that exists, was {_printable(Path(pattern))}")
    yield from map(_file, paths)


def _is_data(name: str, layout: Format | None) -> bool:
    parts = Path(name).parts
    if any(part.startswith(HIDDEN) for part in parts):
        return False
    bare, _ = split_compression(parts[-1])
    return layout is not None or FORMATS.get(Path(bare).suffix.lower()) in FORMATS_READ


def _file(path: Path) -> _Found:
    if not path.is_file():
        raise InputError(f"{_printable(path)}: an audit reads an input twice: it must be a regular file")

    def look() -> Stamp:
        try:
            told = path.stat()
        except OSError as error:
            raise InputError(f"{_printable(path)}: must be readable: {error.strerror}") from error
        return Stamp(told.st_size, told.st_mtime_ns)

    return _Found(_printable(path), _printable(path.resolve()), look(), look, path)


def _printable(path: Path) -> str:
    """Return a name that becomes part of ids, be it UTF-8 or not."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _check_once(found: Sequence[_Found]) -> None:
    places = set[str]()
    for one in found:
        if one.place in places:
            raise InputError(f"{reveal(one.name)}: an input must be named once, was named twice")
        places.add(one.place)


def _input(found: _Found, layout: Format | None, *, several: bool) -> AuditInput:
    kind = layout or format_of(found.name)
    compression = split_compression(found.name)[1]
    if kind not in FORMATS_READ:
        raise InputError(f"{found.name}: must be one of {', '.join(FORMATS_READ)} for an audit, was {kind}")
    if kind is Format.PARQUET and compression is not None:
        raise InputError(f"{found.name}: Parquet packs itself and must not be compressed as a whole")

    def record(stamp: Stamp) -> InputRecord:
        return InputRecord(
            name=found.name,
            place=found.place,
            format=kind,
            compression=compression,
            size=stamp.size,
            modified_ns=stamp.modified_ns,
            etag=stamp.etag,
        )

    elsewhere = Elsewhere(found.stamp.size, found.open) if found.open else None
    source = Input(found.name, found.path, kind, compression, several=several, elsewhere=elsewhere)
    return AuditInput(record(found.stamp), source, lambda: record(found.look()))
