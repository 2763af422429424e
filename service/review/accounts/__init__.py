"""Accounts: who may sign in, and how."""

__all__: list[str] = []
