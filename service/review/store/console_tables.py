"""The tables of the console: accounts and sessions, what was revealed, preferences, filters and figures."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.schema import (
    JSON_OR_NULL,
    NUMBER,
    id_column,
    metadata,
    moment_column,
    ref_column,
)

__all__ = [
    "accounts",
    "attempts",
    "figures",
    "filters",
    "handshakes",
    "invitations",
    "preferences",
    "reveals",
    "sessions",
]

# How a reviewer signs in. `password` is an Argon2 hash; `totp` counts once `totp_since` is there, and
# `totp_step` is the last time step that was used, for a code opens once. `subject` is who the identity
# provider says they are, its issuer before a bar.
accounts: Final = Table(
    "accounts",
    metadata,
    Column("reviewer", NUMBER, ForeignKey("reviewers.id"), primary_key=True, autoincrement=False),
    Column("password", String(256)),
    Column("totp", String(64)),
    moment_column("totp_since", nullable=True),
    Column("totp_step", BigInteger),
    Column("subject", String(1024), unique=True),
    moment_column("changed_at"),
)

# Tries to sign in that failed, by name and by address; `who` is a keyed digest, so that no row says which.
attempts: Final = Table(
    "attempts",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Moment, nullable=False, index=True),
    moment_column("closed_until", nullable=True),
)

# `id` is a digest of the token that the browser holds. A half session has shown a password, not yet a code.
sessions: Final = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    ref_column("reviewer", "reviewers", index=True),
    Column("state", String(8), nullable=False),
    Column("how", String(16), nullable=False),
    moment_column("made_at"),
    moment_column("seen_at"),
    Column("ends_at", Moment, nullable=False, index=True),
)

# A link by which somebody chooses a password, once; `id` is a digest of its token.
invitations: Final = Table(
    "invitations",
    metadata,
    Column("id", String(64), primary_key=True),
    ref_column("reviewer", "reviewers", index=True),
    moment_column("made_at"),
    moment_column("ends_at"),
    moment_column("used_at", nullable=True),
)

# Sign-ins that are at the identity provider; `id` is a digest of the state that it sends back, `binding` one
# of what only the browser has that began it. `invitation` is the id of one that is taken up by it.
handshakes: Final = Table(
    "handshakes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("binding", String(64), nullable=False),
    Column("nonce", String(128), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("onward", String(512), nullable=False),
    Column("invitation", String(64)),
    Column("ends_at", Moment, nullable=False, index=True),
)

preferences: Final = Table(
    "preferences",
    metadata,
    Column("reviewer", NUMBER, ForeignKey("reviewers.id"), primary_key=True, autoincrement=False),
    Column("body", JSON_OR_NULL, nullable=False),
)

filters: Final = Table(
    "filters",
    metadata,
    id_column(),
    ref_column("reviewer", "reviewers"),
    Column("name", String(128), nullable=False),
    Column("body", JSON_OR_NULL, nullable=False),
    moment_column("made_at"),
    UniqueConstraint("reviewer", "name"),
)

# What somebody had shown of a text, under which claim (null for a lead who holds none). `part` is the place
# of a word or sentence, null for the whole. It stays on the page until it is hidden or the claim ends, and
# tells how much that is severe somebody has read.
reveals: Final = Table(
    "reveals",
    metadata,
    id_column(),
    ref_column("task", "tasks"),
    ref_column("item", "items"),
    ref_column("reviewer", "reviewers"),
    Column("claim", String(36)),
    Column("extent", String(16), nullable=False),
    Column("part", Integer),
    Column("severity", SmallInteger, nullable=False),
    moment_column("at"),
    moment_column("hidden_at", nullable=True),
    Index(None, "reviewer", "at"),
    Index("ix_reveals_exposure", "reviewer", "severity", "at", "task"),
    Index(None, "task", "reviewer"),
    Index(None, "item"),
)

# Figures that take a while, as they last were.
figures: Final = Table(
    "figures",
    metadata,
    Column("name", String(64), primary_key=True),
    moment_column("made_at"),
    Column("body", JSON_OR_NULL, nullable=False),
)
