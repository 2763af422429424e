"""JSON Lines: every line is one object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tocsin.errors import MalformedRowError
from tocsin.service.scan.lines import open_lines
from tocsin.service.scan.record import to_item
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.lines import Line
    from tocsin.service.scan.row import Row

__all__ = ["read_jsonl", "read_objects"]


def read_jsonl(
    source: Input, columns: Columns, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[Row]:
    """Yield one row for every line that is not blank."""
    for read in read_objects(source, limits, on_read):
        if isinstance(read, MalformedRowError):
            yield read
            continue
        number, fields = read
        try:
            yield to_item(source, number, fields, columns)
        except Fault as fault:
            yield MalformedRowError(source.name, number, str(fault))


def read_objects(
    source: Input, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[tuple[int, dict[str, Any]] | MalformedRowError]:
    """Yield the number and the object of every line that is not blank, the error where it holds none."""
    for line in open_lines(source, limits, on_read):
        if line.size <= limits.record_bytes and not line.content.strip():
            continue
        try:
            yield line.number, _object(line, limits)
        except Fault as fault:
            yield MalformedRowError(source.name, line.number, str(fault))


def _object(line: Line, limits: Limits) -> dict[str, Any]:
    limits.check_record(line.size)
    value = _json(line.content)
    if not isinstance(value, dict):
        raise Fault(f"a record must be a JSON object, was {type(value).__name__}")
    return value


def _json(content: bytes) -> object:
    try:
        text = content.decode()
        # A byte order mark, where files were joined: only `json.loads` knows what to say of it.
        return json.loads(text) if text.startswith(MARK) else DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise Fault(f"text must be valid UTF-8, byte {error.start + 1} is not") from None
    except json.JSONDecodeError as error:
        raise Fault(f"a record must be valid JSON, column {error.colno} is not: {error.msg}") from None
    except RecursionError:
        raise Fault("a record must be valid JSON, was nested too deeply") from None
    except ValueError:
        # Python refuses to turn thousands of digits into an integer.
        raise Fault("a record must be valid JSON, has a number with too many digits") from None


def _refuse_constant(name: str) -> NoReturn:
    raise Fault(f"a number must be finite, was {name}")


MARK: Final = "\ufeff"
# One for all lines: `json.loads` would make one a line, to refuse constants.
DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
