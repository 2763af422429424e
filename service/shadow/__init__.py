"""Shadow mode: a second bundle or policy file judges the same texts, and nobody acts on it."""

from tocsin.service.shadow.comparison import Comparison
from tocsin.service.shadow.making import make_shadow
from tocsin.service.shadow.report import shadow_report
from tocsin.service.shadow.shadow import Shadow

__all__ = ["Comparison", "Shadow", "make_shadow", "shadow_report"]
