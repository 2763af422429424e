"""A clearing rule fitted anew, on texts that both tiers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tocsin.assessment import Assessment, Level, Status
from tocsin.errors import SettingsError
from tocsin.item import Item
from tocsin.models.cascade import Refit, TrafficRows, refit_document
from tocsin.models.scorer import Scorer
from tocsin.policy import PolicyDocument

__all__ = ["BothTiers", "encoding"]


def encoding(scorer: Scorer, policy: PolicyDocument | None = None) -> Scorer:
    """Return a scorer that clears nothing before its encoder, under the same policies if none are given.

    Without a cascade and other policies it is the same one. A budget that is fitted to an encoder's scores
    holds for the cascade, which flags no more.
    """
    if scorer.bundle.cascade is None and policy is None:
        return scorer
    return Scorer(
        replace(scorer.bundle, cascade=None),
        policy or scorer.policy,
        assume_language=scorer.conditions.assume_language,
        max_characters=scorer.conditions.max_characters,
    )


class BothTiers:
    """Assess items with the encoder, and keep beside it how near the distilled screen saw each to a level.

    Raises SettingsError where the scorer's bundle was not read as a cascade.
    """

    def __init__(self, scorer: Scorer) -> None:
        if scorer.bundle.cascade is None:
            raise SettingsError(f"tier must be cascade to fit what it clears, was {scorer.bundle.tier}")
        self.scorer = scorer
        self.rows = TrafficRows()
        self._encoder = encoding(scorer)
        self._beside = [encoding(scorer, policy) for policy in scorer.beside]

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Return the encoder's assessments, in order."""
        made = self._encoder.assess(items, explain=explain)
        flagged = self._flagged(made)
        told = [place for place, one in enumerate(made) if one.status is Status.SCORED]
        languages = [self._encoder.judged_as(made[place]) for place in told]
        near = self.scorer.closeness([items[place].text for place in told], languages).tolist()
        for place, language, distance in zip(told, languages, near, strict=True):
            if language in self.scorer.clearings:
                self.rows.add(items[place].text, language, distance, flagged=flagged[place])
            else:
                self.rows.other += 1
        self.rows.unscorable.update(one.reason.value for one in made if one.reason is not None)
        return made

    def _flagged(self, made: Sequence[Assessment]) -> list[bool]:
        """Say of each text whether any policy flags it, of the files beside as well."""
        results = [[one.policies for one in made], *(other.results(made) for other in self._beside)]
        return [
            any(one.level not in {None, Level.NONE} for policies in every for one in policies)
            for every in zip(*results, strict=True)
        ]

    def refit(self, loss: float) -> Refit:
        """Return the rule that the texts so far carry: no more than the share `loss` is lost, at 95%."""
        languages = sorted(self.scorer.clearings)
        return refit_document(self.scorer.refit_conditions, loss, self.rows.clearings(languages, loss))
