"""Items in, assessments out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Reason, Span, Status, Tier
from tocsin.errors import ScoringError, SettingsError
from tocsin.item import Item
from tocsin.language import UNDETERMINED, resolve_all
from tocsin.models.budgets import Conditions, budget_fits
from tocsin.models.bundle import Bundle
from tocsin.models.calibration import SignalCalibration, probability, shifted
from tocsin.models.explanation import WordWeights, spans, word_weights
from tocsin.models.gates import FittedPolicy, fit_policies
from tocsin.policy import PolicyDocument
from tocsin.signals import Signal
from tocsin.text import normalise_with_offsets

__all__ = ["Scorer"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Hold what is known of an item: its language as reported and as judged, why it cannot be judged."""

    reported: str
    judged: str
    reason: Reason | None


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
        self.conditions = Conditions(bundle.digest, assume_language, max_characters)
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
        return tuple(Signal)

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
        readings, scores = self._judged([item.text for item in judged], [item.language for item in judged])
        results = self._results(readings, scores)
        priorities = _plain(self._priorities(readings, scores))
        table = [dict(zip(self.signals, row, strict=True)) for row in _plain(scores)]
        made = [
            self._assessment(*one) for one in zip(judged, readings, table, results, priorities, strict=True)
        ]
        if not explain:
            return made
        return [
            replace(one, spans=self._spans(item.text, reading.judged, one.policies))
            if reading.reason is None
            else one
            for one, item, reading in zip(made, judged, readings, strict=True)
        ]

    def explain(self, text: str, language: str | None = None) -> WordWeights | None:
        """Return what every word adds to every signal's log-odds, None where `text` cannot be judged.

        Columns stand in the order of the bundle's own signals. Exact: weights and base sum to the
        log-odds of `scores`.
        """
        (reading,), _ = self._judged([text], [language])
        return None if reading.reason else self._explained(text, reading.judged)

    def _judged(self, texts: Sequence[str], hints: Sequence[str | None]) -> tuple[list[_Reading], Floats]:
        """Return what is known of each text, and its scores; reading many at a time is faster."""
        bounded = [text if len(text) <= self._longest else "" for text in texts]
        told = resolve_all(bounded, hints, self._assumed)
        read = self.bundle.screen.read(bounded)
        readings = [
            self._reading(text, words, *languages)
            for text, words, languages in zip(texts, read.words.tolist(), told, strict=True)
        ]
        return readings, self._scores(readings, read.margins)

    def _reading(self, text: str, words: int, reported: str, judged: str | None) -> _Reading:
        if len(text) > self._longest:
            return _Reading(reported, UNDETERMINED, Reason.TOO_LONG)
        if not words:
            return _Reading(reported, UNDETERMINED, Reason.EMPTY)
        if judged is None or judged not in self._fitted:
            return _Reading(reported, UNDETERMINED, Reason.LANGUAGE)
        return _Reading(reported, judged, None)

    def _scores(self, readings: Sequence[_Reading], margins: Floats) -> Floats:
        scores = np.full((len(readings), len(self.signals)), np.nan)
        for language, rows in self._by_language(readings):
            scores[rows] = self._scores_in(margins[rows], language)
        return scores

    def _by_language(self, readings: Sequence[_Reading]) -> Iterator[tuple[str, list[int]]]:
        """Yield each language that rows are judged in, with those rows."""
        for language in self._fitted:
            rows = [row for row, reading in enumerate(readings) if reading.judged == language]
            if rows:
                yield language, rows

    def _scores_in(self, margins: Floats, language: str) -> Floats:
        if not np.isfinite(margins).all():
            raise ScoringError("a score must be a number, was none: the bundle's weights are damaged")
        scores = np.full((len(margins), len(self.signals)), np.nan)
        for column, signal in enumerate(self.bundle.screen.signals):
            calibration = self._calibration(signal, language)
            if calibration is not None:
                log_odds = calibration.log_odds(margins[:, column])
                scores[:, self.signals.index(signal)] = probability(log_odds)
        return scores

    def _calibration(self, signal: Signal, language: str) -> SignalCalibration | None:
        known = signal in self.bundle.manifest.known(language)
        return self.bundle.calibration.of(signal, language) if known else None

    def _results(self, readings: Sequence[_Reading], scores: Floats) -> list[tuple[PolicyResult, ...]]:
        results: list[tuple[PolicyResult, ...]] = [()] * len(readings)
        for language, rows in self._by_language(readings):
            columns = self._columns(scores[rows])
            by_policy = [policy.results(columns) for policy in self._fitted[language]]
            for place, row in enumerate(rows):
                results[row] = tuple(policy[place] for policy in by_policy)
        return results

    def _priorities(self, readings: Sequence[_Reading], scores: Floats) -> Floats:
        """Return severity times score at the platform's prevalence, the highest of all policies."""
        priorities = np.full(len(readings), np.nan)
        for language, rows in self._by_language(readings):
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
        for signal in self.bundle.manifest.known(language):
            calibration = self._calibration(signal, language)
            if calibration is not None:
                moved[signal] = shifted(columns[signal], calibration.reference_prevalence, expected)
        return moved

    def _columns(self, scores: Floats) -> Mapping[Signal, Floats]:
        return {signal: scores[:, place] for place, signal in enumerate(self.signals)}

    def _explained(self, text: str, language: str) -> WordWeights:
        normalised = normalise_with_offsets(text)
        columns = [self._calibration(signal, language) for signal in self.bundle.screen.signals]
        return word_weights(
            normalised,
            self.bundle.screen.contributions(normalised.text),
            np.array([calibration.slope if calibration else np.nan for calibration in columns]),
            np.array([calibration.intercept if calibration else np.nan for calibration in columns]),
        )

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
        columns = {
            signal: place for place, signal in enumerate(self.bundle.screen.signals) if signal in wanted
        }
        return spans(self._explained(text, language), columns) if columns else ()

    def _assessment(
        self,
        item: Item,
        reading: _Reading,
        signals: Mapping[Signal, float | None],
        results: tuple[PolicyResult, ...],
        priority: float | None,
    ) -> Assessment:
        scored = reading.reason is None
        return Assessment(
            id=item.id,
            status=Status.SCORED if scored else Status.UNSCORABLE,
            reason=reading.reason,
            language=reading.reported,
            signals=signals,
            policies=results if scored else self._unjudged,
            priority=priority,
            tier=Tier.SCREEN if scored else None,
            spans=(),
            model=self.model,
            policy=self.policy.stamp,
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


def _plain(scores: Floats) -> list[Any]:
    """Return scores as Python's own numbers, None for null: all at once, for one at a time is slow."""
    boxed = scores.astype(np.object_)
    boxed[np.isnan(scores)] = None
    plain: list[Any] = boxed.tolist()
    return plain
