"""Lists of digests of texts: read with every rule checked, written so that anybody can read them."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from tocsin.errors import InputError
from tocsin.service.audit.durable import open_durably
from tocsin.service.audit.known.keying import NORMALISER, Keying
from tocsin.service.likeness import BANDS
from tocsin.service.scan.display import cut, reveal
from tocsin.service.scan.write_csv import csv_cell

__all__ = ["LONGEST_LABEL", "TITLE", "Entry", "HashList", "read_hash_list", "write_hash_list"]

TITLE: Final = "# tocsin hash list 1"
LONGEST_LABEL: Final = 60
_COLUMNS: Final = ("digest", "label", "date", "bands")
_SETTINGS: Final = ("algorithm", "normaliser", "key")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BANDS: Final = re.compile(rf"[0-9a-f]{{{16 * BANDS}}}")
_MOST_BYTES: Final = 1 << 30
_SHOWN: Final = 60
_SIGN: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one text that is known: its digest of 32 bytes, what it is called, since when, and its bands."""

    digest: bytes
    label: str = ""
    since: date | None = None
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HashList:
    """Hold a list, its name and the SHA-256 of its file."""

    name: str
    digest: str
    entries: tuple[Entry, ...]


def read_hash_list(path: Path, keying: Keying) -> HashList:
    """Return a list; raise InputError, naming file and line, where it breaks a rule or was made otherwise."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError(f"{path}: a hash list must be at most {_MOST_BYTES} bytes, is more")
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: a hash list must be UTF-8") from error
    first = _check_head(path, lines, keying)
    entries = tuple(_entries(path, lines, first))
    return HashList(path.name, f"sha256:{hashlib.sha256(content).hexdigest()}", entries)


def _check_head(path: Path, lines: Sequence[str], keying: Keying) -> int:
    """Check the lines that say how digests were made; return how many lines that takes."""
    if not lines or lines[0].strip() != TITLE:
        raise InputError(f"{path}: the first line of a hash list must be {TITLE!r}, is not")
    told: dict[str, str] = {}
    first = 1
    for line in lines[1:]:
        if not line.startswith("#"):
            break
        name, colon, value = line.lstrip("# ").partition(":")
        if colon and name.strip() in _SETTINGS:
            told[name.strip()] = value.strip()
        first += 1
    wanted = {"algorithm": keying.algorithm.value, "normaliser": NORMALISER, "key": keying.mark}
    for name in _SETTINGS:
        if told.get(name) != wanted[name]:
            raise InputError(f"{path}: {_other(name, told.get(name), wanted[name])}")
    return first


def _other(name: str, found: str | None, wanted: str | None) -> str:
    was = "none" if found is None else repr(reveal(cut(found, _SHOWN)))
    if name == "key":
        return "the key of --key must be the one that the list was made with, is another"
    more = " (--key says which key)" if name == "algorithm" and wanted == "sha256" else ""
    return f"the {name} of a hash list must be {wanted!r} to be matched here{more}, was {was}"


def _entries(path: Path, lines: Sequence[str], first: int) -> Iterator[Entry]:
    seen: dict[bytes, int] = {}
    reader = csv.reader(lines[first:], strict=True)
    try:
        for number, cells in enumerate(reader):
            line = first + number + 1
            if not cells or (number == 0 and tuple(cells) == _COLUMNS[: len(cells)]):
                continue
            try:
                entry = _entry(cells)
            except ValueError as error:
                raise InputError(f"{path}, line {line}: {error}") from None
            if entry.digest in seen:
                raise InputError(
                    f"{path}, line {line}: a digest must come once, came in line {seen[entry.digest]} too"
                )
            seen[entry.digest] = line
            yield entry
    except csv.Error as error:
        raise InputError(f"{path}, line {first + reader.line_num}: must be CSV: {error}") from None


def _entry(cells: Sequence[str]) -> Entry:
    if len(cells) > len(_COLUMNS):
        raise ValueError(f"must have at most {len(_COLUMNS)} fields, {', '.join(_COLUMNS)}, has {len(cells)}")
    digest, label, since, bands = (*(cell.strip() for cell in cells), "", "", "")[: len(_COLUMNS)]
    if not _DIGEST.fullmatch(digest.lower()):
        raise ValueError("'digest' must be 64 hexadecimal digits, is not")
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise ValueError(f"'label' must be at most {LONGEST_LABEL} printable characters, is not")
    if bands and not _BANDS.fullmatch(bands.lower()):
        raise ValueError(f"'bands' must be {16 * BANDS} hexadecimal digits, or empty, is neither")
    return Entry(bytes.fromhex(digest), label, _date(since), _bands(bands))


def _date(cell: str) -> date | None:
    try:
        return date.fromisoformat(cell) if cell else None
    except ValueError:
        raise ValueError("'date' must be a date such as 2031-05-17, or empty, is neither") from None


def _bands(cell: str) -> tuple[int, ...]:
    keys = (int(cell[first : first + 16], 16) for first in range(0, len(cell), 16))
    return tuple(key - 2 * _SIGN if key >= _SIGN else key for key in keys)


def write_hash_list(path: Path, entries: Iterable[Entry], keying: Keying) -> None:
    """Write a list, whole or not at all."""
    head = [TITLE, f"# algorithm: {keying.algorithm}", f"# normaliser: {NORMALISER}"]
    head += [f"# key: {keying.mark}"] if keying.mark else []
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in entries:
        since = one.since.isoformat() if one.since else ""
        bands = "".join(f"{key % (2 * _SIGN):016x}" for key in one.bands)
        writer.writerow((one.digest.hex(), csv_cell(one.label), since, bands))
    with open_durably(path) as file:
        file.write(("\n".join(head) + "\n" + stream.getvalue()).encode())
