"""Flag extremist recruitment and incitement language for human reviewers.

>>> import tocsin
>>> scorer = tocsin.load()
>>> scorer.assess(["The Zorbian choir sings on Friday; everybody is welcome."])[0].status.value
'scored'
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.assessment import Assessment as Assessment
    from tocsin.errors import TocsinError as TocsinError
    from tocsin.item import Item as Item
    from tocsin.models import Scorer as Scorer
    from tocsin.models import load as load
    from tocsin.signals import Signal as Signal

__all__ = ["Assessment", "Item", "Scorer", "Signal", "TocsinError", "__version__", "load"]

__version__ = version("tocsin")

# Names load on first use: the command line must answer before NumPy is in memory.
_HOMES = {
    "Assessment": "tocsin.assessment",
    "Item": "tocsin.item",
    "Scorer": "tocsin.models",
    "Signal": "tocsin.signals",
    "TocsinError": "tocsin.errors",
    "load": "tocsin.models",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tocsin' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)
