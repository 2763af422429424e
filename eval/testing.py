"""A scorer that needs no model: what suites make of its scores can be told by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tocsin.assessment import Assessment, Level, PolicyResult, Reason, Status
from tocsin.eval.subject import Subject
from tocsin.example import Example
from tocsin.item import Item
from tocsin.models import Bundle, Scorer
from tocsin.models.calibration import Calibration, SignalCalibration
from tocsin.models.features import FeatureSpec
from tocsin.models.manifest import FORMAT, Manifest, SignalRecord
from tocsin.models.reference import Reference
from tocsin.models.screen import Screen
from tocsin.policy import PolicyDocument, default_policy
from tocsin.signals import Signal

__all__ = ["ReadOff", "blank_bundle", "reading"]

_DIGEST: Final = "sha256:" + "0" * 64
_LEVELS: Final = ((0.9, Level.URGENT), (0.5, Level.REVIEW), (0.0, Level.NONE))  # from this score on


class ReadOff(Scorer):
    """Read a text's language off its first word, off its second the score of `hate` and all policies.

    "null" is unscorable, "de" is refused where nobody names the language, any other word is not.
    """

    def assess(self, items: Iterable[Item | str], *, explain: bool = False) -> list[Assessment]:  # noqa: ARG002
        """Return what the texts say."""
        return [self._read(item) for item in items if isinstance(item, Item)]

    def _read(self, item: Item) -> Assessment:
        word, said, *_ = item.text.split()
        refused = word == "null" or (word == "de" and item.language is None)
        score = None if refused else float(said)
        level = None if score is None else next(name for least, name in _LEVELS if score >= least)
        return Assessment(
            id=item.id,
            status=Status.UNSCORABLE if refused else Status.SCORED,
            reason=Reason.LANGUAGE if refused else None,
            language=item.language or word,
            signals={signal: score if signal in self.bundle.manifest.signals else None for signal in Signal},
            policies=tuple(
                PolicyResult(one.name, score, level, certified=False) for one in self.policy.policies
            ),
            priority=score,
            tier=None,
            spans=(),
            model=self.model,
            policy=self.policy.stamp,
        )


def reading(
    rows: Sequence[Example],
    training: Mapping[str, Any] | None = None,
    bundle: Bundle | None = None,
    policy: PolicyDocument | None = None,
    **more: Any,
) -> Subject:
    """Return rows whose texts hold their scores, with what judges them so."""
    return Subject(ReadOff(bundle or blank_bundle(), policy or default_policy()), rows, training, **more)


def blank_bundle(signals: Mapping[Signal, tuple[str, ...]] | None = None) -> Bundle:
    """Return a bundle that knows signals in some languages, and nothing of any word.

    By default `hate` in English. Scores are probabilities where half are positive.
    """
    told = signals or {Signal.HATE: ("en",)}
    spec = FeatureSpec(bits=8)
    half = SignalCalibration(slope=1.0, intercept=0.0, reference_prevalence=0.5, positives=80, negatives=80)
    count = len(told)
    return Bundle(
        Manifest(
            format=FORMAT,
            name="toy",
            version="1.2.3",
            recipe="screen",
            features=spec,
            signals={one: SignalRecord(languages=said, corpora=("kitchen",)) for one, said in told.items()},
            thresholds=(),
            policy_digest=_DIGEST,
            training_digest=_DIGEST,
            licence="Apache-2.0",
            files={},
        ),
        _DIGEST,
        Screen(
            spec,
            tuple(told),
            np.zeros((spec.buckets, count), np.int16),
            np.ones(count, np.float32),
            np.zeros(count, np.float32),
        ),
        Calibration(signals={one: dict.fromkeys(said, half) for one, said in told.items()}),
        {
            language: Reference(tuple(told), np.zeros((0, count)), np.zeros((0, count), np.int8))
            for language in {language for said in told.values() for language in said}
        },
    )
