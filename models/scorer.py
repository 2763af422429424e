"""Items in, assessments out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Span, Status, Tier
from tocsin.errors import SettingsError
from tocsin.item import Item
from tocsin.models.admission import Admission, by_language
from tocsin.models.budgets import Conditions, budget_fits
from tocsin.models.bundle import Bundle
from tocsin.models.calibration import shifted
from tocsin.models.cascade import ClearingChoice, RefitConditions
from tocsin.models.explanation import WordWeights, spans
from tocsin.models.gates import FittedPolicy, fit_policies, without_promises_of_recall
from tocsin.models.standing import with_standings
from tocsin.models.text_judge import SIGNALS, TextJudge, scalings
from tocsin.policy import PolicyDocument
from tocsin.signals import Signal

__all__ = ["Scorer"]

Floats = NDArray[np.float64]


class Scorer:
    """Judge texts with one bundle under one policy file.

    A text whose language cannot be told is judged as `assume_language` (None: not at all). A text of more
    than `max_characters` code points is not judged. `clearing` is what a cascade clears by; nothing is
    cleared that a policy of the files `beside` would flag either, which others apply to `results`. With
    `standings`, assessments say how near items come to a level. Instances are read-only once made and may be
    shared between threads. Raises SettingsError where `assume_language` is none of the bundle's, or the rule
    that was fitted to traffic belongs to another bundle or policy file.
    """

    def __init__(
        self,
        bundle: Bundle,
        policy: PolicyDocument,
        *,
        assume_language: str | None = "en",
        max_characters: int = 20_480,
        clearing: ClearingChoice | None = None,
        beside: Sequence[PolicyDocument] = (),
        standings: bool = False,
    ) -> None:
        languages = sorted(bundle.manifest.languages)
        if assume_language is not None and assume_language not in languages:
            raise SettingsError(
                f"assume_language must be one of the bundle's ({', '.join(languages)}) or none,"
                f" was {assume_language!r}"
            )
        self.bundle = bundle
        self.policy = policy
        self._assumed, self._standings = assume_language, standings
        # A cascade has the encoder's thresholds: a budget that the encoder keeps is kept by what flags less.
        fitted_as = Tier.ENCODER if bundle.encoder else Tier.SCREEN
        self.conditions = Conditions(bundle.digest, fitted_as, assume_language, max_characters)
        self._scalings = {language: scalings(bundle, language) for language in languages}
        self.beside = tuple(beside)
        fitted, *others = [_fits(bundle, one, self.conditions, languages) for one in (policy, *beside)]
        watched = {
            language: fitted[language] + tuple(one for other in others for one in other[language])
            for language in languages
        }
        self.clearing = chosen = clearing or ClearingChoice()
        self.clearings = chosen.clearings(bundle.cascade, watched, self.refit_conditions)
        self._fitted = {
            language: tuple(map(without_promises_of_recall, policies)) if self._clears(language) else policies
            for language, policies in fitted.items()
        }
        self._judge = TextJudge(
            bundle,
            watched,
            self._scalings,
            assume_language,
            max_characters,
            self.clearings,
            chosen.check,
        )

    @property
    def refit_conditions(self) -> RefitConditions:
        """Return what a clearing rule fitted to traffic must have been fitted under."""
        conditions = self.conditions
        return RefitConditions(
            conditions.bundle,
            self.policy.digest,
            tuple(one.digest for one in self.beside),
            conditions.assumed,
            conditions.max_characters,
        )

    def _clears(self, language: str) -> bool:
        return language in self.clearings and self.clearings[language].threshold is not None

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Return every signal, in the order of the columns of `scores`."""
        return SIGNALS

    @cached_property
    def model(self) -> ModelStamp:
        """Return what identifies the bundle in an assessment."""
        return ModelStamp(self.bundle.manifest.name, self.bundle.manifest.version, self.bundle.digest)

    def policies(self, language: str) -> tuple[FittedPolicy, ...]:
        """Return the policies as fitted in `language`, none where nothing can be judged in it."""
        return self._fitted.get(language, ())

    def scores(self, texts: Sequence[str], languages: Sequence[str | None] | None = None) -> Floats:
        """Return calibrated probabilities, ``(texts, signals)``, NaN for null.

        `languages` are hints, one a text. A text that cannot be judged is a row of NaN.
        """
        hints = [None] * len(texts) if languages is None else languages
        return self._judge.judged(texts, hints).scores

    def assess(self, items: Iterable[Item | str], *, explain: bool = False) -> list[Assessment]:
        """Return one assessment an item, in order; a bare string gets its place as its id.

        With `explain`, assessments carry the spans that raise each signal of a policy that fired.
        """
        judged = [
            item if isinstance(item, Item) else Item(id=str(place), text=item)
            for place, item in enumerate(items)
        ]
        found = self._judge.judged([item.text for item in judged], [item.language for item in judged])
        results = self._results(found.admissions, found.scores)
        priorities = _plain(self._priorities(found.admissions, found.scores))
        table = [dict(zip(self.signals, row, strict=True)) for row in _plain(found.scores)]
        made = [
            self._assessment(*one)
            for one in zip(
                judged,
                found.admissions,
                found.tiers,
                found.checked.tolist(),
                table,
                results,
                priorities,
                strict=True,
            )
        ]
        if self._standings:
            made = with_standings(made, found, self._fitted, self.bundle.cascade)
        if not explain:
            return made
        return [
            one if one.tier is None else replace(one, spans=self._spans(item.text, admission.judged, one))
            for one, item, admission in zip(made, judged, found.admissions, strict=True)
        ]

    def results(self, assessments: Sequence[Assessment]) -> list[tuple[PolicyResult, ...]]:
        """Return what this scorer's policies make of assessments that another scorer of this bundle made.

        One result a policy for each assessment, in order; all null where it is unscorable. A language
        that could not be told was judged as the one that both scorers assume.
        """
        admissions = [Admission.of(one, self._assumed) for one in assessments]
        table = [[one.signals[signal] for signal in self.signals] for one in assessments]
        scores = np.array(table, np.float64).reshape(len(table), len(self.signals))  # None is NaN
        return [made or self._unjudged for made in self._results(admissions, scores)]

    def judged_as(self, assessment: Assessment) -> str:
        """Return the language that the text of an assessment was judged as, "und" where it was not."""
        return Admission.of(assessment, self._assumed).judged

    def closeness(self, texts: Sequence[str], languages: Sequence[str]) -> Floats:
        """Return how near a cascade's screen sees texts to a level, each judged in a language of its own.

        In log-odds: below the rule's threshold (`clearings`) a text is cleared. NaN where no cascade reads.
        """
        return self._judge.closeness(texts, languages)

    def explain(self, text: str, language: str | None = None) -> WordWeights | None:
        """Return what every word adds to every signal's log-odds, None where `text` cannot be judged.

        Weights and base sum to the log-odds of `scores`. Exact for the screen; an encoder's words are left
        out in turn, a reading each.
        """
        found = self._judge.judged([text], [language])
        (admission,), (tier,) = found.admissions, found.tiers
        return None if tier is None else self._judge.explained(text, admission.judged, tier)

    def _results(self, admissions: Sequence[Admission], scores: Floats) -> list[tuple[PolicyResult, ...]]:
        results: list[tuple[PolicyResult, ...]] = [()] * len(admissions)
        for language, rows in by_language(admissions, self._fitted):
            columns = self._columns(scores[rows])
            by_policy = [policy.results(columns) for policy in self._fitted[language]]
            for place, row in enumerate(rows):
                results[row] = tuple(policy[place] for policy in by_policy)
        return results

    def _priorities(self, admissions: Sequence[Admission], scores: Floats) -> Floats:
        """Return severity times score at the platform's prevalence, the highest of all policies."""
        priorities = np.full(len(admissions), np.nan)
        for language, rows in by_language(admissions, self._fitted):
            columns = self._shifted(self._columns(scores[rows]), language)
            for policy in self._fitted[language]:
                weighted = policy.scores(columns) * policy.policy.severity.weight
                priorities[rows] = np.fmax(priorities[rows], weighted)
        return priorities

    def _shifted(self, columns: Mapping[Signal, Floats], language: str) -> Mapping[Signal, Floats]:
        expected = self.policy.prevalence
        if expected is None:
            return columns
        moved = dict(columns)
        for signal, calibration in self._scalings[language].items():
            moved[signal] = shifted(columns[signal], calibration.reference_prevalence, expected)
        return moved

    def _columns(self, scores: Floats) -> Mapping[Signal, Floats]:
        return {signal: scores[:, place] for place, signal in enumerate(self.signals)}

    def _spans(self, text: str, language: str, assessment: Assessment) -> tuple[Span, ...]:
        """Return what raises the signals of the policies that fired."""
        fired = {one.name for one in assessment.policies if one.level not in {None, Level.NONE}}
        wanted = frozenset[Signal]().union(
            *(
                fitted.policy.signals & fitted.known
                for fitted in self._fitted[language]
                if fitted.policy.name in fired
            )
        )
        if not wanted or assessment.tier is None:
            return ()
        explained = self._judge.explained(text, language, assessment.tier)
        columns = {signal: place for place, signal in enumerate(explained.signals) if signal in wanted}
        return spans(explained, columns)

    def _assessment(
        self,
        item: Item,
        admission: Admission,
        tier: Tier | None,
        checked: bool,
        signals: Mapping[Signal, float | None],
        results: tuple[PolicyResult, ...],
        priority: float | None,
    ) -> Assessment:
        scored = admission.reason is None
        return Assessment(
            id=item.id,
            status=Status.SCORED if scored else Status.UNSCORABLE,
            reason=admission.reason,
            language=admission.reported,
            signals=signals,
            policies=results if scored else self._unjudged,
            priority=priority,
            tier=tier,
            spans=(),
            model=self.model,
            policy=self.policy.stamp,
            checked=checked,
        )

    @cached_property
    def _unjudged(self) -> tuple[PolicyResult, ...]:
        """Return every policy as null: what stands in an assessment that could not be made."""
        return tuple(
            PolicyResult(
                name=policy.name,
                score=None,
                level=None,
                certified=False,
                missing=tuple(signal for signal in Signal if signal in policy.signals),
            )
            for policy in self.policy.policies
        )


def _fits(
    bundle: Bundle, policy: PolicyDocument, conditions: Conditions, languages: Sequence[str]
) -> Mapping[str, tuple[FittedPolicy, ...]]:
    """Return a file's policies as fitted in each language."""
    fits = budget_fits(policy, conditions, languages)
    return {
        language: fit_policies(
            policy, bundle.references[language], bundle.manifest.known(language), fits.get(language)
        )
        for language in languages
    }


def _plain(scores: Floats) -> list[Any]:
    """Return scores as Python's own numbers, None for null: all at once, for one at a time is slow."""
    boxed = scores.astype(np.object_)
    boxed[np.isnan(scores)] = None
    plain: list[Any] = boxed.tolist()
    return plain
