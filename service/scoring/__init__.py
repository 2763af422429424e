"""The scoring core that every HTTP face stands on."""

from tocsin.service.scoring.engine import Engine
from tocsin.service.scoring.limits import EngineLimits
from tocsin.service.scoring.memory import Memory
from tocsin.service.scoring.observer import Observer
from tocsin.service.scoring.outcome import DeadlinePassedError, Outcome, OverloadedError, StoppingError

__all__ = [
    "DeadlinePassedError",
    "Engine",
    "EngineLimits",
    "Memory",
    "Observer",
    "Outcome",
    "OverloadedError",
    "StoppingError",
]
