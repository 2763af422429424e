"""What a reviewer may ask: claim, look, decide, undo."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from tocsin.service.api.review import answers, takings
from tocsin.service.api.review.asked import Asked
from tocsin.service.api.review.route import Keeps, Route
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import decide, decide_together, find_alike, history, undo
from tocsin.service.review.records import Reviewer, count_queues, raise_page, view
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import claim_next, claim_task, held_by, reassign, release, renew, withheld

__all__ = ["WORKING_ROUTES"]

_CLAIM: Final = {"claim": "Token of the claim."}
_TASK: Final = {"task": "Number of the task."}


def _me(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del tx, context, asked
    return answers.ReviewerBody.of(reviewer)


def _queues(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del asked
    counts = count_queues(tx, context, shown=reviewer.role < Role.LEAD)
    return answers.QueuesAnswer(queues=[answers.QueueBody.of(one) for one in counts])


def _claim(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.ClaimBody = asked.body
    if body.task is None:
        found = claim_next(tx, context, reviewer, body.queues)
    else:
        found = claim_task(tx, context, reviewer, body.task)
    if found is not None:
        return answers.ClaimAnswer(task=answers.TaskBody.of(found, reviewer))
    spared = withheld(tx, context, reviewer, body.queues)
    return answers.ClaimAnswer(
        task=None, withheld=None if spared is None else answers.WithheldBody.of(spared)
    )


def _held(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del asked
    held = held_by(tx, context, reviewer)
    return answers.TasksAnswer(tasks=[answers.TaskBody.of(one, reviewer) for one in held])


def _renew(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    found = renew(tx, context, reviewer, asked.parts["claim"])
    return answers.ClaimAnswer(task=answers.TaskBody.of(found, reviewer))


def _release(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    release(tx, context, reviewer, asked.parts["claim"])
    return answers.NothingAnswer()


def _decide(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.DecideBody = asked.body
    made = decide(tx, context, reviewer, asked.parts["claim"], body.said())
    return answers.DecisionAnswer(decision=answers.DecisionBody.of(made))


def _alike(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    found = find_alike(tx, context, reviewer, asked.parts["claim"])
    return answers.AlikeAnswer(alike=[answers.AlikeBody.model_validate(one) for one in found])


def _decide_together(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.DecideTogetherBody = asked.body
    made = decide_together(tx, context, reviewer, asked.parts["claim"], body.tasks, body.said())
    return answers.DecisionsAnswer(decisions=[answers.DecisionBody.of(one) for one in made])


def _task(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    found = history(tx, context, asked.number("task"), reviewer)
    return answers.HistoryAnswer(
        task=answers.TaskBody.of(found.task, reviewer),
        decisions=[answers.DecisionBody.of(one) for one in found.decisions],
        holds=[answers.HoldBody.of(one, reviewer) for one in found.holds],
    )


def _view(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.ViewBody = asked.body
    shown = view(tx, context, reviewer, asked.number("task"), body.extent)
    return answers.ViewAnswer(text=shown.text, thread=list(shown.thread), statements=list(shown.statements))


def _page(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    return answers.PageRaisedAnswer(page=raise_page(tx, context, reviewer, asked.number("task")))


def _undo(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    return answers.UndoneAnswer(claim=undo(tx, context, reviewer, asked.number("decision")))


def _assign(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.AssignBody = asked.body
    found = reassign(tx, context, reviewer, asked.number("task"), body.reviewer)
    return answers.ClaimAnswer(task=answers.TaskBody.of(found, reviewer))


_R: Final = Role.REVIEWER
WORKING_ROUTES: Final = (
    Route("GET", "/v1/review/me", "me", "Tell who you are", _R, _me, answers.ReviewerBody, Keeps.NOTHING),
    Route(
        "GET",
        "/v1/review/queues",
        "queues",
        "Tell what waits in every queue",
        _R,
        _queues,
        answers.QueuesAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/claims",
        "claim",
        "Claim the task that should be served next",
        _R,
        _claim,
        answers.ClaimAnswer,
        Keeps.LOOSELY,
        takings.ClaimBody,
    ),
    Route(
        "GET",
        "/v1/review/claims",
        "held",
        "List the tasks that you hold",
        _R,
        _held,
        answers.TasksAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/claims/{claim}/renew",
        "renew",
        "Begin the lease of a claim anew",
        _R,
        _renew,
        answers.ClaimAnswer,
        Keeps.LOOSELY,
        parts=_CLAIM,
    ),
    Route(
        "DELETE",
        "/v1/review/claims/{claim}",
        "release",
        "Give a task back",
        _R,
        _release,
        answers.NothingAnswer,
        Keeps.LOOSELY,
        parts=_CLAIM,
    ),
    Route(
        "POST",
        "/v1/review/claims/{claim}/decision",
        "decide",
        "Decide the task that a claim holds",
        _R,
        _decide,
        answers.DecisionAnswer,
        takes=takings.DecideBody,
        parts=_CLAIM,
    ),
    Route(
        "GET",
        "/v1/review/claims/{claim}/alike",
        "alike",
        "List near-copies of the text in hand that could be decided with it",
        _R,
        _alike,
        answers.AlikeAnswer,
        Keeps.NOTHING,
        parts=_CLAIM,
    ),
    Route(
        "POST",
        "/v1/review/claims/{claim}/decisions",
        "decide_together",
        "Decide the task in hand and near-copies of it, all of them or none",
        Role.SENIOR,
        _decide_together,
        answers.DecisionsAnswer,
        takes=takings.DecideTogetherBody,
        parts=_CLAIM,
    ),
    Route(
        "GET",
        "/v1/review/tasks/{task}",
        "task",
        "Tell a task and what was decided of its item",
        _R,
        _task,
        answers.HistoryAnswer,
        Keeps.NOTHING,
        parts=_TASK,
    ),
    Route(
        "POST",
        "/v1/review/tasks/{task}/views",
        "view",
        "Show the text of a task that you hold, and log that you saw it",
        _R,
        _view,
        answers.ViewAnswer,
        takes=takings.ViewBody,
        parts=_TASK,
    ),
    Route(
        "POST",
        "/v1/review/tasks/{task}/pages",
        "page",
        "Page the leads: a life may be in danger",
        _R,
        _page,
        answers.PageRaisedAnswer,
        parts=_TASK,
    ),
    Route(
        "POST",
        "/v1/review/decisions/{decision}/undo",
        "undo",
        "Undo a decision while it is fresh",
        _R,
        _undo,
        answers.UndoneAnswer,
        parts={"decision": "Number of the decision."},
    ),
    Route(
        "POST",
        "/v1/review/tasks/{task}/assign",
        "assign",
        "Give a task to another reviewer, whoever holds it",
        Role.SENIOR,
        _assign,
        answers.ClaimAnswer,
        takes=takings.AssignBody,
        parts=_TASK,
    ),
)
