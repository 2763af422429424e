"""The tables of the review queue, as the latest migration leaves them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tocsin.service.review.store.moment import Moment

__all__ = [
    "appeals",
    "decisions",
    "exclusions",
    "holds",
    "items",
    "log",
    "log_head",
    "measures",
    "metadata",
    "near_bands",
    "notices",
    "outbox",
    "pages",
    "reviewers",
    "tasks",
]

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")  # what SQLite counts up by itself
_JSON: Final = JSON(none_as_null=True)
_OPEN: Final = text("state = 'open'")
_HELD: Final = text("state = 'open' AND claimed_by IS NOT NULL")


def _id() -> Column[Any]:
    return Column("id", _NUMBER, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, _NUMBER, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _at(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=nullable)


reviewers: Final = Table(
    "reviewers",
    metadata,
    _id(),
    Column("name", String(256), nullable=False, unique=True),
    Column("role", SmallInteger, nullable=False),
    Column("key", String(64), unique=True),  # the id of the key that this reviewer's requests bear
    Column("active", Boolean, nullable=False),
    _at("created_at"),
)

# One row for each text that the platform handed in. `text`, `thread` and what the platform told are null
# where no task needs them, and once the item is erased; so is `salt`, and `digest` says nothing without it.
items: Final = Table(
    "items",
    metadata,
    _id(),
    Column("platform_id", String(512), unique=True),
    _at("received_at"),
    _at("posted_at", nullable=True),
    Column("text", Text),
    Column("thread", _JSON),
    Column("community", String(512)),
    Column("reach", BigInteger),
    Column("hint", String(64)),
    Column("salt", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    Column("assessment", _JSON),
    Column("language", String(16)),
    Column("level", String(16)),
    Column("priority", Float),
    # With which probability the random audit would draw it; null where the model flagged it.
    Column("inclusion", Float),
    Column("expected", _JSON),
    _at("erase_asked_at", nullable=True),
    _at("erased_at", nullable=True),
)

# Which texts are alike: two items that share a band are compared. Gone with the text.
near_bands: Final = Table(
    "near_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("item", _NUMBER, ForeignKey("items.id"), primary_key=True, index=True),
)

# One piece of work. It may be taken from `available_at` on: a claim moves that to the end of its lease, so an
# expired lease needs no sweeper. `serve_by` is the order of serving, see intake/placing.py.
tasks: Final = Table(
    "tasks",
    metadata,
    _id(),
    _ref("item", "items", index=True),
    Column("queue", String(16), nullable=False),
    Column("shown", String(16), nullable=False),  # what reviewers see: golden items look like others
    Column("state", String(8), nullable=False),
    Column("least_role", SmallInteger, nullable=False),
    Column("priority", Float, nullable=False),
    _at("created_at"),
    _at("serve_by"),
    _at("deadline", nullable=True),
    _at("available_at"),
    Column("claim", String(36), unique=True),
    _ref("claimed_by", "reviewers", nullable=True),
    _at("claimed_at", nullable=True),
    Column("skips", SmallInteger, nullable=False, server_default="0"),
    Column("inclusion", Float),
    _at("done_at", nullable=True),
    CheckConstraint("state in ('open', 'done')", name="state"),
    Index(
        "ix_tasks_serving", "shown", "serve_by", "id", sqlite_where=_OPEN, postgresql_where=_OPEN
    ),  # claims from one queue
    Index("ix_tasks_next", "serve_by", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),  # from several
    # What a reviewer holds: of held ones alone, or PostgreSQL would look there for tasks that are free.
    Index("ix_tasks_held", "claimed_by", "available_at", sqlite_where=_HELD, postgresql_where=_HELD),
)

# Who may not take a task: they decided what is appealed, or passed it on.
exclusions: Final = Table(
    "exclusions",
    metadata,
    Column("task", _NUMBER, ForeignKey("tasks.id"), primary_key=True),
    Column("reviewer", _NUMBER, ForeignKey("reviewers.id"), primary_key=True),
    Column("why", String(16), nullable=False),
)

notices: Final = Table(
    "notices",
    metadata,
    _id(),
    _ref("item", "items"),
    _ref("task", "tasks", index=True),
    Column("kind", String(16), nullable=False),
    Column("reference", String(512), nullable=False),
    Column("source", String(32), nullable=False),
    Column("policy", String(256)),
    Column("statement", Text),
    Column("threat_to_life", Boolean, nullable=False),
    _at("received_at"),
    _at("deadline", nullable=True),
    UniqueConstraint("item", "kind", "reference"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    _id(),
    _ref("task", "tasks", index=True),
    _ref("item", "items", index=True),
    _ref("reviewer", "reviewers", index=True),
    Column("claim", String(36), nullable=False, unique=True),  # what makes a repeated request harmless
    Column("verdict", String(16), nullable=False),
    Column("policy", String(256)),
    Column("reason", Text),
    Column("note", Text),
    _ref("replaces", "decisions", nullable=True),
    _ref("together_with", "decisions", nullable=True),
    _at("made_at"),
    _at("undone_at", nullable=True),
    _ref("undone_by", "reviewers", nullable=True),
    CheckConstraint("(verdict = 'confirm') = (policy is not null)", name="policy"),
)

appeals: Final = Table(
    "appeals",
    metadata,
    _id(),
    _ref("item", "items"),
    _ref("task", "tasks", index=True),
    _ref("decision", "decisions"),
    Column("reference", String(512), nullable=False),
    Column("source", String(32), nullable=False),
    Column("statement", Text),
    _at("received_at"),
    UniqueConstraint("item", "reference"),
)

# What the platform did: a reviewer's decision alone restricts nothing.
measures: Final = Table(
    "measures",
    metadata,
    _id(),
    _ref("item", "items"),
    _ref("decision", "decisions", nullable=True),
    Column("reference", String(512), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("other", String(500)),
    Column("ground", String(16), nullable=False),
    Column("ground_text", String(500), nullable=False),
    Column("explanation", String(2000)),
    Column("territory", _JSON),
    Column("source", String(32), nullable=False),
    Column("automation", String(16), nullable=False),
    _at("applied_at"),
    _at("ends_at", nullable=True),
    _at("recorded_at"),
    UniqueConstraint("item", "reference"),
)

holds: Final = Table(
    "holds",
    metadata,
    _id(),
    _ref("item", "items", index=True),
    Column("reason", String(500), nullable=False),
    _ref("placed_by", "reviewers"),
    _at("placed_at"),
    _ref("released_by", "reviewers", nullable=True),
    _at("released_at", nullable=True),
)

pages: Final = Table(
    "pages",
    metadata,
    _id(),
    _ref("item", "items", index=True),
    _ref("task", "tasks"),
    Column("raised_by", String(80), nullable=False),
    _at("raised_at"),
    _at("paged_at"),
    _ref("acknowledged_by", "reviewers", nullable=True),
    _at("acknowledged_at", nullable=True),
)

# Messages for the platform, one row for each endpoint; `message` stays the same however often it is sent.
outbox: Final = Table(
    "outbox",
    metadata,
    _id(),
    Column("message", String(64), nullable=False),
    Column("endpoint", String(256), nullable=False),
    Column("event", String(64), nullable=False),
    _ref("item", "items", nullable=True, index=True),
    Column("body", Text),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    _at("created_at"),
    _at("due_at"),
    _at("settled_at", nullable=True),
    Column("fault", String(500)),
    UniqueConstraint("message", "endpoint"),
    Index(
        "ix_outbox_due",
        "due_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

# The chain: each row's `mac` is over the row and the `mac` before it. Triggers refuse to change a row.
log: Final = Table(
    "log",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    _at("at"),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("item", _NUMBER),
    Column("body", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Index(None, "item"),
)

log_head: Final = Table(
    "log_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", _NUMBER, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one"),
)
