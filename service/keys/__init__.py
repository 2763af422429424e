"""Keys: who may ask for what, and how much of it."""

from tocsin.service.keys.changes import create_key, revoke_key, rotate_key
from tocsin.service.keys.file_keys import FileKeys
from tocsin.service.keys.key import ANONYMOUS, Key
from tocsin.service.keys.key_file import KeyFile
from tocsin.service.keys.limiter import SharedLimiter, make_limits_file
from tocsin.service.keys.ring import KeyRing, Limiter
from tocsin.service.keys.scope import Scope

__all__ = [
    "ANONYMOUS",
    "FileKeys",
    "Key",
    "KeyFile",
    "KeyRing",
    "Limiter",
    "Scope",
    "SharedLimiter",
    "create_key",
    "make_limits_file",
    "revoke_key",
    "rotate_key",
]
