"""The search form: which fields it has, for whom, and in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tocsin.assessment import Reason
from tocsin.service.api.console.wording import QUEUE_TITLES, REASON_WORDS
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.searching import Judgement, State
from tocsin.service.review.role import Role
from tocsin.service.review.severity import Severity

if TYPE_CHECKING:
    from tocsin.service.api.console.visit import Visit

__all__ = ["JUDGEMENT_WORDS", "SEVERITY_WORDS", "STATE_WORDS", "Field", "Group", "groups_for", "told_in"]

STATE_WORDS: Final[Mapping[State, str]] = {
    State.OPEN: "open",
    State.DONE: "done",
    State.ANY: "open or done",
}
JUDGEMENT_WORDS: Final[Mapping[Judgement, str]] = {
    Judgement.URGENT: "urgent",
    Judgement.REVIEW: "review",
    Judgement.NONE: "below review",
    Judgement.UNJUDGED: "not judged",
}
SEVERITY_WORDS: Final[Mapping[Severity, str]] = {
    Severity.SEVERE: "severe",
    Severity.MODERATE: "moderate",
    Severity.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True)
class Field:
    """Hold one field; with `choices` it is a list, whose first choice asks for nothing."""

    name: str
    label: str
    kind: str = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hold fields that belong together."""

    title: str
    fields: Sequence[Field]


def groups_for(visit: Visit) -> Sequence[Group]:
    """Return the form that somebody is shown: leads also search by colleagues, and for known answers."""
    leads = visit.reviewer.role >= Role.LEAD
    policies = {one.name: one.title for one in visit.house.policies.policies}
    queues = {one.value: QUEUE_TITLES[one] for one in Queue if leads or one is not Queue.GOLDEN}
    holder = [Field("holder", "Held by the reviewer number", "number")] if leads else []
    decider = [Field("decider", "Decided by the reviewer number", "number")] if leads else []
    return (
        Group(
            "Task",
            (
                Field("state", "State", choices={one.value: says for one, says in STATE_WORDS.items()}),
                Field("queue", "Queue", choices={"": "any", **queues}),
                Field(
                    "role", "Role that it needs", choices={"": "any", **{one.word: one.word for one in Role}}
                ),
                Field("late", "Past its deadline, or decided after it", "tick"),
                Field("created_from", "Came from this day on", "date", hint="Days are in UTC."),
                Field("created_until", "Came until this day", "date"),
                *holder,
            ),
        ),
        Group(
            "Item",
            (
                Field("item", "The platform's id, whole"),
                Field("begins", "How the platform's id begins"),
                Field("community", "Community, as the platform writes it"),
                Field("language", "Language", hint="Like en or de; und where it could not be told."),
            ),
        ),
        Group(
            "What the model made of it",
            (
                Field("level", "Level", choices=_any(JUDGEMENT_WORDS)),
                Field("flagged", "Flagged for the policy", choices={"": "any or none", **policies}),
                Field("reason", "Why it was not judged", choices={"": "any", **_REASONS}),
                Field("severity", "How severe its text may be", choices=_SEVERITIES),
            ),
        ),
        Group(
            "Decision",
            (
                Field("verdict", "Verdict", choices=_VERDICTS, hint="For tasks that are done."),
                Field("confirmed", "Confirmed policy", choices={"": "any or none", **policies}),
                Field("decided_from", "Decided from this day on", "date"),
                Field("decided_until", "Decided until this day", "date"),
                *decider,
            ),
        ),
    )


def told_in(groups: Sequence[Group], query: Mapping[str, str]) -> Sequence[str]:
    """Return in words what a query asks for."""
    fields = [field for group in groups for field in group.fields]
    return [
        f"{field.label}: {field.choices.get(value, value)}" if field.kind != "tick" else field.label
        for field in fields
        if (value := query.get(field.name, "").strip()) and (field.name, value) != _USUAL
    ]


def _any(words: Mapping[Judgement, str]) -> Mapping[str, str]:
    return {"": "any", **{one.value: says for one, says in words.items()}}


_USUAL: Final = ("state", State.OPEN.value)
_REASONS: Final = {one.value: REASON_WORDS[one] for one in Reason}
_SEVERITIES: Final = {"": "any", **{one.name.lower(): says for one, says in SEVERITY_WORDS.items()}}
_VERDICTS: Final = {"": "any or none", "confirm": "confirmed", "dismiss": "dismissed"}
