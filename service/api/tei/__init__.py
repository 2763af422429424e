"""The tei face."""

__all__: list[str] = []
