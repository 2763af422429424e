"""Scores of a platform's own traffic become the thresholds of its budgets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Tier
from tocsin.errors import InputError, PolicyError
from tocsin.models.budgets import budgets
from tocsin.models.gates import FittedPolicy
from tocsin.models.scorer import Scorer
from tocsin.models.thresholds import CONFIDENCE, fit_budget, least_traffic
from tocsin.models.traffic import TrafficScores
from tocsin.policy import (
    Fitted,
    LanguageFit,
    LevelFit,
    LevelName,
    Policy,
    PolicyDocument,
    Target,
    TargetKind,
)

__all__ = ["budgeted", "fit_budgets", "shortfalls", "without_budgets"]

# Stands for a budget while the traffic is scored: what is urgent all the same, is so for another reason.
_NEVER: Final = Target(TargetKind.NUMBER, math.inf)


def budgeted(document: PolicyDocument) -> tuple[str, ...]:
    """Return the names of the policies that have a budget."""
    return tuple(policy.name for policy in document.policies if any(budgets(policy)))


def without_budgets(document: PolicyDocument) -> PolicyDocument:
    """Return the policies with every budget replaced by a threshold that nothing reaches.

    Raises PolicyError for a file without a budget: it has nothing to fit.
    """
    if not budgeted(document):
        raise PolicyError(document.source, "policies", 'must have a target such as "budget 1%", had none')
    bare = tuple(
        replace(
            policy,
            review=_NEVER if policy.review.kind is TargetKind.BUDGET else policy.review,
            urgent=_NEVER if policy.urgent.kind is TargetKind.BUDGET else policy.urgent,
        )
        for policy in document.policies
    )
    return replace(document, policies=bare, fitted=None)


def fit_budgets(document: PolicyDocument, scorer: Scorer, traffic: TrafficScores) -> Fitted:
    """Return the table `[fitted]` of a policy file.

    `scorer` is the one that scored `traffic`, under `without_budgets`. A policy is left out in a
    language where it is null or where there are too few rows for one of its budgets. Raises
    InputError where nothing is left, PolicyError where traffic shows that a budget cannot be kept.
    """
    languages = {
        language: LanguageFit(
            rows=rows,
            duplicates=traffic.duplicates(language),
            policies=_policies(document, scorer, traffic, language),
        )
        for language, rows in traffic.rows.items()
    }
    if not any(fit.policies for fit in languages.values()):
        short = "; ".join(shortfalls(document, scorer, languages))
        raise InputError(f"traffic must suffice to fit a budget in one language, did not: {short}")
    return Fitted(
        bundle=scorer.conditions.bundle,
        tier="encoder" if scorer.conditions.tier is Tier.ENCODER else "screen",
        policy=document.rules_digest,
        confidence=CONFIDENCE,
        assume_language=scorer.conditions.assumed,
        max_characters=scorer.conditions.max_characters,
        languages=languages,
    )


def shortfalls(
    document: PolicyDocument, scorer: Scorer, languages: Mapping[str, LanguageFit]
) -> Iterator[str]:
    """Yield why a policy with a budget is null in a language of the bundle, one line each."""
    nothing = LanguageFit(rows=0, duplicates=0)
    fits = {
        language: languages.get(language, nothing) for language in sorted(scorer.bundle.manifest.languages)
    }
    for language in fits:
        for policy, bare in zip(document.policies, scorer.policies(language), strict=True):
            if not any(budgets(policy)) or policy.name in fits[language].policies:
                continue
            short = f"{fits[language].rows:,} rows of traffic, takes {_least(policy):,}"
            lacks = f"the bundle has no {' and '.join(bare.missing)}"
            yield f"{policy.name} in {language}: {short if bare.judged else lacks}"


def _policies(
    document: PolicyDocument, scorer: Scorer, traffic: TrafficScores, language: str
) -> Mapping[str, Mapping[LevelName, LevelFit]]:
    fitted = {
        policy.name: _levels(document.source, policy, bare, traffic, language)
        for policy, bare in zip(document.policies, scorer.policies(language), strict=True)
        if any(budgets(policy))
    }
    return {name: levels for name, levels in fitted.items() if levels}


def _levels(
    source: str, policy: Policy, bare: FittedPolicy, traffic: TrafficScores, language: str
) -> Mapping[LevelName, LevelFit]:
    """Return the thresholds of one policy's budgets in one language, none where they cannot be fitted."""
    scores = traffic.scores(language, policy.name)
    if np.isnan(scores).all() or len(scores) < _least(policy):
        return {}
    asked = dict(budgets(policy))
    levels: dict[LevelName, LevelFit] = {}
    if "review" in asked:
        # What is urgent is reviewed: whatever its score, it takes of review's budget.
        raised = np.where(traffic.urgent(language, policy.name), np.inf, scores)
        value = fit_budget(asked["review"].value, raised)
        if math.isinf(value):
            taken = f"{np.isinf(raised).sum():,} of {len(raised):,} rows in {language}"
            rule = f"must leave room for what is urgent at {policy.urgent}, {taken}"
            raise PolicyError(source, f"policies.{policy.name}.review", f"{rule}; was {asked['review']}")
        levels["review"] = _level(raised, value)
    if "urgent" in asked:
        lowest = 0.0 if "review" in asked or bare.review.members else bare.review.whole.value
        levels["urgent"] = _level(scores, max(fit_budget(asked["urgent"].value, scores), lowest))
    return levels


def _level(scores: NDArray[np.float64], threshold: float) -> LevelFit:
    return LevelFit(threshold=threshold, reached=int((scores >= threshold).sum()))


def _least(policy: Policy) -> int:
    """Return how many rows it takes to fit every budget of a policy."""
    return max(least_traffic(target.value) for _, target in budgets(policy))
