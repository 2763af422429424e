"""Which cleared texts the encoder reads all the same: a sample that their content does not choose."""

from __future__ import annotations

import hashlib

__all__ = ["is_checked"]

_SCALE = 1 << 64


def is_checked(text: str, share: float, key: str) -> bool:
    """Say whether a text is in the sample: by a keyed hash of it, so that it always or never is.

    `share` in [0, 1] is that of distinct texts. A text must get the same answer alone and in any batch, so
    nothing is drawn.
    """
    if share <= 0:
        return False
    told = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=key.encode()[:64])
    return int.from_bytes(told.digest(), "big") < share * _SCALE
