"""Where the review queue is kept: SQLite within a file, or PostgreSQL."""

from tocsin.service.review.store import (  # noqa: F401 - or the metadata lacks them
    compliance_tables,
    console_tables,
    correction_tables,
    learning_tables,
    sample_tables,
)
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.store import Store
from tocsin.service.review.store.url import parse_url, shown_url
from tocsin.service.review.store.versions import downgrade, is_current, upgrade

__all__ = ["Moment", "Store", "downgrade", "is_current", "parse_url", "shown_url", "upgrade"]
