"""Sessions: what a browser shows instead of a password, until it has been idle or open for too long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from tocsin.service.review.context import Context
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.store.console_tables import sessions

__all__ = [
    "Session",
    "SessionKind",
    "SessionState",
    "begin_session",
    "end_half_session",
    "end_session",
    "end_sessions_of",
    "form_token",
    "is_stale",
    "new_token",
    "session_of",
    "sessions_of",
    "touch_session",
]

_BYTES: Final = 32
_HALF: Final = timedelta(minutes=10)
_TOUCHED_APART: Final = timedelta(minutes=1)  # or every page that is read would be a write


class SessionState(StrEnum):
    """Say whether somebody is signed in, or has shown a password and owes a code."""

    HALF = "half"
    WHOLE = "whole"


class SessionKind(StrEnum):
    """Say how somebody signed in."""

    PASSWORD = "password"  # noqa: S105 - a word of ours
    OIDC = "oidc"
    LOCAL = "local"  # nobody had to: the server answers this machine alone


@dataclass(frozen=True, slots=True)
class Session:
    """Hold one session; `id` is a digest of the token that only the browser has."""

    id: str
    reviewer: Reviewer
    state: SessionState
    how: SessionKind
    made_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def whole(self) -> bool:
        """Say whether it opens pages."""
        return self.state is SessionState.WHOLE


def new_token() -> str:
    """Return a token that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def form_token(token: str) -> str:
    """Return what every form must bring that changes something: it proves that we made the page."""
    return sha256(b"tocsin form 1:" + token.encode()).hexdigest()


def begin_session(
    tx: Connection,
    context: Context,
    reviewer: int,
    how: SessionKind,
    state: SessionState = SessionState.WHOLE,
) -> str:
    """Return the token of a new session; sessions that have ended go."""
    now = context.clock()
    tx.execute(delete(sessions).where(sessions.c.ends_at <= now))
    token = new_token()
    lasts = timedelta(hours=context.settings.session_hours) if state is SessionState.WHOLE else _HALF
    row = {
        "id": _id(token),
        "reviewer": reviewer,
        "state": state.value,
        "how": how.value,
        "made_at": now,
        "seen_at": now,
        "ends_at": now + lasts,
    }
    tx.execute(insert(sessions), row)
    return token


def session_of(tx: Connection, context: Context, token: str) -> Session | None:
    """Return the session of a token; None where it has ended, was idle for too long, or is nobody's."""
    row = tx.execute(select(sessions).where(sessions.c.id == _id(token), *_alive(context))).first()
    if row is None:
        return None
    found = _session(tx, row)
    return found if found.reviewer.active else None


def sessions_of(tx: Connection, context: Context, reviewer: int) -> list[Session]:
    """Return a reviewer's sessions that have not ended, the latest first."""
    query = select(sessions).where(sessions.c.reviewer == reviewer, *_alive(context))
    return [_session(tx, row) for row in tx.execute(query.order_by(sessions.c.made_at.desc()))]


def touch_session(tx: Connection, context: Context, session: Session) -> None:
    """Note that a session is used."""
    tx.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=context.clock()))


def is_stale(context: Context, session: Session) -> bool:
    """Say whether it is time to note that a session is used."""
    return context.clock() - session.seen_at >= _TOUCHED_APART


def end_session(tx: Connection, context: Context, session: str) -> None:
    """End the session of this id."""
    del context
    tx.execute(delete(sessions).where(sessions.c.id == session))


def end_half_session(tx: Connection, session: Session) -> bool:
    """End a half session, once; say whether it was still there."""
    mine = (sessions.c.id == session.id, sessions.c.state == SessionState.HALF.value)
    return tx.execute(delete(sessions).where(*mine)).rowcount == 1


def end_sessions_of(tx: Connection, context: Context, reviewer: int, *, but: str | None = None) -> int:
    """End all sessions of a reviewer, `but` the one of this id; return how many that were."""
    del context
    mine = delete(sessions).where(sessions.c.reviewer == reviewer, sessions.c.id != (but or ""))
    return tx.execute(mine).rowcount


def _alive(context: Context) -> tuple[ColumnElement[bool], ...]:
    now = context.clock()
    idle = timedelta(minutes=context.settings.session_minutes)
    return sessions.c.ends_at > now, sessions.c.seen_at > now - idle


def _session(tx: Connection, row: Row[Any]) -> Session:
    return Session(
        row.id,
        find_reviewer(tx, row.reviewer),
        SessionState(row.state),
        SessionKind(row.how),
        row.made_at,
        row.seen_at,
        row.ends_at,
    )


def _id(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
