"""The native face: every field of an assessment."""

from tocsin.service.api.native.face import NativeFace

__all__ = ["NativeFace"]
