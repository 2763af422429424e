"""Which attributes are answered, each by one signal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tocsin.errors import SettingsError
from tocsin.signals import Signal

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings

__all__ = ["ATTRIBUTES", "EXTENSIONS", "PERSPECTIVE", "answered"]

PERSPECTIVE: Final[Mapping[str, Signal]] = MappingProxyType(
    {
        "THREAT": Signal.THREAT,
        "THREAT_EXPERIMENTAL": Signal.THREAT,
        "IDENTITY_ATTACK": Signal.HATE,
        "IDENTITY_ATTACK_EXPERIMENTAL": Signal.HATE,
    }
)
EXTENSIONS: Final[Mapping[str, Signal]] = MappingProxyType(
    {signal.value.upper(): signal for signal in Signal if signal.value.upper() not in PERSPECTIVE}
)
ATTRIBUTES: Final[Mapping[str, Signal]] = MappingProxyType({**PERSPECTIVE, **EXTENSIONS})

_NAME: Final = re.compile(r"[A-Z_]+")


def answered(settings: ServeSettings) -> Mapping[str, Signal]:
    """Return every attribute that this server answers, with its signal.

    Raises SettingsError where `perspective_map` names one that is answered anyway, or no attribute.
    """
    for name in settings.perspective_map:
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"perspective_map: an attribute must be capitals and underscores, was {name!r}"
            )
        if name in ATTRIBUTES:
            raise SettingsError(
                f"perspective_map: {name} always stands for the signal {ATTRIBUTES[name].value}"
                " and cannot be mapped"
            )
    return MappingProxyType({**ATTRIBUTES, **settings.perspective_map})
