"""Migrations of the review queue's tables, run by Alembic."""

__all__: list[str] = []
