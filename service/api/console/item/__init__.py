"""What the item page shows, worked out before it is rendered: masked texts, scores in words."""

__all__: list[str] = []
