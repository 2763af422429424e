"""Suite "stability": what changes for the same items when one bundle takes the place of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tocsin.assessment import ModelStamp
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.comparison.flips import Flip, Pair
from tocsin.eval.levels import LEVELS
from tocsin.eval.ranks import NULL, ranks, reaching
from tocsin.eval.statistics.agreement import Flags, correlations
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject, signal_scores
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.tables import Column, Kind, Row, Table, bare
from tocsin.models import Scorer
from tocsin.signals import Signal

__all__ = ["MOST_FLIPS", "SUITE", "Stability"]

MOST_FLIPS: Final = 50
_CORPUS: Final = Column("corpus", "corpus", key=True)
_LANGUAGE: Final = Column("language", "language", key=True)
_POLICY: Final = Column("policy", "policy", Kind.CODE, key=True)
_ABOUT_LEVELS: Final = (
    "*Up*: items that only the new bundle sends to the level; *down*: that only the old one did. Kappa is"
    " agreement beyond chance (Cohen 1960): 1 is perfect, 0 is what two bundles have that flag as many at"
    " random; –: both flag all items or none. Where few items are flagged, agreement alone is high whatever"
    " happens. p is McNemar's exact test: how often chance makes flips as one-sided as these. It is small"
    " where one bundle flags more than the other, not where many items flip; and of twenty, one is below 0.05"
    " by chance alone."
)
_ABOUT_SCORES: Final = (
    "Scores of the old bundle against those of the new one, item by item. Spearman's correlation asks whether"
    " the order of a queue stays, Pearson's whether the scores do; –: a bundle gives all items one score."
    " *Change* is the mean distance of the two scores, whichever way."
)
_ABOUT_FLIPS: Final = (
    "For people to look at. A level can change while the score hardly does: each bundle has thresholds of its"
    " own. Ids are the corpora's: of some they lead to the post on its platform, and so to who wrote it. Hand"
    " this table to nobody who may not have the corpora."
)
_NOTE: Final = (
    f"By corpus and language, none pooled. Slices of fewer than {LEAST_ROWS} items that both bundles judge"
    " are left out, those of a language that only one of them judges among them. Intervals are of 95%:"
    " Wilson's for shares, by bootstrap for the rest; they take each item for a fresh one."
)


@dataclass(frozen=True, slots=True)
class Stability:
    """Measure how far the bundle and a baseline agree on the test rows."""

    name: str = "stability"
    title: str = "Stability, against another bundle"
    question: str = "What changes for the same posts if this bundle takes the place of the old one?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return how levels and scores agree, and flips; raise NotRun where there is no baseline."""
        if subject.baseline is None:
            raise NotRun("needs a bundle to compare with: name it with --baseline BUNDLE")
        tell(f"scoring {len(subject.rows)} test rows with the baseline")
        pair = Pair.of(subject, subject.baseline)
        tell("comparing levels")
        levels = _levels(pair)
        shown = {(corpus, language) for corpus, language, rows in pair.places() if len(rows) >= LEAST_ROWS}
        flips = [flip for flip in pair.flips() if (flip.corpus, flip.language) in shown]
        tell("comparing scores")
        scores = _scores(pair)
        found = [*_unpaired(pair), *_flipped(levels, flips, len(subject.rows)), *_moved(scores)]
        return Measured([levels, scores, _flips(flips)], [*found, _told(subject, subject.baseline)])


def _levels(pair: Pair) -> Table:
    return Table(
        "levels",
        "Levels, before and after",
        (
            _POLICY,
            Column("level", "level", Kind.CODE, key=True),
            _CORPUS,
            _LANGUAGE,
            Column("items", "items", Kind.COUNT, about="Items that both bundles could judge."),
            Column(
                "unpaired", "judged by one", Kind.COUNT, about="Items that only one of the two could judge."
            ),
            Column("before", "reached before", Kind.SHARE),
            Column("after", "reached after", Kind.SHARE),
            Column("up", "up", Kind.COUNT),
            Column("down", "down", Kind.COUNT),
            Column("agreement", "agreement", Kind.SHARE),
            Column("kappa", "kappa", Kind.SCORE),
            Column("p", "p", Kind.SCORE),
        ),
        list(_level_rows(pair)),
        about=(_ABOUT_LEVELS,),
        notes=(_NOTE,),
    )


def _level_rows(pair: Pair) -> Iterator[Row]:
    for policy in pair.policies:
        earlier, later = ranks(pair.before, policy), ranks(pair.after, policy)
        for level in LEVELS:
            for corpus, language, places in pair.places():
                before, after = reaching(earlier[places], level), reaching(later[places], level)
                judged = (before != NULL) & (after != NULL)
                if judged.sum() < LEAST_ROWS:
                    continue
                flags = Flags.of(before[judged] == 1, after[judged] == 1)
                yield {
                    "policy": policy,
                    "level": level.value,
                    "corpus": corpus,
                    "language": language,
                    "items": flags.items,
                    "unpaired": int(((before != NULL) ^ (after != NULL)).sum()),
                    "before": flags.before,
                    "after": flags.after,
                    "up": flags.up,
                    "down": flags.down,
                    "agreement": flags.agreement,
                    "kappa": flags.kappa,
                    "p": flags.p,
                }


