"""The openai face."""

__all__: list[str] = []
