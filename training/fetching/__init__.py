"""Files of corpora: brought into the data folder whole, and checked there."""

from tocsin.training.fetching.fetch import fetch
from tocsin.training.fetching.folder import Folder
from tocsin.training.fetching.outcome import IN_PLACE, Outcome, State
from tocsin.training.fetching.patience import Patience
from tocsin.training.fetching.source import Source
from tocsin.training.fetching.verify import Condition, Finding, check_files, examine
from tocsin.training.fetching.wanted import Wanted, Watch
from tocsin.training.fetching.web import Web, open_web

__all__ = [
    "IN_PLACE",
    "Condition",
    "Finding",
    "Folder",
    "Outcome",
    "Patience",
    "Source",
    "State",
    "Wanted",
    "Watch",
    "Web",
    "check_files",
    "examine",
    "fetch",
    "open_web",
]
