"""The Perspective face: Comment Analyzer `v1alpha1`, for the attributes that a signal supports."""

from tocsin.service.api.perspective.caveats import caveats
from tocsin.service.api.perspective.face import PerspectiveFace

__all__ = ["PerspectiveFace", "caveats"]
