"""The tables of the queue itself, as the latest migration leaves them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.schema import (
    DONE,
    DRAWN,
    ESCALATED,
    GOLDEN,
    HELD,
    JSON_OR_NULL,
    KEPT,
    LIGHTER,
    NUMBER,
    OPEN,
    PRESSING,
    URGENT,
    id_column,
    metadata,
    moment_column,
    ref_column,
)

__all__ = [
    "appeals",
    "decisions",
    "exclusions",
    "flags",
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

reviewers: Final = Table(
    "reviewers",
    metadata,
    id_column(),
    Column("name", String(256), nullable=False, unique=True),
    Column("role", SmallInteger, nullable=False),
    Column("key", String(64), unique=True),  # the id of the key that this reviewer's requests bear
    Column("active", Boolean, nullable=False),
    moment_column("created_at"),
)

# One row for each text that the platform handed in. `text`, `thread` and what the platform told are null
# where no task needs them, and once the item is erased; so is `salt`, and `digest` says nothing without it.
items: Final = Table(
    "items",
    metadata,
    id_column(),
    Column("platform_id", String(512), unique=True),
    moment_column("received_at"),
    moment_column("posted_at", nullable=True),
    Column("text", Text),
    Column("thread", JSON_OR_NULL),
    Column("community", String(512)),
    Column("reach", BigInteger),
    Column("hint", String(64)),
    Column("salt", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    Column("assessment", JSON_OR_NULL),
    Column("language", String(16)),
    Column("level", String(16)),
    Column("priority", Float),
    # With which probability the random audit would draw it; null where the model flagged it.
    Column("inclusion", Float),
    Column("expected", JSON_OR_NULL),
    moment_column("erase_asked_at", nullable=True),
    moment_column("erased_at", nullable=True),
    Index("ix_items_volume", "received_at", "level", "priority"),  # what is counted of them, and no more
    # What schedules go through: what is not erased yet, oldest first.
    Index("ix_items_kept", "received_at", "id", sqlite_where=KEPT, postgresql_where=KEPT),
    # SQLite's own index of what is unique finds beginnings too; PostgreSQL's does in some orders alone.
    Index("ix_items_prefix", "platform_id", postgresql_ops={"platform_id": "text_pattern_ops"}).ddl_if(
        dialect="postgresql"
    ),
)

# Which texts are alike: two items that share a band are compared. Gone with the text.
near_bands: Final = Table(
    "near_bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, index=True),
)

# Which policies the model flagged an item for, and how high: what their precision is told from.
flags: Final = Table(
    "flags",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True),
    Column("policy", String(256), primary_key=True),
    Column("level", String(16), nullable=False),
)

# One piece of work. It may be taken from `available_at` on: a claim moves that to the end of its lease, so an
# expired lease needs no sweeper. `serve_by` is the order of serving, see intake/placing.py.
tasks: Final = Table(
    "tasks",
    metadata,
    id_column(),
    ref_column("item", "items", index=True),
    Column("queue", String(16), nullable=False),
    Column("shown", String(16), nullable=False),  # what reviewers see: golden items look like others
    Column("state", String(8), nullable=False),
    Column("least_role", SmallInteger, nullable=False),
    Column("priority", Float, nullable=False),
    moment_column("created_at"),
    moment_column("serve_by"),
    moment_column("deadline", nullable=True),
    moment_column("available_at"),
    Column("claim", String(36), unique=True),
    ref_column("claimed_by", "reviewers", nullable=True),
    moment_column("claimed_at", nullable=True),
    Column("skips", SmallInteger, nullable=False, server_default="0"),
    Column("inclusion", Float),
    moment_column("done_at", nullable=True),
    Column("severity", SmallInteger, nullable=False, server_default="0"),  # of what its text may hold
    # Of its item, once more: a search that read every item too would take four times as long.
    Column("level", String(16)),
    Column("language", String(16)),
    Column("community", String(512)),  # goes with the item's
    CheckConstraint("state in ('open', 'done')", name="state"),
    Index(
        "ix_tasks_serving", "shown", "serve_by", "id", sqlite_where=OPEN, postgresql_where=OPEN
    ),  # claims from one queue
    Index("ix_tasks_next", "serve_by", "id", sqlite_where=OPEN, postgresql_where=OPEN),  # from several
    # What a reviewer holds: of held ones alone, or PostgreSQL would look there for tasks that are free.
    Index("ix_tasks_held", "claimed_by", "available_at", sqlite_where=HELD, postgresql_where=HELD),
    # What somebody may be served who has seen enough of what is severe: from several queues, and from one.
    Index("ix_tasks_lighter", "serve_by", "id", sqlite_where=LIGHTER, postgresql_where=LIGHTER),
    Index(
        "ix_tasks_lighter_serving",
        "shown",
        "serve_by",
        "id",
        sqlite_where=LIGHTER,
        postgresql_where=LIGHTER,
    ),
    # What leads must know of while nobody has it.
    Index("ix_tasks_pressing", "deadline", sqlite_where=PRESSING, postgresql_where=PRESSING),
    # What lists count, so that none of them reads every open task.
    Index("ix_tasks_oldest", "shown", "queue", "created_at", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_tasks_deadline", "shown", "deadline", "queue", sqlite_where=URGENT, postgresql_where=URGENT),
    Index(
        "ix_tasks_escalated",
        "least_role",
        "shown",
        "queue",
        sqlite_where=ESCALATED,
        postgresql_where=ESCALATED,
    ),
    # What searches and figures go through: those that are done, latest first, and the few that stand out.
    Index("ix_tasks_done", "done_at", "id", sqlite_where=DONE, postgresql_where=DONE),
    Index("ix_tasks_golden", "item", sqlite_where=GOLDEN, postgresql_where=GOLDEN),
    Index("ix_tasks_drawn", "created_at", sqlite_where=DRAWN, postgresql_where=DRAWN),
)

# Who may not take a task: they decided what is appealed, or passed it on.
exclusions: Final = Table(
    "exclusions",
    metadata,
    Column("task", NUMBER, ForeignKey("tasks.id"), primary_key=True),
    Column("reviewer", NUMBER, ForeignKey("reviewers.id"), primary_key=True),
    Column("why", String(16), nullable=False),
)

notices: Final = Table(
    "notices",
    metadata,
    id_column(),
    ref_column("item", "items"),
    ref_column("task", "tasks", index=True),
    Column("kind", String(16), nullable=False),
    Column("reference", String(512), nullable=False),
    Column("source", String(32), nullable=False),
    Column("policy", String(256)),
    Column("statement", Text),
    Column("threat_to_life", Boolean, nullable=False),
    moment_column("received_at"),
    moment_column("deadline", nullable=True),
    UniqueConstraint("item", "kind", "reference"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    id_column(),
    ref_column("task", "tasks", index=True),
    ref_column("item", "items", index=True),
    ref_column("reviewer", "reviewers", index=True),
    Column("claim", String(36), nullable=False, unique=True),  # what makes a repeated request harmless
    Column("verdict", String(16), nullable=False),
    Column("policy", String(256)),
    Column("reason", Text),
    Column("note", Text),
    ref_column("replaces", "decisions", nullable=True),
    ref_column("together_with", "decisions", nullable=True),
    # Of a sampled text alone: every policy that it breaks, `policy` being the first, and those left open.
    Column("policies", JSON_OR_NULL),
    Column("unsure", JSON_OR_NULL),
    # It says nothing of the item's fate: made blind to be compared, or of two it upholds the one that stands.
    Column("aside", Boolean, nullable=False, server_default=false()),
    # With which probability its item was drawn to be decided twice; null where it could not be.
    Column("chance", Float),
    Column("made_at", Moment, nullable=False, index=True),
    moment_column("undone_at", nullable=True),
    ref_column("undone_by", "reviewers", nullable=True),
    CheckConstraint("(verdict = 'confirm') = (policy is not null)", name="policy"),
    Index(None, "reviewer", "made_at"),  # when somebody worked
)

appeals: Final = Table(
    "appeals",
    metadata,
    id_column(),
    ref_column("item", "items"),
    ref_column("task", "tasks", index=True),
    ref_column("decision", "decisions"),
    Column("reference", String(512), nullable=False),
    Column("source", String(32), nullable=False),
    Column("statement", Text),
    moment_column("received_at"),
    UniqueConstraint("item", "reference"),
)

# What the platform did: a reviewer's decision alone restricts nothing.
measures: Final = Table(
    "measures",
    metadata,
    id_column(),
    ref_column("item", "items"),
    ref_column("decision", "decisions", nullable=True),
    Column("reference", String(512), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("other", String(500)),
    Column("ground", String(16), nullable=False),
    Column("ground_text", String(500), nullable=False),
    Column("explanation", String(2000)),
    Column("territory", JSON_OR_NULL),
    Column("source", String(32), nullable=False),
    Column("automation", String(16), nullable=False),
    moment_column("applied_at"),
    moment_column("ends_at", nullable=True),
    moment_column("recorded_at"),
    UniqueConstraint("item", "reference"),
)

holds: Final = Table(
    "holds",
    metadata,
    id_column(),
    ref_column("item", "items", index=True),
    Column("reason", String(500), nullable=False),
    ref_column("placed_by", "reviewers"),
    moment_column("placed_at"),
    ref_column("released_by", "reviewers", nullable=True),
    moment_column("released_at", nullable=True),
)

pages: Final = Table(
    "pages",
    metadata,
    id_column(),
    ref_column("item", "items", index=True),
    ref_column("task", "tasks"),
    Column("raised_by", String(80), nullable=False),
    Column("why", String(16), nullable=False, server_default="life"),
    moment_column("raised_at"),
    moment_column("paged_at"),
    ref_column("acknowledged_by", "reviewers", nullable=True),
    moment_column("acknowledged_at", nullable=True),
)

# Messages for the platform, one row for each endpoint; `message` stays the same however often it is sent.
outbox: Final = Table(
    "outbox",
    metadata,
    id_column(),
    Column("message", String(64), nullable=False),
    Column("endpoint", String(256), nullable=False),
    Column("event", String(64), nullable=False),
    ref_column("item", "items", nullable=True, index=True),
    Column("body", Text),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    moment_column("created_at"),
    moment_column("due_at"),
    moment_column("settled_at", nullable=True),
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
    Column("seq", NUMBER, primary_key=True, autoincrement=False),
    moment_column("at"),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("item", NUMBER),
    Column("body", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Index(None, "item"),
)

log_head: Final = Table(
    "log_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", NUMBER, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one"),
)
