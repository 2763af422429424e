"""Keys: who may ask for what, and how much of it."""

from tocsin.service.keys.key import ANONYMOUS, Key
from tocsin.service.keys.ring import KeyRing, Limiter
from tocsin.service.keys.scope import Scope

__all__ = ["ANONYMOUS", "Key", "KeyRing", "Limiter", "Scope"]
