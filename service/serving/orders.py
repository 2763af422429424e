"""What the parent tells its workers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.models.cascade import ClearingChoice
    from tocsin.policy import PolicyDocument
    from tocsin.service.api.settings import ServeSettings

__all__ = ["Orders", "Run"]


@dataclass(frozen=True, slots=True)
class Run:
    """Name the files in the folder of one run, which ends with it and is its owner's alone."""

    folder: Path

    @property
    def limits(self) -> Path:
        """Return the file of buckets that all workers share."""
        return self.folder / "limits"

    @property
    def reason(self) -> Path:
        """Return the file that says why a worker could not start."""
        return self.folder / "reason"

    def ready(self, pid: int | None) -> Path:
        """Return the file that is there once a worker takes requests."""
        return self.folder / f"ready-{pid}"

    def why(self) -> str | None:
        """Return why the latest worker that could not start could not, None where it did not say so."""
        return self.reason.read_text(encoding="utf-8") if self.reason.is_file() else None


@dataclass(frozen=True, slots=True)
class Orders:
    """Hold everything that a worker is made from: it travels to the worker's process by pickle.

    The policy file, and the rule that a cascade clears by, were read once, and `digest` pins the bundle that
    was: all workers judge alike, or one that finds another bundle refuses to start. There is no secret in
    here.
    """

    settings: ServeSettings
    policy: PolicyDocument
    digest: str
    clearing: ClearingChoice
    state: Path
    run: Run
