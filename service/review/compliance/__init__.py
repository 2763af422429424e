"""What law asks: statements of reasons, counts, the record of orders, how long things are kept."""

__all__: list[str] = []
