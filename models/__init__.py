"""A bundle on disk becomes a scorer."""

from tocsin.models.bundle import Bundle, read_bundle
from tocsin.models.loading import DEFAULT_BUNDLE, load
from tocsin.models.scorer import Scorer

__all__ = ["DEFAULT_BUNDLE", "Bundle", "Scorer", "load", "read_bundle"]
