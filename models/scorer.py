"""Items in, assessments out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Reason, Span, Status, Tier
from tocsin.errors import ScoringError, SettingsError
from tocsin.item import Item
from tocsin.language import UNDETERMINED, resolve_all
from tocsin.models.admission import Admission, by_language
from tocsin.models.budgets import Conditions, budget_fits
from tocsin.models.bundle import Bundle
from tocsin.models.calibration import SignalCalibration, probability, shifted
from tocsin.models.encoder import Encoder, occlusion
from tocsin.models.explanation import WordWeights, occluded_weights, spans, word_weights
from tocsin.models.gates import FittedPolicy, fit_policies
from tocsin.policy import PolicyDocument
from tocsin.signals import Signal
from tocsin.text import normalise_with_offsets

__all__ = ["Scorer"]

Floats = NDArray[np.float64]

_SIGNALS: Final = tuple(Signal)


class Scorer:
    """Judge texts with one bundle under one policy file.

    A text whose language cannot be told is judged as `assume_language` (None: not at all). A text
    of more than `max_characters` code points is not judged. Instances are read-only once made and
    may be shared between threads. Raises SettingsError where `assume_language` is none of the bundle's.
    """

    def __init__(
        self,
        bundle: Bundle,
        policy: PolicyDocument,
        *,
        assume_language: str | None = "en",
        max_characters: int = 20_480,
    ) -> None:
        languages = sorted(bundle.manifest.languages)
        if assume_language is not None and assume_language not in languages:
            raise SettingsError(
                f"assume_language must be one of the bundle's ({', '.join(languages)}) or none,"
                f" was {assume_language!r}"
            )
        self.bundle = bundle
        self.policy = policy
        self._assumed = assume_language
        self._longest = max_characters
        self.conditions = Conditions(bundle.digest, bundle.tier, assume_language, max_characters)
        self._calibrations = {language: _calibrations(bundle, language) for language in languages}
        fits = budget_fits(policy, self.conditions, languages)
        self._fitted = {
            language: fit_policies(
                policy, bundle.references[language], bundle.manifest.known(language), fits.get(language)
            )
            for language in languages
        }

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Return every signal, in the order of the columns of `scores`."""
        return _SIGNALS

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
        return self._judged(texts, hints)[1]

    def assess(self, items: Iterable[Item | str], *, explain: bool = False) -> list[Assessment]:
        """Return one assessment an item, in order; a bare string gets its place as its id.

        With `explain`, assessments carry the spans that raise each signal of a policy that fired.
        """
        judged = [
            item if isinstance(item, Item) else Item(id=str(place), text=item)
            for place, item in enumerate(items)
        ]
        admissions, scores = self._judged([item.text for item in judged], [item.language for item in judged])
        results = self._results(admissions, scores)
        priorities = _plain(self._priorities(admissions, scores))
        table = [dict(zip(self.signals, row, strict=True)) for row in _plain(scores)]
        made = [
            self._assessment(*one) for one in zip(judged, admissions, table, results, priorities, strict=True)
        ]
        if not explain:
            return made
        return [
            replace(one, spans=self._spans(item.text, admission.judged, one.policies))
            if admission.reason is None
            else one
            for one, item, admission in zip(made, judged, admissions, strict=True)
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

    def explain(self, text: str, language: str | None = None) -> WordWeights | None:
        """Return what every word adds to every signal's log-odds, None where `text` cannot be judged.

        Weights and base sum to the log-odds of `scores`. Exact for the screen; an encoder's words are left
        out in turn, a reading each.
        """
        (admission,), _ = self._judged([text], [language])
        return None if admission.reason else self._explained(text, admission.judged)

    def _judged(self, texts: Sequence[str], hints: Sequence[str | None]) -> tuple[list[Admission], Floats]:
        """Return what is known of each text, and its scores; reading many at a time is faster."""
        bounded = [text if len(text) <= self._longest else "" for text in texts]
        told = resolve_all(bounded, hints, self._assumed)
        read = self.bundle.screen.read(bounded)  # of every text: it tells those that have no word, too
        admissions = [
            self._admission(text, words, *languages)
            for text, words, languages in zip(texts, read.words.tolist(), told, strict=True)
        ]
        return admissions, self._scores(admissions, bounded, read.margins)

    def _admission(self, text: str, words: int, reported: str, judged: str | None) -> Admission:
        if len(text) > self._longest:
            return Admission(reported, UNDETERMINED, Reason.TOO_LONG)
        if not words:
            return Admission(reported, UNDETERMINED, Reason.EMPTY)
        if judged is None or judged not in self._fitted:
            return Admission(reported, UNDETERMINED, Reason.LANGUAGE)
        return Admission(reported, judged, None)

    def _scores(self, admissions: Sequence[Admission], texts: Sequence[str], margins: Floats) -> Floats:
        scores = np.full((len(admissions), len(self.signals)), np.nan)
        for language, rows in by_language(admissions, self._fitted):
            judge = self.bundle.judge(language)
            encodes = isinstance(judge, Encoder)
            told = judge.margins([texts[row] for row in rows]) if encodes else margins[rows]
            scores[rows] = self._scores_in(language, judge.signals, told)
        return scores

    def _scores_in(self, language: str, signals: Sequence[Signal], margins: Floats) -> Floats:
        if not np.isfinite(margins).all():
            raise ScoringError("a score must be a number, was none: the bundle's weights are damaged")
        scores = np.full((len(margins), len(self.signals)), np.nan)
        for column, signal in enumerate(signals):
            calibration = self._calibrations[language].get(signal)
            if calibration is not None:
                log_odds = calibration.log_odds(margins[:, column])
                scores[:, self.signals.index(signal)] = probability(log_odds)
        return scores

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
        for signal, calibration in self._calibrations[language].items():
            moved[signal] = shifted(columns[signal], calibration.reference_prevalence, expected)
        return moved

    def _columns(self, scores: Floats) -> Mapping[Signal, Floats]:
        return {signal: scores[:, place] for place, signal in enumerate(self.signals)}

    def _explained(self, text: str, language: str) -> WordWeights:
        normalised, judge = normalise_with_offsets(text), self.bundle.judge(language)
        columns = [self._calibrations[language].get(signal) for signal in judge.signals]
        slopes = np.array([calibration.slope if calibration else np.nan for calibration in columns])
        intercepts = np.array([calibration.intercept if calibration else np.nan for calibration in columns])
        if isinstance(judge, Encoder):
            found = occlusion(judge, normalised.text)
            return occluded_weights(normalised, judge.signals, found, slopes, intercepts)
        parts = judge.contributions(normalised.text)
        return word_weights(normalised, judge.signals, parts, slopes, intercepts)

    def _spans(self, text: str, language: str, results: Sequence[PolicyResult]) -> tuple[Span, ...]:
        """Return what raises the signals of the policies that fired."""
        fired = {result.name for result in results if result.level not in {None, Level.NONE}}
        wanted = frozenset[Signal]().union(
            *(
                fitted.policy.signals & fitted.known
                for fitted in self._fitted[language]
                if fitted.policy.name in fired
            )
        )
        if not wanted:
            return ()
        explained = self._explained(text, language)
        columns = {signal: place for place, signal in enumerate(explained.signals) if signal in wanted}
        return spans(explained, columns)

    def _assessment(
        self,
        item: Item,
        admission: Admission,
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
            tier=self._tier(admission.judged) if scored else None,
            spans=(),
            model=self.model,
            policy=self.policy.stamp,
        )

    def _tier(self, language: str) -> Tier:
        return Tier.SCREEN if self.bundle.judge(language) is self.bundle.screen else Tier.ENCODER

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


def _calibrations(bundle: Bundle, language: str) -> Mapping[Signal, SignalCalibration]:
    """Return the calibration of every signal that can be judged in `language`."""
    found = {signal: bundle.calibration.of(signal, language) for signal in bundle.manifest.known(language)}
    return {signal: calibration for signal, calibration in found.items() if calibration is not None}


def _plain(scores: Floats) -> list[Any]:
    """Return scores as Python's own numbers, None for null: all at once, for one at a time is slow."""
    boxed = scores.astype(np.object_)
    boxed[np.isnan(scores)] = None
    plain: list[Any] = boxed.tolist()
    return plain
