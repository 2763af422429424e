"""What a build depends on, as one digest: the files read, the choices made, and the code that read them."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import tocsin.example
import tocsin.language
import tocsin.signals
import tocsin.text
import tocsin.training.corpora
import tocsin.training.own_rows
from tocsin.training import duplicates, near_copies, splits, thinning

__all__ = ["fingerprint"]

_CODE: Final[tuple[ModuleType, ...]] = (
    *(tocsin.example, tocsin.language, tocsin.signals, tocsin.text),
    *(tocsin.training.corpora, tocsin.training.own_rows),
    *(duplicates, near_copies, splits, thinning),
)
_LIBRARIES: Final = ("confusable-homoglyphs", "datasketch", "emoji", "numpy", "rapidfuzz", "scipy")


def fingerprint(files: Mapping[str, Any], choices: Mapping[str, Any]) -> str:
    """Return a SHA-256 in hexadecimal of checksums, choices, our code and the libraries' versions."""
    known = {
        "files": files,
        "choices": choices,
        "code": {module.__name__: _digest(module) for module in _CODE},
        "libraries": {name: version(name) for name in _LIBRARIES},
        "unicode": unicodedata.unidata_version,
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def _digest(module: ModuleType) -> str:
    """Return the digest of a module's source, for a package of all that it holds."""
    file = Path(str(module.__file__))
    sources = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
