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
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                examples.append(Example.from_dict(json.loads(line)))
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise InputError(f"{path}, row {number}: must be an example: {error!r}") from error
    return examples
