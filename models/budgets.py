"""What a policy file's budgets were fitted to, checked before anything is scored with it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.assessment import Tier
from tocsin.errors import PolicyError
from tocsin.policy import Fitted, LanguageFit, LevelName, Policy, PolicyDocument, Target, TargetKind

__all__ = ["Conditions", "budget_fits", "budgets"]

_NOT_ASSUMED: Final = "none"
_NO_TRAFFIC: Final = LanguageFit(rows=0, duplicates=0)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Hold what decides a text's score and the language it is judged in.

    What was fitted to traffic holds where these are the same. `bundle` is the bundle's digest, `tier` what
    it was read as; `assume_language` is None where nothing is assumed.
    """

    bundle: str
    tier: Tier
    assume_language: str | None
    max_characters: int

    @property
    def assumed(self) -> str:
        """Return the language to assume as settings and policy files write it."""
        return self.assume_language or _NOT_ASSUMED


def budgets(policy: Policy) -> Iterator[tuple[LevelName, Target]]:
    """Yield the levels of a policy that have a budget, review first."""
    levels: tuple[tuple[LevelName, Target], ...] = (("review", policy.review), ("urgent", policy.urgent))
    yield from ((level, target) for level, target in levels if target.kind is TargetKind.BUDGET)


def budget_fits(
    document: PolicyDocument, conditions: Conditions, languages: Iterable[str]
) -> Mapping[str, LanguageFit]:
    """Return what the file's budgets were fitted to in each language; nothing where it has no budget.

    A language that the traffic lacked has no rows and no levels. Raises PolicyError where the table
    `[fitted]` is missing, or was fitted under other conditions or for another state of the file.
    """
    asked = [
        f"policies.{policy.name}.{level}" for policy in document.policies for level, _ in budgets(policy)
    ]
    if not asked:
        return {}
    if document.fitted is None:
        rule = "a budget is fitted on the platform's own traffic, and the file has no table [fitted]"
        raise PolicyError(document.source, asked[0], f"{rule}; {_mend(document, conditions)}")
    _check(document, document.fitted, conditions)
    return {language: document.fitted.languages.get(language, _NO_TRAFFIC) for language in languages}


def _check(document: PolicyDocument, fitted: Fitted, conditions: Conditions) -> None:
    """Refuse a table that belongs to another file or other conditions, or contradicts itself."""
    for key, rule, wanted, found in (
        ("policy", "the digest of the file without this table", document.rules_digest, fitted.policy),
        ("bundle", "the digest of the bundle that scores", conditions.bundle, fitted.bundle),
        ("tier", "the tier that scores", conditions.tier, fitted.tier),
        ("assume_language", "the language that is assumed", conditions.assumed, fitted.assume_language),
        ("max_characters", "that of the settings", conditions.max_characters, fitted.max_characters),
    ):
        if found != wanted:
            why = f"must be {rule}, {wanted}, was {found}; {_mend(document, conditions)}"
            raise PolicyError(document.source, f"fitted.{key}", why)
    for language, fit in fitted.languages.items():
        for policy in fit.policies:
            _check_order(document, conditions, language, policy, fit)


def _check_order(
    document: PolicyDocument, conditions: Conditions, language: str, policy: str, fit: LanguageFit
) -> None:
    """Refuse a threshold for urgent below that for review: what is urgent is reviewed."""
    review, urgent = fit.level(policy, "review"), fit.level(policy, "urgent")
    if review and urgent and urgent.threshold < review.threshold:
        key = f"fitted.languages.{language}.policies.{policy}.urgent.threshold"
        why = f"must be at least that of review, {review.threshold}, was {urgent.threshold}"
        raise PolicyError(document.source, key, f"{why}; {_mend(document, conditions)}")


def _mend(document: PolicyDocument, conditions: Conditions) -> str:
    """Return the command that makes the file usable."""
    file = shlex.quote(document.source)
    again = f" --out {file} --force" if document.fitted else ""
    tier = "" if conditions.tier is Tier.SCREEN else f" --tier {conditions.tier}"
    return f"fit it with: tocsin thresholds fit --traffic FILE --policy {file}{tier}{again}"
