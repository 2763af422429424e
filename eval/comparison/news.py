"""What two classifiers flag of news at the same false-positive rate: no calibrated threshold is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.audits import AUDITED_LANGUAGE, AUDITS
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.comparison.side_by_side import BEHIND
from tocsin.eval.statistics.apart import Apart, Verdict, holm, shares_apart, verdict
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.signals import Signal

__all__ = ["Alarms", "alarms", "news_table"]

_NEWS: Final = ("muc documents", "pheme")
_RATE: Final = 0.05
_ENOUGH: Final = 0.8  # of 5%: thresholds that ties keep from flagging as many are not alike
_REFERENCES: Final[Mapping[Signal, str]] = {
    Signal.HATE: "implicit-hate",
    Signal.INCITEMENT: "gab-hate-corpus",
}
_COLUMNS: Final = {signal: column for column, signal in enumerate(Signal)}
_ABOUT: Final = (
    (
        "Reports about attacks, which are none of what the signals mean. Each classifier gets the threshold"
        " at which it flags 5% of the test negatives of the named corpus that both scored (fewer where scores"
        f" tie; where they flag fewer than {_ENOUGH * _RATE:.0%}, it is left out), and flags news with it: so"
        " scores of any scale compare. *Found* is the share of that corpus's positives at the same threshold:"
        " flagging less is no merit where less is found."
        " Intervals and verdicts take the threshold for given. The verdict is by McNemar's exact test (where"
        " rows share a group: Durkalski's), adjusted by Holm's rule over this table; fewer flagged is better."
    ),
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Alarms:
    """Hold what two classifiers flag of one kind of news, at thresholds from the negatives of `corpus`.

    `found` is what each finds of that corpus's positives. `lacking` counts texts that one had no score of.
    """

    audit: str
    signal: Signal
    corpus: str
    rows: int
    lacking: int
    found: tuple[Estimate, Estimate]
    flagged: tuple[Estimate, Estimate]
    apart: Apart


def alarms(subject: Subject, theirs: Floats) -> Iterator[Alarms]:
    """Yield what the bundle and another classifier flag, where both scored enough rows.

    A pair is left out where so many rows of one have the same score that no threshold flags 4 to 5% of the
    negatives.

    `theirs` is ``(rows, signals)``, NaN for no score.
    """
    for signal, corpus in _REFERENCES.items():
        both = np.stack([subject.scores[:, _COLUMNS[signal]], theirs[:, _COLUMNS[signal]]])
        scored = np.asarray(~np.isnan(both).any(axis=0), np.bool_)
        places = subject.places(corpus, AUDITED_LANGUAGE)
        labels = np.where(scored, subject.labels[signal], -1)[places]
        if min((labels == one).sum() for one in (0, 1)) < LEAST_ROWS:
            continue
        negatives = [scores[places][labels == 0] for scores in both]
        highest = [_threshold(scores) for scores in negatives]
        if any(
            (scores > at).sum() < _ENOUGH * _allowed(scores)
            for scores, at in zip(negatives, highest, strict=True)
        ):
            continue
        caught = [_share(scores[places][labels == 1] > at) for scores, at in zip(both, highest, strict=True)]
        for name in _NEWS:
            audited = np.flatnonzero([AUDITS[name].has(row) for row in subject.rows])
            told = audited[scored[audited]]
            if len(told) >= LEAST_ROWS:
                first, second = (scores[told] > at for scores, at in zip(both, highest, strict=True))
                yield Alarms(
                    name,
                    signal,
                    corpus,
                    len(told),
                    len(audited) - len(told),
                    (caught[0], caught[1]),
                    (_share(first), _share(second)),
                    shares_apart(first, second, clusters([subject.rows[place] for place in told])),
                )


def _threshold(negatives: Floats) -> float:
    """Return the score that 5% of these lie above, or the next fewer."""
    return float(np.sort(negatives)[::-1][_allowed(negatives)])


def _allowed(negatives: Floats) -> int:
    return int(_RATE * len(negatives) + 1e-9)


def _share(hits: Bools) -> Estimate:
    return proportion(int(hits.sum()), len(hits))


def news_table(found: Mapping[str, Sequence[Alarms]]) -> Table:
    """Return what the bundle flags of news beside each classifier that `found` names."""
    told = [(rival, one) for rival, several in found.items() for one in several]
    adjusted = holm([one.apart.p_value for _, one in told])
    return Table(
        "peers_news",
        "News, at the threshold that flags 5% of a corpus's negatives",
        (
            Column("beside", "beside", key=True),
            Column("signal", "signal", Kind.CODE, key=True),
            Column("audit", "news", key=True),
            Column("corpus", "threshold from"),
            Column("found_first", "bundle finds", Kind.SHARE, better=Better.HIGHER),
            Column("found_second", "it finds", Kind.SHARE),
            Column("rows", "texts", Kind.COUNT, about="Texts that both scored."),
            Column("lacking", "not scored", Kind.COUNT, about="Texts that one of them gave no score."),
            Column("first", "bundle flags", Kind.SHARE, better=Better.LOWER),
            Column("second", "it flags", Kind.SHARE),
            Column("difference", "bundle − it", Kind.POINTS, better=Better.LOWER),
            Column("p_value", "p, adjusted", Kind.SCORE, about="Two-sided, by Holm's rule over this table."),
            Column("verdict", "bundle is"),
        ),
        [_row(rival, one, chance) for (rival, one), chance in zip(told, adjusted, strict=True)],
        about=_ABOUT,
        card=True,
    )


def _row(rival: str, one: Alarms, adjusted: float) -> Row:
    said = verdict(one.apart, adjusted, less_is_better=True)
    difference = one.apart.estimate
    return {
        "beside": rival,
        "signal": one.signal.value,
        "audit": one.audit,
        "corpus": one.corpus,
        "found_first": one.found[0],
        "found_second": one.found[1],
        "rows": one.rows,
        "lacking": one.lacking,
        "first": one.flagged[0],
        "second": one.flagged[1],
        "difference": Marked(difference, BEHIND) if said is Verdict.WORSE else difference,
        "p_value": adjusted,
        "verdict": said.value,
    }
