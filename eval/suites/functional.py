"""Suite "functional": cases made to test one thing at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from tocsin.assessment import Level
from tocsin.eval.functional.group_tables import by_functionality, by_slice, by_target
from tocsin.eval.functional.published import PERSPECTIVE
from tocsin.eval.functional.suite_tables import overall, ranking
from tocsin.eval.functional.verdicts import FUNCTIONAL_SUITES, HARMLESS, HATEFUL, NOTHING, verdicts
from tocsin.eval.rules import BALANCED
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.tables import Row, Table, bare

__all__ = ["SUITE", "Functional"]

_WORST: Final = 3
_NOTHING_DECIDED: Final = (
    "Nothing was measured: of no suite were enough cases judged. Either too few are among the test rows, or"
    " the bundle does not judge `hate` in their language."
)


@dataclass(frozen=True, slots=True)
class Functional:
    """Measure HateCheck, HatemojiCheck and Multilingual HateCheck, functionality by functionality."""

    name: str = "functional"
    title: str = "Functional tests"
    question: str = "Which ways of hating does it miss, and which harmless ways of speaking does it flag?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return accuracy on every suite that is there; raise NotRun where none is."""
        found = []
        for one in verdicts(subject):
            tell(f"tested {one.corpus} · {one.language}")
            found.append(one)
        if not found:
            wanted = ", ".join(FUNCTIONAL_SUITES)
            raise NotRun(
                f"needs test rows of at least one of the corpora {wanted}: had none of them;"
                " `tocsin data fetch` brings them"
            )
        functionalities = list(by_functionality(found))
        total, targets = overall(found), by_target(found)
        tables = [total, ranking(found), *functionalities, targets, by_slice(found)]
        told = [*_totals(total), *_worst(functionalities), *_gap(targets)]
        return Measured(tables, told or [_NOTHING_DECIDED])


def _totals(total: Table) -> Iterator[str]:
    """Yield what share of each suite is decided rightly, beside what is published."""
    review = {(row["suite"], row["language"]): row for row in total.rows if row["rule"] == Level.REVIEW.value}
    for row in total.rows:
        both, hateful, harmless = (_figure(row, name) for name in ("all", "hateful", "harmless"))
        if row["rule"] != BALANCED or not (both and hateful and harmless):
            continue
        title = FUNCTIONAL_SUITES[str(row["suite"])]
        yield (
            f"{title} ({row['language']}): {both.value:.1%} of the cases are decided rightly at the balanced"
            f" threshold, {hateful.value:.1%} of the hateful and {harmless.value:.1%} of the harmless"
            f"{_beside() if row['difference'] else ''}.{_flagged(review[row['suite'], row['language']])}"
        )


def _flagged(row: Row) -> str:
    hateful, harmless = _figure(row, "hateful"), _figure(row, "harmless")
    if not (hateful and harmless):
        return ""
    return (
        f" For review, the policy flags {hateful.value:.1%} of the hateful and"
        f" {1 - harmless.value:.1%} of the harmless."
    )


def _beside() -> str:
    return (
        f" ({PERSPECTIVE.system} was published at {PERSPECTIVE.overall:.1%}, {PERSPECTIVE.hateful:.1%} and"
        f" {PERSPECTIVE.harmless:.1%}, with its threshold at one half)"
    )


def _worst(functionalities: Sequence[Table]) -> Iterator[str]:
    """Yield the functionalities that go wrong most often: the harmless flagged, then the hateful missed."""
    rows = [
        (table.name.removeprefix("functionalities-"), row) for table in functionalities for row in table.rows
    ]
    for label, verb in ((HARMLESS, "flagged"), (HATEFUL, "missed")):
        told = [
            (1 - figure.value, f"{row['tests'] or row['functionality']} ({suite}: {1 - figure.value:.0%})")
            for suite, row in rows
            if row["label"] == label and (figure := _figure(row, BALANCED))
        ]
        worst = sorted(told, key=lambda one: (-one[0], one[1]))[:_WORST]
        if worst:
            yield (
                f"Most often {verb} at the balanced threshold, of the {label} cases:"
                f" {'; '.join(words for _, words in worst)}."
            )


def _gap(targets: Table) -> Iterator[str]:
    """Yield the widest gap between groups on cases of one suite and label."""
    gaps = []
    for place, rows in groupby(sorted(targets.rows, key=_place), key=_place):
        told = sorted(
            (figure.value, str(row["target"]))
            for row in rows
            if row["target"] != NOTHING and (figure := _figure(row, BALANCED))
        )
        if len(told) > 1:
            gaps.append((told[-1][0] - told[0][0], place, told[0], told[-1]))
    if gaps:
        _, (suite, language, label), (low, last), (high, first) = max(gaps)
        yield (
            f"Widest gap between groups: of the {label} cases of {FUNCTIONAL_SUITES[suite]} ({language}),"
            f" {low:.0%} about {last} are decided rightly and {high:.0%} about {first} (the widest of many:"
            " some of it is chance)."
        )


def _place(row: Row) -> tuple[str, str, str]:
    return str(row["suite"]), str(row["language"]), str(row["label"])


def _figure(row: Row, name: str) -> Estimate | None:
    found = bare(row[name])
    return found if isinstance(found, Estimate) else None


SUITE: Final = Functional()
