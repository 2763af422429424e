"""The server as processes."""

__all__: list[str] = []
