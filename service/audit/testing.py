"""Audits that need no model: toy posts, a scorer of words, and a run that tests may kill."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tocsin.assessment import Assessment, Tier
from tocsin.errors import BundleError
from tocsin.service.audit.engine import Engine, SerialEngine
from tocsin.service.audit.inputs import find_inputs
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.local_engine import LocalEngine
from tocsin.service.audit.manifest import Manifest, ModelRecord, PolicyRecord, SettingsRecord
from tocsin.service.audit.run import AuditPlan, Scorer, run_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.scoring import Ready
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.testing import WordAssessor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.item import Item
    from tocsin.service.scan.assessor import Assessor

__all__ = [
    "WORDS",
    "Clumsy",
    "Fragile",
    "Napping",
    "Silent",
    "Toy",
    "Unloadable",
    "audit_toys",
    "rows_of",
    "toy_plan",
    "toy_posts",
    "write_posts",
]

WORDS: Final = {"recipe": 0.9, "kitchen": 0.6}
PLAIN: Final = ("soup", "bread", "oven", "whisk", "garlic", "the", "and", "with", "recipe", "kitchen")
PLACES: Final = ("Zorbia", "Quell", "Überwald", None)
SEED: Final = 20_310_517


class Silent:
    """Hear how a run goes on, and add it up."""

    def __init__(self) -> None:
        self.rows = self.read_bytes = self.skipped_bytes = 0

    def skipped(self, read_bytes: int) -> None:
        """Add what a run before has done."""
        self.skipped_bytes += read_bytes

    def done(self, rows: int, read_bytes: int) -> None:
        """Add what is done."""
        self.rows += rows
        self.read_bytes += read_bytes


class Napping(WordAssessor):
    """Take some time over every batch, so that a run can be killed in the middle."""

    def __init__(self, seconds: float) -> None:
        super().__init__(WORDS)
        self._seconds = seconds

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, after a nap."""
        time.sleep(self._seconds)
        return super().assess(items, explain=explain)


class Fragile(WordAssessor):
    """Let the process die over a text that says "boil over", each time or only the first of all times.

    `once` is a file that is made before, and saves the process where it is there already.
    """

    def __init__(self, once: Path | None = None) -> None:
        super().__init__(WORDS)
        self._once = once

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, or die."""
        if any("boil over" in item.text for item in items) and not (self._once and self._once.exists()):
            if self._once:
                self._once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().assess(items, explain=explain)


class Clumsy(WordAssessor):
    """Fail over every text, with an error that shows it."""

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer nothing."""
        raise ValueError(f"cannot read {items[0].text}, {explain}")


@dataclass(frozen=True, slots=True)
class Unloadable:
    """Hold a scorer that cannot be loaded: the bundle is gone, or the process dies over it."""

    dies: bool = False

    def load(self) -> Assessor:
        """Fail."""
        if self.dies:
            os.kill(os.getpid(), signal.SIGKILL)
        raise BundleError("bundle.json: must be there, is gone")


@dataclass(frozen=True, slots=True)
class Toy:
    """Hold what differs between toy audits."""

    schema: AskedSchema = field(default_factory=AskedSchema)
    part_rows: int = 10
    words_version: str = "1"
    record_bytes: int = 1024
    expansion: int = 20
    spans: bool = False


def toy_posts(count: int) -> list[dict[str, Any]]:
    """Return posts about cooking, of which some are blank, some have no place and no views."""
    draw = random.Random(SEED)  # noqa: S311 - reproducible toy data
    return [
        {
            "id": f"post-{number}",
            "text": " ".join(draw.choices(PLAIN, k=draw.randrange(6))),
            "place": draw.choice(PLACES),
            "stars": draw.choice([1, 2, 3, None]),
            "views": draw.choice([0, 5, 250, None]),
        }
        for number in range(count)
    ]


def write_posts(path: Path, posts: Iterable[dict[str, Any]]) -> Path:
    """Write posts as JSON Lines, and return the path."""
    path.write_text("".join(json.dumps(post) + "\n" for post in posts), encoding="utf-8")
    return path


def toy_plan(
    out: Path, inputs: Sequence[Path | str], toy: Toy | None = None, assessor: Assessor | None = None
) -> AuditPlan:
    """Return a plan whose scorer knows a few words."""
    toy = toy or Toy()
    return AuditPlan(
        AuditLayout(out),
        find_inputs([str(one) for one in inputs]),
        toy.schema,
        SettingsRecord(
            assume_language="en",
            max_characters=20_480,
            loss=None,
            check=0,
            refit=None,
            spans=toy.spans,
            record_bytes=toy.record_bytes,
            expansion=toy.expansion,
            part_rows=toy.part_rows,
        ),
        Scorer(
            ModelRecord(name="words", version=toy.words_version, digest="sha256:0"),
            PolicyRecord(version="1", digest="sha256:1", names=("appeal",)),
            Tier.SCREEN,
            Ready(assessor or WordAssessor(WORDS)),
        ),
        tocsin="0.0.0",
    )


def audit_toys(
    out: str, inputs: Sequence[str], slices: Sequence[str] = (), workers: int = 0, nap: float = 0
) -> Manifest:
    """Audit toy posts, in this process where there are no `workers`; a nap of seconds before each batch."""
    engine: Engine = LocalEngine(workers) if workers else SerialEngine()
    toy = Toy(AskedSchema().with_options(slices))
    return run_audit(toy_plan(Path(out), inputs, toy, Napping(nap)), engine, Silent())


def rows_of(out: Path) -> list[dict[str, Any]]:
    """Return every scored row of an audit, in order."""
    _, parquet = import_arrow()
    return [row for path in AuditLayout(out).scored_parts() for row in parquet.read_table(path).to_pylist()]
