"""The probes face: whether it lives, whether it takes requests, what it counts."""

from tocsin.service.api.probes.face import ProbesFace

__all__ = ["ProbesFace"]
