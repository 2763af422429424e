"""Quality: what decisions say of the model and of those who decide, and what they teach."""

__all__: list[str] = []
