"""Double review: some of what was decided is decided once more, blind, and what differs goes to a third."""

__all__: list[str] = []
