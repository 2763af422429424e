"""Where an audit scores: the engines that one may ask for, and what each of them is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Engine
    from tocsin.service.audit.run import Scorer

__all__ = ["EngineName", "EngineOption", "EnginePlan", "RayAddressOption", "RayTimeoutOption"]

RAY_TIMEOUT_S: Final = 300


class EngineName(StrEnum):
    """Name an engine."""

    LOCAL = "local"
    RAY = "ray"


EngineOption = Annotated[
    EngineName,
    typer.Option(help="Where to score: on the processors of this machine, or on those of a Ray cluster."),
]
RayAddressOption = Annotated[
    str | None,
    typer.Option(
        help="HOST:PORT of a cluster's head, or 'auto'; by default Ray starts on this machine, for this run.",
        show_default=False,
    ),
]
RayTimeoutOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Seconds to wait where no process of the cluster can score; by default 300.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """Hold which engine was asked for, and with what; `workers` is None for one a processor."""

    name: EngineName
    workers: int | None
    address: str | None
    timeout: int | None

    def __post_init__(self) -> None:
        given = {"--ray-address": self.address, "--ray-timeout": self.timeout}
        for option, value in given.items():
            if value is not None and self.name is not EngineName.RAY:
                raise typer.BadParameter(f"{option} needs --engine ray, was {self.name}")

    def processes(self) -> int:
        """Return how many processes score side by side on this machine."""
        from tocsin.service.audit.local_engine import cores

        return self.workers or cores()

    def fitted(self, scorer: Scorer) -> Scorer:
        """Return a scorer that loads where the engine needs it."""
        if self.name is not EngineName.RAY:
            return scorer
        from tocsin.service.audit.bundle_scorer import BundleLoading
        from tocsin.service.audit.ray import shipped

        assert isinstance(scorer.loading, BundleLoading)  # noqa: S101 - what a command line makes
        return replace(scorer, loading=shipped(scorer.loading))

    def make(self) -> Engine:
        """Return the engine."""
        return _ENGINES[self.name](self)


def _local(plan: EnginePlan) -> Engine:
    from tocsin.service.audit.local_engine import LocalEngine

    return LocalEngine(plan.processes())


def _ray(plan: EnginePlan) -> Engine:
    from tocsin.service.audit.ray import RayEngine

    return RayEngine(plan.workers, plan.address, plan.timeout or RAY_TIMEOUT_S)


_ENGINES: Final[Mapping[EngineName, Callable[[EnginePlan], Engine]]] = {
    EngineName.LOCAL: _local,
    EngineName.RAY: _ray,
}
