"""Every error that tocsin raises on purpose.

    TocsinError
    ├── InputError            what was given breaks a stated rule
    │   ├── MalformedRowError     one row of an input; the rows around it are fine
    │   └── LimitError            an input is larger than the operator allows
    ├── PolicyError           a policy file cannot be used as it stands
    ├── BundleError           a bundle is missing, damaged, or of an unknown format
    ├── CorpusError           a labelled corpus is missing or not what its manifest says
    ├── SettingsError         a setting has no valid value
    ├── ScoringError          a text could not be scored (never a low score instead)
    └── MissingExtraError     an optional dependency is not installed

The command line turns each into one line on standard error and `exit_code`.
"""

from __future__ import annotations

__all__ = [
    "BundleError",
    "CorpusError",
    "InputError",
    "LimitError",
    "MalformedRowError",
    "MissingExtraError",
    "PolicyError",
    "ScoringError",
    "SettingsError",
    "TocsinError",
]


class TocsinError(Exception):
    """Stand at the root of every error that tocsin raises on purpose."""

    exit_code = 1


class InputError(TocsinError):
    """Say which stated rule an input breaks, and with what value."""


class MalformedRowError(InputError):
    """Name one row that cannot be read: where it stands and why.

    `source` is the file's name (or ``<stdin>``), `row` its 1-based record number,
    `last_row` the last line swallowed by the same fault where there were several.
    """

    def __init__(self, source: str, row: int, why: str, last_row: int | None = None) -> None:
        self.source = source
        self.row = row
        self.last_row = last_row
        self.why = why
        super().__init__(source, row, why, last_row)  # as given: an error crosses processes by them

    def __str__(self) -> str:
        several = self.last_row not in (None, self.row)
        place = f"rows {self.row} to {self.last_row}" if several else f"row {self.row}"
        return f"{self.source}, {place}: {self.why}"


class LimitError(InputError):
    """Refuse an input that is larger than the operator allows."""


class PolicyError(TocsinError):
    """Name the policy file, the key in it, and what is allowed there."""

    def __init__(self, source: str, key: str, why: str) -> None:
        self.source = source
        self.key = key
        self.why = why
        super().__init__(source, key, why)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.source, self.key, self.why) if part)


class BundleError(TocsinError):
    """Name the file of a bundle that is missing, damaged or unknown."""


class CorpusError(TocsinError):
    """Name the corpus, and the file or row of it, that is not what it should be."""


class SettingsError(TocsinError):
    """Name the setting, its rule and its value."""


class ScoringError(TocsinError):
    """Refuse to answer where an answer could not be computed."""


class MissingExtraError(TocsinError):
    """Print the exact command that installs what is missing."""

    def __init__(self, what: str, extra: str) -> None:
        self.what = what
        self.extra = extra
        super().__init__(what, extra)

    def __str__(self) -> str:
        return (
            f"{self.what} needs an optional dependency; install it with: pip install 'tocsin[{self.extra}]'"
        )
