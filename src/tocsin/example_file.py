"""Examples as JSON Lines: how training hands rows to evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tocsin.errors import InputError
from tocsin.example import Example

__all__ = ["read_examples", "write_examples"]


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write one example a line. The file holds text of the corpora: keep it where they are kept."""
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        for example in examples:
            file.write(json.dumps(example.to_dict(), ensure_ascii=True) + "\n")


def read_examples(path: Path) -> list[Example]:
    """Return the examples of a file; raise InputError, with the row, where one is none."""
    examples = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                examples.append(_example(line, f"{path}, row {number}"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return examples


def _example(line: bytes, place: str) -> Example:
    try:
        return Example.from_dict(json.loads(line.decode("utf-8")))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"{place}: must be an example, was none: {type(error).__name__}: {error}") from error
