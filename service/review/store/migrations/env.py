"""Run migrations on the connection that was handed in, within its transaction."""

from __future__ import annotations

from alembic import context

from tocsin.service.review.store.tables import metadata

__all__: list[str] = []


def _run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
        transaction_per_migration=False,
    )
    context.run_migrations()


if hasattr(context, "config"):  # where Alembic runs this, and not where it is only imported
    _run()
