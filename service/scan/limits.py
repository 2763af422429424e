"""How much an input may ask of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tocsin.errors import LimitError
from tocsin.service.scan.row import Fault

__all__ = ["DEFAULT_EXPANSION", "DEFAULT_RECORD_BYTES", "Limits"]

DEFAULT_RECORD_BYTES: Final = 1024 * 1024
DEFAULT_EXPANSION: Final = 200
# Short files of repeated text compress better than any sensible ratio and cost nothing to read.
ALLOWANCE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound one record in bytes, and what a compressed input may grow to.

    Decompressed bytes may not exceed `expansion` times the compressed bytes read so far, plus
    `allowance_bytes`.
    """

    record_bytes: int = DEFAULT_RECORD_BYTES
    expansion: int = DEFAULT_EXPANSION
    allowance_bytes: int = ALLOWANCE_BYTES

    def check_record(self, size: int) -> None:
        """Refuse one record of `size` bytes where it is too long; the records around it are fine."""
        if size > self.record_bytes:
            raise Fault(f"a record must be at most {self.record_bytes} bytes, was {size} or more")

    def check_expansion(self, source: str, compressed: int, decompressed: int) -> None:
        """Refuse the whole input once it has grown out of all proportion."""
        if decompressed > compressed * self.expansion + self.allowance_bytes:
            raise LimitError(
                f"{source}: decompressed bytes must be at most {self.expansion} times the compressed bytes"
                f" plus {self.allowance_bytes}, was {decompressed} from {compressed}"
            )
