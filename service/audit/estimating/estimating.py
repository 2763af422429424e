"""From a folder of scored parts, a sample's design and a file of labels to figures with intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import tocsin
from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.audit.estimating.cutting import cut_record
from tocsin.service.audit.estimating.figures import FEW, figures, no_figures, part_figures
from tocsin.service.audit.estimating.labelled import Domain, Labelled, labelled_rows
from tocsin.service.audit.estimating.labels import Answer, Wanted, read_answers
from tocsin.service.audit.estimating.population import Population, read_population
from tocsin.service.audit.estimating.records import (
    EstimatesRecord,
    Figures,
    LevelRecord,
    PolicyEstimates,
)
from tocsin.service.audit.estimating.together import left_to_chance, withheld
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.copies import pairs_of
from tocsin.service.audit.sampling.design import DesignRecord, GroupKind, read_design
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.sampling.frame import FLAGGING, frame_of
from tocsin.service.audit.slicing import is_person
from tocsin.service.audit.unsure import Unsure
from tocsin.service.statistics.confidence import CONFIDENCE

__all__ = ["default_slices", "estimate"]

Floats = NDArray[np.float64]

_TOO_FEW: Final = f"fewer than {FEW} labels"
_AS: Final[Mapping[Unsure, float]] = {Unsure.UNLABELLED: np.nan, Unsure.NO: 0.0, Unsure.YES: 1.0}


@dataclass(frozen=True, slots=True)
class _Policy:
    """Hold what is known of one policy: its number among all, its labels, and the counts of answers.

    `chance` is why these labels tell nothing, None where they do.
    """

    number: int
    name: str
    labelled: Labelled
    unlabelled: int
    unsure: int
    chance: str | None


def default_slices(manifest: Manifest) -> tuple[str, ...]:
    """Return the columns that estimates are cut by unless somebody says: what was carried, and the language.

    Not those whose names say that their values are persons.
    """
    names = dict.fromkeys((*(one.name for one in manifest.columns.slices), "language"))
    return tuple(name for name in names if not is_person(name))


def estimate(
    layout: AuditLayout,
    manifest: Manifest,
    labels: Path,
    slices: Sequence[str],
    unsure: Unsure = Unsure.UNLABELLED,
) -> EstimatesRecord:
    """Return every figure that the labels tell, from one pass over the scored parts.

    `unsure` says what such answers are taken for. Raises InputError where a file of the audit is missing or
    is another audit's, and MalformedRowError, naming the row, where a label cannot be used.
    """
    design = read_design(layout)
    if design.audit != audit_digest(layout):
        raise InputError(
            f"{layout.sample_design}: must be the sample of this audit, is one of an earlier run"
        )
    population = read_population(layout, frame_of(layout, manifest, slices), design)
    sample = population.sample
    names = manifest.policy.names
    copies = pairs_of(design, sample.source, sample.place)
    answers = read_answers(labels, names, Wanted(sample.ids, sample.source, sample.place, copies))
    policies = [
        _policy(population, names.index(name), name, given, unsure, copies)
        for name, given in zip(answers.policies, answers.given.T, strict=True)
    ]
    return EstimatesRecord(
        tocsin=tocsin.__version__,
        audit=design.audit,
        design=_digest(layout.sample_design),
        labels=_digest(labels),
        confidence=CONFIDENCE,
        unsure=unsure,
        rows=design.rows,
        unscorable=sum(group.rows for group in design.groups if group.kind is GroupKind.UNJUDGED),
        rejected=manifest.counts.rejected,
        drawn=design.labels,
        copies=len(copies),
        weight=manifest.columns.weight.name if manifest.columns.weight else None,
        policies=tuple(_estimates(population, design, one) for one in policies),
    )


def _policy(
    population: Population,
    number: int,
    name: str,
    given: NDArray[np.int8],
    unsure: Unsure,
    copies: NDArray[np.int64],
) -> _Policy:
    hits = np.where(given == Answer.YES, 1.0, np.where(given == Answer.NO, 0.0, np.nan))
    hits[given == Answer.UNSURE] = _AS[unsure]
    labelled = labelled_rows(population, number, hits)
    return _Policy(
        number,
        name,
        labelled,
        int((given == Answer.NONE).sum()),
        int((given == Answer.UNSURE).sum()),
        left_to_chance(copies, hits),
    )


def _estimates(population: Population, design: DesignRecord, policy: _Policy) -> PolicyEstimates:
    labelled, whole = policy.labelled, _whole(population, policy.number)
    everywhere = np.ones(len(labelled.hits), bool)
    labels = np.bincount(labelled.stratum, minlength=len(whole.rows))
    told = PolicyEstimates(
        name=policy.name,
        labelled=len(labelled.hits),
        unlabelled=policy.unlabelled,
        unsure=policy.unsure,
        empty_strata=int(((labels == 0) & (whole.rows > 0)).sum()),
        credit=float(labelled.credit.mean()) if len(labelled.hits) else None,
        prevalence=figures(labelled.say(whole, everywhere), design.rows, _TOO_FEW),
        weighted=_weighted(population, policy) if design.weight else None,
        levels=tuple(_level(population, policy, level) for level in FLAGGING),
        cuts={
            name: cut_record(name, cut, whole, labelled, policy.number)
            for name, cut in population.cuts.items()
        },
    )
    return withheld(told, policy.chance) if policy.chance else told


def _whole(population: Population, policy: int) -> Domain:
    return Domain.of(population.whole.rows, population.whole.scores[:, policy])


def _weighted(population: Population, policy: _Policy) -> Figures:
    totals = population.weighted
    domain = Domain(totals.rows, population.weight, totals.scores[:, policy.number])
    if not domain.sizes.sum():
        return no_figures(None, "no row has a weight")
    everywhere = np.ones(len(policy.labelled.hits), bool)
    return figures(policy.labelled.say(domain, everywhere, weighted=True), int(totals.rows.sum()), _TOO_FEW)


def _level(population: Population, policy: _Policy, level: Level) -> LevelRecord:
    totals, labelled = population.flagged[level], policy.labelled
    part = Domain.of(totals.rows[:, policy.number], totals.scores[:, policy.number])
    rest = _whole(population, policy.number).without(part)
    inside = labelled.levels[level]
    flagged, rows = int(part.rows.sum()), int(population.whole.rows.sum())
    one, other = labelled.say(part, inside), labelled.say(rest, ~inside)
    if not flagged:
        nothing = no_figures(None, "nothing was flagged")
        return LevelRecord(level=level, flagged=0, precision=nothing, recall=nothing)
    if one is None or other is None or min(one.labels, other.labels) < FEW:
        recall = no_figures(one, f"fewer than {FEW} labels of what was flagged, or of what was not")
    else:
        recall = part_figures(one, other, flagged / rows)
    precision = figures(one, flagged, f"fewer than {FEW} labels of what was flagged")
    return LevelRecord(level=level, flagged=flagged, precision=precision, recall=recall)


def _digest(path: Path) -> str:
    try:
        return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
