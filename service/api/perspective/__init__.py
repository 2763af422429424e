"""The perspective face."""

__all__: list[str] = []
