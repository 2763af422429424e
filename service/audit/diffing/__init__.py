"""Two audits of the same rows beside each other: what flips, and a sample of it for people to look at."""

from tocsin.service.audit.diffing.comparing import Diff, DiffPlan, compare
from tocsin.service.audit.diffing.flips import Flip
from tocsin.service.audit.diffing.layout import DiffLayout
from tocsin.service.audit.diffing.records import DiffRecord
from tocsin.service.audit.diffing.side import open_side, shared_slices
from tocsin.service.audit.diffing.writing import read_diff, write_diff, write_flips

__all__ = [
    "Diff",
    "DiffLayout",
    "DiffPlan",
    "DiffRecord",
    "Flip",
    "compare",
    "open_side",
    "read_diff",
    "shared_slices",
    "write_diff",
    "write_flips",
]
