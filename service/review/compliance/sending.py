"""Sending statements to the transparency database: a hundred in a call, each stored there once."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.answers import Receipt, receipts_of, verdicts_of
from tocsin.service.review.compliance.file import Database
from tocsin.service.review.compliance.keeping import State
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.webhooks import ATTEMPTS, Failed, next_attempt, tls_context
from tocsin.service.review.webhooks.asking import Answer, ask

__all__ = ["MOST_A_CALL", "Post", "Sending", "post_statements", "send_statements"]

MOST_A_CALL: Final = 100
_TIMEOUT_S: Final = 60.0
_LEASE: Final = timedelta(minutes=10)  # then whoever took a call to send it has died over it
_MOST_BYTES: Final = 8_388_608  # of an answer: it repeats a hundred statements
_LONGEST_FAULT: Final = 500
_LONGEST_PAUSE_S: Final = 86_400
_STORED: Final = 201
_TOO_LARGE: Final = 413
_UNPROCESSABLE: Final = 422
_LATER: Final = (408, 425, 429)
_OPEN: Final = (State.WAITING.value, State.SENDING.value)

Post = Callable[[Database, bytes], Answer | Failed]


@dataclass(slots=True)
class Sending:
    """Hold what one run came to: statements by state, and why it stopped before its end, if it did."""

    counts: Counter[State] = field(default_factory=Counter)
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class _Letter:
    number: int
    puid: str
    body: dict[str, Any] = field(repr=False)
    attempts: int


def post_statements(database: Database, body: bytes) -> Answer | Failed:
    """Post one call: over TLS, to public addresses or allowed networks alone, redirects not followed."""
    headers = {"authorization": f"Bearer {database.token}", "accept": "application/json"}
    return ask(
        database.url,
        database.allowed,
        headers,
        body,
        timeout_s=_TIMEOUT_S,
        most_bytes=_MOST_BYTES,
        tls=tls_context(database.ca_file),
    )


def send_statements(desk: Desk, post: Post = post_statements, *, now: bool = False) -> Sending:
    """Send every statement that is due, and what an earlier run left on its way; `now`: those that wait too.

    A call that meets no answer, or a server that is busy, ends the run: its statements wait, longer each
    time. Raises StoreError; SettingsError where the token or the address is not taken.
    """
    database = None if desk.context.compliance is None else desk.context.compliance.database
    if database is None:
        raise SettingsError("sending needs a table [database] in the compliance file, there is none")
    done = Sending()
    until = None if now else desk.context.clock()
    last = 0
    while done.stopped is None and (letters := desk.write(_take, until, last)):
        last = max(one.number for one in letters) if now else 0
        _deliver(desk, database, post, letters, done)
    return done


def _deliver(desk: Desk, database: Database, post: Post, letters: Sequence[_Letter], done: Sending) -> None:
    """Post one call, note what became of it, and post again, in parts, what was only refused with others."""
    body = json.dumps({"statements": [one.body for one in letters]}, ensure_ascii=False).encode()
    answer = post(database, body)
    if isinstance(answer, Answer) and answer.status == _STORED:
        receipts = receipts_of(answer, [one.puid for one in letters])
        done.counts += desk.write(_keep_receipts, letters, receipts)
        return
    apart = (_UNPROCESSABLE, _TOO_LARGE) if len(letters) > 1 else (_UNPROCESSABLE,)
    if isinstance(answer, Answer) and answer.status in apart:
        _part(desk, database, post, letters, answer, done)
        return
    origin = database.url.origin
    if isinstance(answer, Answer) and answer.status not in _LATER and 300 <= answer.status < 500:
        desk.write(_give_back, letters)
        raise SettingsError(f"database: {origin} must take a call with this token, answered {answer.status}")
    why = answer.why if isinstance(answer, Failed) else f"{origin}: must answer 201, was {answer.status}"
    if isinstance(answer, Failed) and answer.permanent:
        desk.write(_give_back, letters)
        raise SettingsError(f"database: {why}")
    pause = _seconds(None if isinstance(answer, Failed) else answer.retry_after)
    desk.write(_postpone, letters, why, pause)
    done.counts[State.WAITING] += len(letters)
    done.stopped = why


def _part(
    desk: Desk, database: Database, post: Post, letters: Sequence[_Letter], answer: Answer, done: Sending
) -> None:
    """Note which statements of a refused call are at fault: none of it was stored, the rest goes again."""
    told = verdicts_of(answer, [one.puid for one in letters])
    refused = dict(told.refused)
    if not refused and not told.known and len(letters) == 1:
        refused[0] = f"{database.url.origin}: was refused ({answer.status}), without a reason"
    if refused or told.known:
        faults = {letters[at].number: why for at, why in refused.items()}
        known = [letters[at].number for at in sorted(told.known)]
        done.counts += desk.write(_keep_refusals, faults, known)
        rest = [one for at, one in enumerate(letters) if at not in refused and at not in told.known]
        parts = [rest] if rest else []
    else:
        middle = len(letters) // 2
        parts = [list(letters[:middle]), list(letters[middle:])]
    for place, part in enumerate(parts):
        if done.stopped is not None:
            desk.write(_give_back, [one for later in parts[place:] for one in later])
            return
        _deliver(desk, database, post, part, done)


def _take(tx: Connection, context: Context, until: datetime | None, after: int) -> list[_Letter]:
    """Return statements to send, marked as on their way before anybody posts them.

    Those that an earlier run left there are among them once its lease is over: if they arrived, their names
    are known there, and nothing is stored twice.
    """
    at = context.clock()
    mine = statements.c.due_at <= (until or at)
    if until is None:
        mine = (statements.c.state == State.WAITING.value) | (statements.c.due_at <= at)
    query = (
        select(statements)
        .where(statements.c.state.in_((State.WAITING.value, State.SENDING.value)), mine)
        .where(statements.c.id > after)
        .order_by(statements.c.id)
        .limit(MOST_A_CALL)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(query).all()
    taken = {"state": State.SENDING.value, "due_at": at + _LEASE}
    for row in rows:
        tx.execute(update(statements).where(statements.c.id == row.id).values(taken))
    return [_Letter(row.id, row.puid, row.body, row.attempts) for row in rows]


def _keep_receipts(
    tx: Connection, context: Context, letters: Sequence[_Letter], receipts: dict[str, Receipt]
) -> Counter[State]:
    done: Counter[State] = Counter()
    for one in letters:
        receipt = receipts.get(one.puid)
        state = State.UNRECEIPTED if receipt is None else State.SENT
        told = receipt or Receipt()
        values = {"uuid": told.uuid, "permalink": told.permalink, "stored_at": told.stored_at, "fault": None}
        done += _settle(tx, context, one.number, state, **values, attempts=one.attempts + 1)
    return done


def _keep_refusals(
    tx: Connection, context: Context, faults: dict[int, str], known: Sequence[int]
) -> Counter[State]:
    done: Counter[State] = Counter()
    for number, why in faults.items():
        done += _settle(tx, context, number, State.REFUSED, fault=why[:_LONGEST_FAULT])
    for number in known:
        done += _settle(tx, context, number, State.UNRECEIPTED, fault=None)
    return done


def _settle(tx: Connection, context: Context, number: int, state: State, **values: Any) -> Counter[State]:
    """Note what became of a statement, unless another run, which took it over, noted that it is stored.

    A receipt is taken whenever it comes: it is told once.
    """
    late = (State.REFUSED.value, State.UNRECEIPTED.value) if state is State.SENT else ()
    mine = (statements.c.id == number, statements.c.state.in_((*_OPEN, *late)))
    values |= {"state": state.value, "settled_at": context.clock()}
    return Counter({state: tx.execute(update(statements).where(*mine).values(values)).rowcount})


def _postpone(
    tx: Connection, context: Context, letters: Sequence[_Letter], why: str, pause: timedelta
) -> None:
    now, draw = context.clock(), random.Random()  # noqa: S311 - spreads attempts
    for one in letters:
        attempts = one.attempts + 1
        again = next_attempt(min(attempts, ATTEMPTS - 1), now, draw) or now  # never given up
        values = {"state": State.WAITING.value, "attempts": attempts, "fault": why[:_LONGEST_FAULT]}
        due = max(again, now + pause)
        mine = (statements.c.id == one.number, statements.c.state == State.SENDING.value)
        tx.execute(update(statements).where(*mine).values(**values, due_at=due))


def _give_back(tx: Connection, context: Context, letters: Sequence[_Letter]) -> None:
    numbers = [one.number for one in letters]
    mine = (statements.c.id.in_(numbers), statements.c.state == State.SENDING.value)
    again = {"state": State.WAITING.value, "due_at": context.clock()}
    tx.execute(update(statements).where(*mine).values(again))


def _seconds(retry_after: str | None) -> timedelta:
    told = retry_after or ""
    return timedelta(seconds=min(int(told), _LONGEST_PAUSE_S) if told.isascii() and told.isdigit() else 0)
