"""What quality and compliance rest on: samples, second decisions, answers to every policy, statements."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

__all__: list[str] = []

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON: Final = sa.JSON(none_as_null=True)
_ANSWERS: Final = ("policies", "unsure")


def upgrade() -> None:
    """Make the tables and columns."""
    for column in _ANSWERS:
        op.add_column("decisions", sa.Column(column, _JSON, nullable=True))
    _make_samples()
    _make_corrections()
    _make_learning()
    _make_doubles()
    _make_statements()


def downgrade() -> None:
    """Take them away, with all that they hold."""
    op.drop_index("ix_items_kept", "items")
    op.drop_table("statements")
    op.drop_table("learning")
    op.drop_table("corrections")
    op.drop_table("takers")
    op.drop_table("doubles")
    op.drop_table("sampled")
    op.drop_table("samples")
    for column in (*_ANSWERS, "aside", "chance"):
        op.drop_column("decisions", column)


def _make_samples() -> None:
    op.create_table(
        "samples",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("design", sa.String(length=71), nullable=False),
        sa.Column("audit", sa.String(length=71), nullable=False),
        sa.Column("policies", _JSON, nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_samples"),
        sa.UniqueConstraint("design", name="uq_samples_design"),
    )
    op.create_table(
        "sampled",
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("sample", _NUMBER, nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("own_id", sa.String(length=512), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_sampled_item"),
        sa.ForeignKeyConstraint(["sample"], ["samples.id"], name="fk_sampled_sample"),
        sa.PrimaryKeyConstraint("item", name="pk_sampled"),
        sa.UniqueConstraint("sample", "source", "place", name="uq_sampled_sample_source_place"),
    )
    op.create_index("ix_sampled_own_id", "sampled", ["own_id"])


def _make_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_corrections_item"),
        sa.PrimaryKeyConstraint("item", name="pk_corrections"),
        sa.UniqueConstraint("mark", name="uq_corrections_mark"),
    )


def _make_learning() -> None:
    op.create_table(
        "learning",
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_learning_item"),
        sa.PrimaryKeyConstraint("item", name="pk_learning"),
    )


def _make_doubles() -> None:
    op.add_column("decisions", sa.Column("aside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("decisions", sa.Column("chance", sa.Float(), nullable=True))
    op.create_table(
        "doubles",
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("first", _NUMBER, nullable=False),
        sa.Column("task", _NUMBER, nullable=False),
        sa.Column("adjudication", _NUMBER, nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_doubles_item"),
        sa.ForeignKeyConstraint(["first"], ["decisions.id"], name="fk_doubles_first"),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_doubles_task"),
        sa.ForeignKeyConstraint(["adjudication"], ["tasks.id"], name="fk_doubles_adjudication"),
        sa.PrimaryKeyConstraint("item", name="pk_doubles"),
        sa.UniqueConstraint("first", name="uq_doubles_first"),
        sa.UniqueConstraint("task", name="uq_doubles_task"),
        sa.UniqueConstraint("adjudication", name="uq_doubles_adjudication"),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_doubles_due", "doubles", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "takers",
        sa.Column("item", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("reviewer", _NUMBER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name="fk_takers_item"),
        sa.ForeignKeyConstraint(["reviewer"], ["reviewers.id"], name="fk_takers_reviewer"),
        sa.PrimaryKeyConstraint("item", "reviewer", name="pk_takers"),
    )


def _make_statements() -> None:
    op.create_table(
        "statements",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("measure", _NUMBER, nullable=False),
        sa.Column("puid", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("body", _JSON, nullable=True),
        sa.Column("fault", sa.String(length=500), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("made_at", "due_at")),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("uuid", sa.String(length=64), nullable=True),
        sa.Column("permalink", sa.String(length=500), nullable=True),
        sa.Column("stored_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["measure"], ["measures.id"], name="fk_statements_measure"),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
        sa.UniqueConstraint("measure", name="uq_statements_measure"),
        sa.UniqueConstraint("puid", name="uq_statements_puid"),
    )
    unsent, kept = sa.text("state IN ('waiting', 'sending')"), sa.text("erased_at IS NULL")
    op.create_index(
        "ix_statements_unsent",
        "statements",
        ["due_at", "id"],
        sqlite_where=unsent,
        postgresql_where=unsent,
    )
    op.create_index("ix_items_kept", "items", ["received_at", "id"], sqlite_where=kept, postgresql_where=kept)
