"""Suite "fairness": whether posts about some groups, or in their dialect, are treated worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tocsin.eval.fairness.area_tables import area_findings, area_table, ranked
from tocsin.eval.fairness.dialect_tables import dialect_findings, dialect_tables
from tocsin.eval.fairness.gap_tables import found_gaps, gap_findings, gap_tables, term_table
from tocsin.eval.fairness.naming import naming, parts
from tocsin.eval.fairness.swap_tables import measured, swap_findings, swap_tables
from tocsin.eval.fairness.swaps import families
from tocsin.eval.fairness.terms import VOCABULARIES, Vocabulary
from tocsin.eval.rules import POLICY, RULES
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.signals import Signal

__all__ = ["SUITE", "Fairness"]


@dataclass(frozen=True, slots=True)
class Fairness:
    """Measure gaps by group named and by dialect, and what swapping groups does.

    `vocabularies` are the identity terms by language.
    """

    name: str = "fairness"
    title: str = "Fairness"
    question: str = (
        "Are harmless posts flagged more often because they name a group of people, or for their dialect?"
    )
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=lambda: VOCABULARIES)

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return gaps, rankings, swaps and the dialect audit; raise NotRun without `hate` or groups."""
        if POLICY not in {policy.name for policy in subject.scorer.policy.policies}:
            raise NotRun(f"the policy file has no policy `{POLICY}`: the audits are of that one")
        if not (subject.labels[Signal.HATE] >= 0).any():
            raise NotRun(
                "no test row has a label of `hate`: fetch a corpus that has some (`tocsin data fetch`)"
            )
        tell("looking for identity terms")
        named = naming(subject.rows, self.vocabularies)
        places = list(parts(subject, named))
        tell("comparing groups")
        gaps = {rule: found_gaps(subject, places, rule) for rule in RULES}
        if not gaps["review"]:
            raise NotRun(
                "no group of people is named by 20 harmless test rows of one corpus that could be judged"
            )
        areas = ranked(subject, places)
        tell("swapping identity terms")
        swaps = measured(subject, families(subject, named, self.vocabularies, POLICY))
        tell("auditing dialect")
        dialect = list(dialect_tables(subject))
        tell("comparing single terms")
        tables = [
            *gap_tables(gaps),
            area_table(areas),
            *swap_tables(swaps),
            *dialect,
            term_table(found_gaps(subject, places, "review", terms=True)),
            area_table(ranked(subject, places, terms=True), terms=True),
        ]
        return Measured(
            tables,
            [
                *gap_findings(gaps["review"]),
                *area_findings(areas),
                *swap_findings(swaps),
                *dialect_findings(dialect),
            ],
        )


SUITE: Final = Fairness()
