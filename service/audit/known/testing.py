"""Texts hashed without an audit, and toy audits in which some come again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.known.finding import Found, KnownPlan, find_known
from tocsin.service.audit.known.fingerprints import PartHashing
from tocsin.service.audit.known.grouping import group
from tocsin.service.audit.known.hash_list import Entry, HashList
from tocsin.service.audit.known.keying import Keying
from tocsin.service.audit.known.matching import match
from tocsin.service.audit.known.texts import Texts, read_texts
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.manifest import Manifest, read_manifest
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.testing import Silent, Toy, toy_plan, write_posts
from tocsin.service.audit.unit import Unit
from tocsin.service.likeness import bands, shingles
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.placed import Placed
from tocsin.text import normalise

__all__ = ["CHOIR", "audited", "entry", "find", "hash_texts", "known_cells", "listed", "matched"]

CHOIR: Final = "Everybody brings leek soup and fresh bread to the Zorbian choir on {} evening"


def hash_texts(folder: Path, texts: Sequence[str], part_rows: int = 1000) -> Texts:
    """Return texts as they are read back, hashed in parts."""
    work = AuditLayout(folder)
    work.scored.mkdir(parents=True)
    hashing = PartHashing(work, Keying())
    for number, first in enumerate(range(0, len(texts), part_rows)):
        rows = tuple(
            Placed(id=str(place), text=text, language=None, place=place)
            for place, text in enumerate(texts[first : first + part_rows], first + 1)
        )
        hashing.keep(hashing.hash(Unit(PartName(0, number), "toys", first, rows, 0)))
    return read_texts(work)


def audited(
    folder: Path, posts: Sequence[dict[str, Any]], schema: AskedSchema | None = None, part_rows: int = 10
) -> AuditLayout:
    """Return the folder of an audit of toy posts."""
    path = write_posts(folder / "posts.jsonl", posts)
    plan = toy_plan(folder / "out", [path], Toy(schema or AskedSchema(), part_rows=part_rows))
    run_audit(plan, SerialEngine(), Silent())
    return plan.layout


def find(layout: AuditLayout, plan: KnownPlan | None = None, manifest: Manifest | None = None) -> Found:
    """Return the copies of an audit, found in this process."""
    told = manifest or read_manifest(layout)
    return find_known(layout, told, plan or KnownPlan(), SerialEngine(), Silent())


def known_cells(layout: AuditLayout, name: str) -> list[Any]:
    """Return one column of what is known of all rows, in order."""
    _, parquet = import_arrow()
    return [cell for path in layout.known_parts() for cell in parquet.read_table(path)[name].to_pylist()]


def entry(text: str, label: str = "", *, banded: bool = False, keying: Keying | None = None) -> Entry:
    """Return the entry of a text, with its bands where it is `banded`."""
    digest = (keying or Keying()).digest(normalise(text))
    return Entry(digest, label, date(2031, 5, 17), bands(shingles(text)) if banded else ())


def listed(*entries: Entry) -> list[HashList]:
    """Return a list of these entries."""
    return [HashList("soups.csv", f"sha256:{'0' * 64}", entries)]


def matched(folder: Path, texts: Sequence[str], *entries: Entry) -> list[tuple[str | None, bool]]:
    """Return the label of each text, and whether it is near only."""
    found = hash_texts(folder / "work", texts)
    told = match(found, group(found, folder), listed(*entries))
    labels = (*told.labels, None)
    return [
        (labels[one], bool(near)) for one, near in zip(told.label.tolist(), told.near.tolist(), strict=True)
    ]
