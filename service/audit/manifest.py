"""`audit.json`: what was audited, by which bundle and policy, and what became of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from tocsin.assessment import Tier
from tocsin.errors import InputError
from tocsin.service.audit.columns import SchemaRecord
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.record import Record, read_record
from tocsin.service.scan.format import Compression, Format

__all__ = [
    "FORMAT",
    "Counts",
    "InputRecord",
    "Manifest",
    "ModelRecord",
    "PolicyRecord",
    "SettingsRecord",
    "read_manifest",
    "write_manifest",
]

FORMAT: Final = 1

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]+$")]
Count = Annotated[int, Field(ge=0)]


class ModelRecord(Record):
    """Identify the bundle."""

    name: str
    version: str
    digest: Digest


class PolicyRecord(Record):
    """Identify the policy file, and name its policies in their order."""

    version: str
    digest: Digest
    names: tuple[str, ...]


class InputRecord(Record):
    """Identify one input as it was: by its size in bytes, and when it changed last or its ETag.

    `name` is what was asked for and what ids are made of, `place` an absolute path or an address.
    """

    name: str
    place: str
    format: Format
    compression: Compression | None
    size: Count
    modified_ns: int | None
    etag: str | None


class SettingsRecord(Record):
    """Hold every setting that changes what comes out.

    `assume_language` is "none" for none. `loss`, `check` and `refit` (a digest) are a cascade's.
    `part_rows` is how many rows a part has at most.
    """

    assume_language: str
    max_characters: int = Field(ge=1)
    loss: float | None
    check: float
    refit: Digest | None
    spans: bool
    record_bytes: int = Field(ge=1)
    expansion: int = Field(ge=1)
    part_rows: int = Field(ge=1)


class Counts(Record):
    """Count rows: of `read`, each is scored, unscorable for one reason, or rejected.

    `levels` count what was scored by the highest level of any policy, and `policies` by each policy's;
    what a policy could not judge is "unjudged". `tiers` count who had the last word.
    """

    read: Count = 0
    scored: Count = 0
    unscorable: Mapping[str, Count] = {}
    rejected: Count = 0
    levels: Mapping[str, Count] = {}
    policies: Mapping[str, Mapping[str, Count]] = {}
    tiers: Mapping[str, Count] = {}

    @model_validator(mode="after")
    def _adds_up(self) -> Counts:
        told = self.scored + sum(self.unscorable.values()) + self.rejected
        if told != self.read:
            raise ValueError(f"scored, unscorable and rejected must make {self.read} read, make {told}")
        return self

    @classmethod
    def total(cls, parts: Iterable[Counts]) -> Counts:
        """Return the sum of several counts."""
        sums: Counter[str] = Counter()
        unscorable, levels, tiers = Counter[str](), Counter[str](), Counter[str]()
        policies: dict[str, Counter[str]] = {}
        for part in parts:
            sums.update(read=part.read, scored=part.scored, rejected=part.rejected)
            unscorable.update(part.unscorable)
            levels.update(part.levels)
            tiers.update(part.tiers)
            for name, found in part.policies.items():
                policies.setdefault(name, Counter()).update(found)
        return cls(
            read=sums["read"],
            scored=sums["scored"],
            rejected=sums["rejected"],
            unscorable=_sorted(unscorable),
            levels=_sorted(levels),
            tiers=_sorted(tiers),
            policies={name: _sorted(found) for name, found in sorted(policies.items())},
        )


def _sorted(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return counts in an order that does not hang on which part was done first."""
    return dict(sorted(counts.items()))


class Manifest(Record):
    """Hold the whole file; no text and no id is in it.

    While a run has not finished, `finished` is None and `counts` are empty. `seconds` are those that its
    runs took together, resumed ones too; what a run that was killed did since its last part is not in it.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    model: ModelRecord
    policy: PolicyRecord
    tier: Tier
    inputs: tuple[InputRecord, ...] = Field(min_length=1)
    columns: SchemaRecord
    settings: SettingsRecord
    started: datetime
    finished: datetime | None = None
    seconds: float = Field(default=0, ge=0)
    counts: Counts = Counts()


def read_manifest(layout: AuditLayout, *, finished: bool = True) -> Manifest:
    """Return the manifest of an audit.

    Raises InputError, naming the file, where there is none, where its format is unknown, where it breaks a
    rule, and, unless `finished` is False, where the run is not complete.
    """
    path = layout.manifest
    if not path.is_file():
        raise InputError(
            f"{layout.root}: must be a folder that 'tocsin audit run' wrote: it has no {path.name}"
        )
    found = read_record(path, Manifest)
    if finished and found.finished is None:
        raise InputError(f"{path}: the run must be complete, is not: start it again, it goes on where it was")
    return found


def write_manifest(layout: AuditLayout, manifest: Manifest) -> None:
    """Write the manifest, or replace it: whoever reads finds the old one or the new one, whole."""
    write_durably(layout.manifest, manifest.to_json())