def _scores(pair: Pair) -> Table:
    return Table(
        "scores",
        "Scores, before and after",
        (
            Column("signal", "signal", Kind.CODE, key=True),
            _CORPUS,
            _LANGUAGE,
            Column("items", "items", Kind.COUNT),
            Column("spearman", "Spearman", Kind.SCORE),
            Column("pearson", "Pearson", Kind.SCORE),
            Column("change", "mean change", Kind.SCORE),
        ),
        list(_score_rows(pair)),
        about=(_ABOUT_SCORES,),
        notes=(_NOTE,),
    )


def _score_rows(pair: Pair) -> Iterator[Row]:
    earlier, later = signal_scores(pair.before), pair.subject.scores
    for column, signal in enumerate(Signal):
        for corpus, language, places in pair.places():
            before, after = earlier[places, column], later[places, column]
            told = ~np.isnan(before) & ~np.isnan(after)
            if told.sum() >= LEAST_ROWS:
                place = {"signal": signal.value, "corpus": corpus, "language": language}
                yield place | {"items": int(told.sum())} | dict(correlations(before[told], after[told]))


def _flips(found: Sequence[Flip]) -> Table:
    return Table(
        "flips",
        "Items that change their level",
        (
            Column("id", "item", Kind.CODE, key=True),
            _POLICY,
            _CORPUS,
            _LANGUAGE,
            Column("before", "before", Kind.CODE),
            Column("after", "after", Kind.CODE),
            Column("change", "change of the policy's score", Kind.CHANGE),
        ),
        [
            {
                "id": flip.id,
                "policy": flip.policy,
                "corpus": flip.corpus,
                "language": flip.language,
                "before": flip.before.value,
                "after": flip.after.value,
                "change": flip.change,
            }
            for flip in found[:MOST_FLIPS]
        ],
        about=(f"The {min(len(found), MOST_FLIPS)} of {len(found):,} whose policy's score changes most.",),
        notes=(_ABOUT_FLIPS,),
    )


def _told(subject: Subject, baseline: Scorer) -> str:
    same = " They are the same bundle." if subject.scorer.model.digest == baseline.model.digest else ""
    return f"Before: {_named(baseline.model)}; after: {_named(subject.scorer.model)}.{same}"


def _named(model: ModelStamp) -> str:
    return f"{model.name} {model.version} ({model.digest.removeprefix('sha256:')[:12]})"


def _unpaired(pair: Pair) -> Iterator[str]:
    """Yield how many items only one of the bundles can judge: whole languages may come or go."""
    judged = [
        np.array([ranks(side, policy) != NULL for policy in pair.policies]).reshape(-1, len(side))
        for side in (pair.before, pair.after)
    ]
    lost, gained = ((one & ~other).any(axis=0).sum() for one, other in (judged, judged[::-1]))
    if lost or gained:
        yield (
            f"Under at least one policy, {lost:,} of {len(pair.after):,} items that the old bundle judges are"
            f" judged no longer, and {gained:,} are for the first time: they count as no change below."
        )


def _flipped(levels: Table, flips: Sequence[Flip], rows: int) -> Iterator[str]:
    """Yield how many items change their level, and where one bundle flags most more than the other."""
    items = len({flip.id for flip in flips})
    yield f"{items:,} of {rows:,} items change their level under at least one policy."
    moved = [(abs(_value(row, "after") - _value(row, "before")), row) for row in levels.rows]
    most, row = max(moved, key=lambda told: told[0], default=(0.0, {}))
    if most:
        yield (
            f"The share that reaches a level changes most for `{row['policy']}` at {row['level']} on"
            f" {row['corpus']} ({row['language']}): from {_value(row, 'before'):.1%} to"
            f" {_value(row, 'after'):.1%}, {row['up']} up and {row['down']} down."
        )


def _moved(scores: Table) -> Iterator[str]:
    """Yield where the order of items changes most."""
    ranked = [(_value(row, "spearman"), row) for row in scores.rows if row["spearman"] is not None]
    if ranked:
        least, row = min(ranked, key=lambda told: told[0])
        yield (
            f"The order changes most for `{row['signal']}` on {row['corpus']} ({row['language']}): Spearman's"
            f" correlation is {least:.3f} there, the lowest of {len(ranked)}."
        )


def _value(row: Row, name: str) -> float:
    found = bare(row[name])
    return found.value if isinstance(found, Estimate) else float("nan")


SUITE: Final = Stability()
