"""Suite "peers": the bundle beside other classifiers, on exactly the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.comparison.news import alarms, news_table
from tocsin.eval.comparison.side_by_side import beside, difference_tables, left_out, score_matrix
from tocsin.eval.statistics.apart import Verdict
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.tables import Table

__all__ = ["SUITE", "Peers"]

_BUNDLE: Final = "bundle"
_ABOUT: Final = (
    (
        "Both classifiers on the test rows that both scored: where the other one gave no score, the row is"
        " left out for both and counted, never taken for a low score. **The bundle plays at"
        " home**: it learned from other rows of most of these corpora. Whether the other classifier saw any"
        " of these very rows in training is not known here: a public corpus may be in anybody's. Scores of"
        " others need not be probabilities: every figure is one of ranking."
    ),
    (
        "Intervals are of 95%; that of a difference is of the pair (DeLong et al. 1988; rows that share a"
        " group, a template or a contrast pair are one cluster). A verdict needs a p-value below .05 after"
        " Holm's adjustment over all verdicts of its table. AUROC is the main table: the others ask the"
        " same rows again."
    ),
)


@dataclass(frozen=True, slots=True)
class Peers:
    """Measure how the bundle ranks beside other classifiers, and what each makes of news."""

    name: str = "peers"
    title: str = "Beside other classifiers"
    question: str = "Does it rank better than what is there already, on the same posts?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return differences by figure, and alarms on news; raise NotRun without scores of others."""
        if not subject.rivals:
            raise NotRun(
                "needs scores of other classifiers on the test rows: name them with --scores NAME=FILE"
            )
        scores = {rival.name: score_matrix(rival, subject.rows) for rival in subject.rivals}
        found = {}
        for name, theirs in scores.items():
            tell(f"comparing with {name}")
            found[name] = list(beside(subject.rows, subject.scores, theirs))
        if not any(pair.apart for pairs in found.values() for pair in pairs):
            raise NotRun(
                f"needs {LEAST_ROWS} test rows of each class that both scored: {', '.join(found)} had fewer"
            )
        tables = difference_tables(found, _BUNDLE, "peers", _ABOUT)
        tables[0] = replace(tables[0], notes=[*tables[0].notes, *left_out(found)], card=True)
        news = news_table({name: list(alarms(subject, theirs)) for name, theirs in scores.items()})
        told = [*tables, *([news] if news.rows else [])]
        return Measured(told, [*_findings(tables[0]), *_news_findings(news)])


def _findings(areas: Table) -> Iterator[str]:
    """Yield one sentence for each other classifier, those that the bundle is behind of most cells first."""
    found: dict[str, Counter[str]] = {}
    for row in areas.rows:
        counts = found.setdefault(str(row["beside"]), Counter())
        if row["verdict"] is not None:
            counts[str(row["verdict"])] += 1
    for name, counts in sorted(found.items(), key=lambda item: -item[1][Verdict.WORSE]):
        if not counts:
            yield f"Beside {name} no cell has enough positives for a verdict."
            continue
        yield (
            f"Beside {name}, the bundle ranks worse in {counts[Verdict.WORSE]} of {counts.total()} cells by"
            f" AUROC and better in {counts[Verdict.BETTER]}; in {counts[Verdict.NONE]} no difference can be"
            " detected."
        )


def _news_findings(news: Table) -> Iterator[str]:
    """Yield the kind of news that the bundle flags most of beside another classifier."""
    shares = [(_value(row["first"]), _value(row["second"]), row) for row in news.rows]
    if shares:
        first, second, row = max(shares, key=lambda told: told[0] - told[1])
        yield (
            f"At a threshold that flags 5% of the {row['corpus']} negatives for {row['signal']}, the bundle"
            f" flags {first:.1%} of {row['audit']}, {row['beside']} {second:.1%}: the comparison that is"
            " worst for the bundle."
        )


def _value(cell: object) -> float:
    return cell.value if isinstance(cell, Estimate) else 0.0


SUITE: Final = Peers()
