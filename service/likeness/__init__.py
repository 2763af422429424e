"""How alike texts are: shingles, keys under which near-copies meet, and sketches to compare them by."""

from tocsin.service.likeness.banding import BANDS, MINIMA, bands
from tocsin.service.likeness.many import Hashed, hash_many
from tocsin.service.likeness.shingles import LENGTH, NEAR, jaccard, shingles
from tocsin.service.likeness.sketches import EMPTY, SKETCH, resemblance

__all__ = [
    "BANDS",
    "EMPTY",
    "LENGTH",
    "MINIMA",
    "NEAR",
    "SKETCH",
    "Hashed",
    "bands",
    "hash_many",
    "jaccard",
    "resemblance",
    "shingles",
]
