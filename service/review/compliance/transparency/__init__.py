"""What a yearly report needs of the queue (DSA Article 15): counts, median times, accuracy; never persons."""

from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.compliance.transparency.rendering import as_csv, as_markdown, as_plain
from tocsin.service.review.compliance.transparency.summary import Summary, summarise

__all__ = ["Period", "Summary", "as_csv", "as_markdown", "as_plain", "summarise"]
