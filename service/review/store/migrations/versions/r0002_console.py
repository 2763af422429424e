"""What the console keeps: accounts, sessions, reveals, filters; and columns that lists count by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON: Final = sa.JSON(none_as_null=True)
_LEVELS: Final = ("review", "urgent")
_BATCH: Final = 1_000
_TOLD: Final = {"level": 16, "language": 16, "community": 512}  # of a task's item, and how long at most
_INDEXES: Final = (
    ("ix_items_volume", "items", ["received_at", "level", "priority"], None),
    ("ix_decisions_made_at", "decisions", ["made_at"], None),
    ("ix_decisions_reviewer_made_at", "decisions", ["reviewer", "made_at"], None),
    ("ix_tasks_lighter", "tasks", ["serve_by", "id"], "state = 'open' AND severity < 2"),
    ("ix_tasks_lighter_serving", "tasks", ["shown", "serve_by", "id"], "state = 'open' AND severity < 2"),
    (
        "ix_tasks_pressing",
        "tasks",
        ["deadline"],
        "state = 'open' AND severity = 2 AND deadline IS NOT NULL",
    ),
    ("ix_tasks_oldest", "tasks", ["shown", "queue", "created_at"], "state = 'open'"),
    ("ix_tasks_deadline", "tasks", ["shown", "deadline", "queue"], "state = 'open' AND deadline IS NOT NULL"),
    ("ix_tasks_escalated", "tasks", ["least_role", "shown", "queue"], "state = 'open' AND least_role > 1"),
    ("ix_tasks_done", "tasks", ["done_at", "id"], "state = 'done'"),
    ("ix_tasks_golden", "tasks", ["item"], "queue = 'golden'"),
    ("ix_tasks_drawn", "tasks", ["created_at"], "inclusion IS NOT NULL"),
)
_TABLES: Final = (
    "flags",
    "accounts",
    "attempts",
    "sessions",
    "invitations",
    "handshakes",
    "preferences",
    "filters",
    "reveals",
    "figures",
)


def upgrade() -> None:
    """Make the tables and columns, and tell them what is known already."""
    op.add_column("tasks", sa.Column("severity", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("pages", sa.Column("why", sa.String(length=16), nullable=False, server_default="life"))
    for column, length in _TOLD.items():
        op.add_column("tasks", sa.Column(column, sa.String(length=length), nullable=True))
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, **_where(where))
    if _is_postgresql():
        like = {"platform_id": "text_pattern_ops"}
        op.create_index("ix_items_prefix", "items", ["platform_id"], postgresql_ops=like)
    _make_tables()
    _tell_severities()
    _tell_tasks()
    _tell_flags()


def downgrade() -> None:
    """Take them away, with all that they hold."""
    for name in reversed(_TABLES):
        op.drop_table(name)
    if _is_postgresql():
        op.drop_index("ix_items_prefix", "items")
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    for column in _TOLD:
        op.drop_column("tasks", column)
    op.drop_column("pages", "why")
    op.drop_column("tasks", "severity")


def _where(condition: str | None) -> dict[str, Any]:
    if condition is None:
        return {}
    return dict.fromkeys(("sqlite_where", "postgresql_where"), sa.text(condition))


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _tell_tasks() -> None:
    """Copy from every task's item what tasks are searched by."""
    for column in _TOLD:
        op.execute(
            f"UPDATE tasks SET {column} ="  # noqa: S608 - ours alone
            f" (SELECT items.{column} FROM items WHERE items.id = tasks.item)"
        )


def _tell_severities() -> None:
    for severity, level in enumerate(_LEVELS, start=1):
        op.execute(
            f"UPDATE tasks SET severity = {severity} WHERE item IN"  # noqa: S608 - ours alone
            f" (SELECT id FROM items WHERE level = '{level}')"
        )


