"""Texts in, calibrated scores out, and which tier had the last word on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Reason, Tier
from tocsin.errors import ScoringError
from tocsin.language import UNDETERMINED, resolve_all
from tocsin.models.admission import Admission, by_language
from tocsin.models.bundle import Bundle
from tocsin.models.calibration import SignalCalibration, probability
from tocsin.models.cascade import Cascade, CascadeReading, Clearing, closeness, is_checked
from tocsin.models.encoder import Encoder, occlusion
from tocsin.models.explanation import WordWeights, occluded_weights, word_weights
from tocsin.models.gates import FittedPolicy
from tocsin.signals import Signal
from tocsin.text import normalise_with_offsets

__all__ = ["SIGNALS", "Judged", "TextJudge", "scalings"]

SIGNALS: Final = tuple(Signal)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]
Scalings = Mapping[Signal, SignalCalibration]


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold what is known of each text, and its scores ``(texts, signals)``, NaN for null.

    `encoded` says of each whether the encoder had the last word, `checked` whether it read what the screen
    had cleared. `estimates` are, by language, the rows that a cascade's screen read, and the log-odds of its
    signals there.
    """

    admissions: Sequence[Admission]
    scores: Floats
    encoded: Flags
    checked: Flags
    estimates: dict[str, tuple[Rows, Floats]] = field(default_factory=dict)

    @property
    def tiers(self) -> Sequence[Tier | None]:
        """Return the tier that had the last word on each text, None where none had."""
        return [
            None if admission.reason else Tier.ENCODER if encoded else Tier.SCREEN
            for admission, encoded in zip(self.admissions, self.encoded.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class TextJudge:
    """Hold a bundle, and what decides which of its models reads a text.

    `policies` and `scalings` are those of each language that can be judged; `clearings` the rule of each
    language in which a cascade clears texts, and `check` the share of cleared texts that the encoder reads
    all the same. A text whose language cannot be told is judged as `assumed`; one of more than `longest` code
    points is not judged.
    """

    bundle: Bundle
    policies: Mapping[str, Sequence[FittedPolicy]]
    scalings: Mapping[str, Scalings]
    assumed: str | None
    longest: int
    clearings: Mapping[str, Clearing]
    check: float

    def judged(self, texts: Sequence[str], hints: Sequence[str | None]) -> Judged:
        """Return what is known of each text, and its scores; reading many at a time is faster."""
        bounded = [text if len(text) <= self.longest else "" for text in texts]
        told = resolve_all(bounded, hints, self.assumed)
        read = self._read(bounded)  # the screen reads every text: it tells those that have no word, too
        admissions = [
            self._admission(text, words, *languages)
            for text, words, languages in zip(texts, read.words.tolist(), told, strict=True)
        ]
        flags = (np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_))
        found = Judged(admissions, np.full((len(texts), len(SIGNALS)), np.nan), *flags)
        for language, places in by_language(admissions, self.policies):
            rows, judge, cascade = np.array(places), self.bundle.judge(language), self.bundle.cascade
            if not isinstance(judge, Encoder):
                found.scores[rows] = _scored(judge.signals, read.screen[rows], self.scalings[language])
            elif cascade is not None and language in self.clearings:
                self._clear(found, cascade, language, rows, bounded, read.distilled[rows])
            else:
                self._encode(found, language, rows, bounded)
        return found

    def closeness(self, texts: Sequence[str], languages: Sequence[str]) -> Floats:
        """Return how near the distilled screen sees each text to a level, in the language given for it.

        NaN where no cascade reads that language.
        """
        near, cascade = np.full(len(texts), np.nan), self.bundle.cascade
        if cascade is not None and texts:
            margins = cascade.read(texts).distilled
            for language in self.clearings:
                rows = np.flatnonzero(np.array(languages) == language)
                near[rows] = self._closeness(cascade, language, margins[rows])
        return near

    def explained(self, text: str, language: str, tier: Tier) -> WordWeights:
        """Return what every word of a text adds to each signal's log-odds, as the tier sees it."""
        normalised, judge = normalise_with_offsets(text), self.bundle.judge(language)
        scalings, cascade = self.scalings[language], self.bundle.cascade
        if isinstance(judge, Encoder) and tier is Tier.ENCODER:
            found = occlusion(judge, normalised.text)
            return occluded_weights(normalised, judge.signals, found, *_columns(scalings, judge.signals))
        if isinstance(judge, Encoder) and cascade is not None:
            parts, scaling = cascade.contributions(normalised.text), self._distilled(cascade, language)
            return word_weights(normalised, cascade.signals, parts, *_columns(scaling, cascade.signals))
        screen = self.bundle.screen
        parts = screen.contributions(normalised.text)
        return word_weights(normalised, screen.signals, parts, *_columns(scalings, screen.signals))

    def _read(self, texts: Sequence[str]) -> CascadeReading:
        if self.bundle.cascade is not None:
            return self.bundle.cascade.read(texts)
        read = self.bundle.screen.read(texts)
        return CascadeReading(read.margins, np.empty((len(texts), 0)), read.words)

    def _admission(self, text: str, words: int, reported: str, judged: str | None) -> Admission:
        if len(text) > self.longest:
            return Admission(reported, UNDETERMINED, Reason.TOO_LONG)
        if not words:
            return Admission(reported, UNDETERMINED, Reason.EMPTY)
        if judged is None or judged not in self.policies:
            return Admission(reported, UNDETERMINED, Reason.LANGUAGE)
        return Admission(reported, judged, None)

    def _encode(self, found: Judged, language: str, rows: Rows, texts: Sequence[str]) -> None:
        """Let the encoder have the last word on some texts of a language."""
        encoder = self.bundle.encoder
        if encoder is not None and len(rows):
            margins = encoder.margins([texts[row] for row in rows.tolist()])
            found.scores[rows] = _scored(encoder.signals, margins, self.scalings[language])
            found.encoded[rows] = True

    def _clear(
        self,
        found: Judged,
        cascade: Cascade,
        language: str,
        rows: Rows,
        texts: Sequence[str],
        margins: Floats,
    ) -> None:
        """Clear what may be cleared by the distilled screen's `margins`; the rest goes to the encoder."""
        policies = self.policies[language]
        found.estimates[language] = rows, margins
        scores = _scored(cascade.signals, margins, self._distilled(cascade, language))
        clears = self.clearings[language].clears(self._closeness(cascade, language, margins))
        columns = {signal: scores[:, place] for place, signal in enumerate(SIGNALS)}
        for policy in policies:  # whatever is cleared stands at no level
            clears &= ~policy.reached(columns)
        cleared = rows[clears]
        found.scores[cleared] = scores[clears]
        key = self.bundle.digest
        found.checked[cleared] = [is_checked(texts[row], self.check, key) for row in cleared.tolist()]
        self._encode(found, language, rows[~clears | found.checked[rows]], texts)

    def _closeness(self, cascade: Cascade, language: str, margins: Floats) -> Floats:
        told = {signal: margins[:, place] for place, signal in enumerate(cascade.signals)}
        nothing = dict.fromkeys(SIGNALS, np.full(len(margins), np.nan))
        return closeness(self.policies[language], nothing | told)

    def _distilled(self, cascade: Cascade, language: str) -> Scalings:
        told = {signal: cascade.calibration.of(signal, language) for signal in self.scalings[language]}
        return {signal: scaling for signal, scaling in told.items() if scaling is not None}


def scalings(bundle: Bundle, language: str) -> Scalings:
    """Return the calibration of every signal that can be judged in `language`."""
    found = {signal: bundle.calibration.of(signal, language) for signal in bundle.manifest.known(language)}
    return {signal: scaling for signal, scaling in found.items() if scaling is not None}


def _scored(signals: Sequence[Signal], margins: Floats, scalings: Scalings) -> Floats:
    """Return calibrated probabilities, a column for every signal there is, NaN for null."""
    if not np.isfinite(margins).all():
        raise ScoringError("a score must be a number, was none: the bundle's weights are damaged")
    scores = np.full((len(margins), len(SIGNALS)), np.nan)
    for column, signal in enumerate(signals):
        if signal in scalings:
            log_odds = scalings[signal].log_odds(margins[:, column])
            scores[:, SIGNALS.index(signal)] = probability(log_odds)
    return scores


def _columns(scalings: Scalings, signals: Sequence[Signal]) -> tuple[Floats, Floats]:
    """Return the slope and the intercept of each signal, NaN where it is not calibrated."""
    told = [scalings.get(signal) for signal in signals]
    return (
        np.array([one.slope if one else np.nan for one in told]),
        np.array([one.intercept if one else np.nan for one in told]),
    )
