"""The tables of the review queue, and triggers that keep its log from being changed."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN: Final[Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("state = 'open'"))
_WAITING: Final[Any] = dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text("state = 'waiting'"))

_GUARDED = "the log of the review queue only grows"
_BODY = f"$$ BEGIN RAISE EXCEPTION '{_GUARDED}'; END $$"
_BEFORE = "BEFORE UPDATE OR DELETE OR TRUNCATE ON log"
_SQLITE: Final = tuple(
    f"CREATE TRIGGER log_no_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{_GUARDED}'); END"
    for name, when in (
        ("update", "UPDATE ON log"),
        ("delete", "DELETE ON log"),
        ("replace", "INSERT ON log WHEN EXISTS (SELECT 1 FROM log WHERE seq = NEW.seq)"),  # asks no other
    )
)
_POSTGRESQL: Final = (
    f"CREATE FUNCTION log_only_grows() RETURNS trigger AS {_BODY} LANGUAGE plpgsql",
    f"CREATE TRIGGER log_no_change {_BEFORE} FOR EACH STATEMENT EXECUTE FUNCTION log_only_grows()",
)


def upgrade() -> None:
    """Make the tables."""
    for make in _TABLES:
        make()
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Take the tables away, with all that they hold."""
    for make in reversed(_TABLES):
        op.drop_table(make.__name__.removeprefix("_"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION log_only_grows")


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("platform_id", sa.String(length=512), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("thread", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("community", sa.String(length=512), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("hint", sa.String(length=64), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("assessment", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("priority", sa.Float(), nullable=True),
        sa.Column("inclusion", sa.Float(), nullable=True),
        sa.Column("expected", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("erase_asked_at", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.UniqueConstraint("platform_id", name="uq_items_platform_id"),
    )


def _log() -> None:
    op.create_table(
        "log",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("item", _NUMBER, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_log"),
    )
    op.create_index("ix_log_item", "log", ["item"], unique=False)


def _log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_log_head_one"),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )


def _reviewers() -> None:
    op.create_table(
        "reviewers",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviewers"),
        sa.UniqueConstraint("key", name="uq_reviewers_key"),
        sa.UniqueConstraint("name", name="uq_reviewers_name"),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("placed_by", _NUMBER, nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("released_by", _NUMBER, nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_holds_item"),
        sa.ForeignKeyConstraint(["placed_by"], ["reviewers.id"], name="fk_holds_placed_by"),
        sa.ForeignKeyConstraint(["released_by"], ["reviewers.id"], name="fk_holds_released_by"),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_index("ix_holds_item", "holds", ["item"], unique=False)


def _near_bands() -> None:
    op.create_table(
        "near_bands",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_near_bands_item"),
        sa.PrimaryKeyConstraint("band", "item", name="pk_near_bands"),
    )
    op.create_index("ix_near_bands_item", "near_bands", ["item"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("endpoint", sa.String(length=256), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("item", _NUMBER, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_outbox_item"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("message", "endpoint", name="uq_outbox_message_endpoint"),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], unique=False, **_WAITING)
    op.create_index("ix_outbox_item", "outbox", ["item"], unique=False)


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("shown", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("least_role", sa.SmallInteger(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("serve_by", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("available_at", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("claimed_by", _NUMBER, nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("skips", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("inclusion", sa.Float(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state in ('open', 'done')", name="ck_tasks_state"),
        sa.ForeignKeyConstraint(["claimed_by"], ["reviewers.id"], name="fk_tasks_claimed_by"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_tasks_item"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("claim", name="uq_tasks_claim"),
    )
    op.create_index(
        "ix_tasks_held",
        "tasks",
        ["claimed_by", "available_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND claimed_by IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND claimed_by IS NOT NULL"),
    )
    op.create_index("ix_tasks_item", "tasks", ["item"], unique=False)
    op.create_index("ix_tasks_next", "tasks", ["serve_by", "id"], unique=False, **_OPEN)
    op.create_index("ix_tasks_serving", "tasks", ["shown", "serve_by", "id"], unique=False, **_OPEN)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("replaces", _NUMBER, nullable=True),
        sa.Column("together_with", _NUMBER, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", _NUMBER, nullable=True),
        sa.CheckConstraint("(verdict = 'confirm') = (policy is not null)", name="ck_decisions_policy"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_decisions_item"),
        sa.ForeignKeyConstraint(["replaces"], ["decisions.id"], name="fk_decisions_replaces"),
        sa.ForeignKeyConstraint(["reviewer"], ["reviewers.id"], name="fk_decisions_reviewer"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_decisions_task"),
        sa.ForeignKeyConstraint(["together_with"], ["decisions.id"], name="fk_decisions_together_with"),
        sa.ForeignKeyConstraint(["undone_by"], ["reviewers.id"], name="fk_decisions_undone_by"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("claim", name="uq_decisions_claim"),
    )
    op.create_index("ix_decisions_item", "decisions", ["item"], unique=False)
    op.create_index("ix_decisions_reviewer", "decisions", ["reviewer"], unique=False)
    op.create_index("ix_decisions_task", "decisions", ["task"], unique=False)


def _exclusions() -> None:
    op.create_table(
        "exclusions",
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["reviewer"], ["reviewers.id"], name="fk_exclusions_reviewer"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_exclusions_task"),
        sa.PrimaryKeyConstraint("task", "reviewer", name="pk_exclusions"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=512), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.String(length=256), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("threat_to_life", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_notices_item"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_notices_task"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("item", "kind", "reference", name="uq_notices_item_kind_reference"),
    )
    op.create_index("ix_notices_task", "notices", ["task"], unique=False)


def _pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("raised_by", sa.String(length=80), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("paged_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_by", _NUMBER, nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["reviewers.id"], name="fk_pages_acknowledged_by"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_pages_item"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_pages_task"),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
    )
    op.create_index("ix_pages_item", "pages", ["item"], unique=False)


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("decision", _NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=512), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_appeals_decision"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_appeals_item"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_appeals_task"),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.UniqueConstraint("item", "reference", name="uq_appeals_item_reference"),
    )
    op.create_index("ix_appeals_task", "appeals", ["task"], unique=False)


def _measures() -> None:
    op.create_table(
        "measures",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("decision", _NUMBER, nullable=True),
        sa.Column("reference", sa.String(length=512), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=500), nullable=True),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("ground_text", sa.String(length=500), nullable=False),
        sa.Column("explanation", sa.String(length=2000), nullable=True),
        sa.Column("territory", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("automation", sa.String(length=16), nullable=False),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_measures_decision"),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_measures_item"),
        sa.PrimaryKeyConstraint("id", name="pk_measures"),
        sa.UniqueConstraint("item", "reference", name="uq_measures_item_reference"),
    )


_TABLES: Final = (
    _items,
    _log,
    _log_head,
    _reviewers,
    _holds,
    _near_bands,
    _outbox,
    _tasks,
    _decisions,
    _exclusions,
    _notices,
    _pages,
    _appeals,
    _measures,
)