def _tell_flags() -> None:
    """Read from every flagged item's assessment which policies flagged it."""
    tx = op.get_bind()
    insert = sa.text("INSERT INTO flags (item, policy, level) VALUES (:item, :policy, :level)")
    after = 0
    while True:
        found = tx.execute(
            sa.text(
                "SELECT id, assessment FROM items WHERE id > :after AND level IN ('review', 'urgent')"
                " AND assessment IS NOT NULL ORDER BY id LIMIT :most"
            ),
            {"after": after, "most": _BATCH},
        ).all()
        if not found:
            return
        after = found[-1].id
        rows = [row for one in found for row in _flags(one.id, one.assessment)]
        if rows:
            tx.execute(insert, rows)


def _flags(item: int, assessment: Any) -> Iterator[dict[str, Any]]:
    told = json.loads(assessment) if isinstance(assessment, str) else assessment
    for one in (told or {}).get("policies", ()):
        if one.get("level") in _LEVELS:
            yield {"item": item, "policy": one["name"], "level": one["level"]}


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _names(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _make_tables() -> None:
    op.create_table(
        "flags",
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("policy", sa.String(length=256), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        _names("flags", "item", "items"),
        sa.PrimaryKeyConstraint("item", "policy", name="pk_flags"),
    )
    _make_account_tables()
    _make_session_tables()
    _make_desk_tables()


def _make_account_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("reviewer", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("totp", sa.String(length=64), nullable=True),
        _at("totp_since", nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=1024), nullable=True),
        _at("changed_at"),
        _names("accounts", "reviewer", "reviewers"),
        sa.PrimaryKeyConstraint("reviewer", name="pk_accounts"),
        sa.UniqueConstraint("subject", name="uq_accounts_subject"),
    )
    op.create_table(
        "attempts",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _at("last_at"),
        _at("closed_until", nullable=True),
        sa.PrimaryKeyConstraint("who", name="pk_attempts"),
    )
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        _at("made_at"),
        _at("ends_at"),
        _at("used_at", nullable=True),
        _names("invitations", "reviewer", "reviewers"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
    )
    op.create_index("ix_invitations_reviewer", "invitations", ["reviewer"])


def _make_session_tables() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        _at("made_at"),
        _at("seen_at"),
        _at("ends_at"),
        _names("sessions", "reviewer", "reviewers"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_reviewer", "sessions", ["reviewer"])
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_table(
        "handshakes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("binding", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=128), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("onward", sa.String(length=512), nullable=False),
        sa.Column("invitation", sa.String(length=64), nullable=True),
        _at("ends_at"),
        sa.PrimaryKeyConstraint("id", name="pk_handshakes"),
    )
    op.create_index("ix_handshakes_ends_at", "handshakes", ["ends_at"])


def _make_desk_tables() -> None:
    op.create_table(
        "preferences",
        sa.Column("reviewer", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        _names("preferences", "reviewer", "reviewers"),
        sa.PrimaryKeyConstraint("reviewer", name="pk_preferences"),
    )
    op.create_table(
        "filters",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        _at("made_at"),
        _names("filters", "reviewer", "reviewers"),
        sa.PrimaryKeyConstraint("id", name="pk_filters"),
        sa.UniqueConstraint("reviewer", "name", name="uq_filters_reviewer_name"),
    )
    op.create_table(
        "reveals",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("item", _NUMBER, nullable=False),
        sa.Column("reviewer", _NUMBER, nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("extent", sa.String(length=16), nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        _at("at"),
        _at("hidden_at", nullable=True),
        *(_names("reveals", column, f"{column}s") for column in ("task", "item", "reviewer")),
        sa.PrimaryKeyConstraint("id", name="pk_reveals"),
    )
    for columns in (["reviewer", "at"], ["task", "reviewer"], ["item"]):
        op.create_index(f"ix_reveals_{'_'.join(columns)}", "reveals", columns)
    op.create_index("ix_reveals_exposure", "reveals", ["reviewer", "severity", "at", "task"])
    op.create_table(
        "figures",
        sa.Column("name", sa.String(length=64), nullable=False),
        _at("made_at"),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_figures"),
    )
