"""Whether a text is judged at all, and as which language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tocsin.assessment import Assessment, Reason, Status
from tocsin.language import UNDETERMINED

__all__ = ["Admission", "by_language"]


@dataclass(frozen=True, slots=True)
class Admission:
    """Hold an item's language as reported and as judged, and why it cannot be judged."""

    reported: str
    judged: str
    reason: Reason | None

    @classmethod
    def of(cls, assessment: Assessment, assumed: str | None) -> Admission:
        """Return what an assessment says was known; `assumed` is what an unknown language was judged as."""
        if assessment.status is Status.UNSCORABLE:
            return cls(assessment.language, UNDETERMINED, assessment.reason)
        told = assessment.language != UNDETERMINED
        return cls(assessment.language, assessment.language if told else assumed or UNDETERMINED, None)


def by_language(
    admissions: Sequence[Admission], languages: Collection[str]
) -> Iterator[tuple[str, list[int]]]:
    """Yield each language that rows are judged in, with those rows."""
    for language in languages:
        rows = [row for row, admission in enumerate(admissions) if admission.judged == language]
        if rows:
            yield language, rows
