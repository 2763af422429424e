"""A face: one wire format over the scoring core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.service.api.operation import Operation
    from tocsin.service.api.refusal import Refusal

__all__ = ["Face"]


class Face(Protocol):
    """Answer operations, and refuse requests, in one wire format."""

    @property
    def name(self) -> str:
        """Return the face's name, as metrics and logs call it."""
        ...

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what the face answers."""
        ...

    def refuse(self, refusal: Refusal) -> Response:
        """Return the error that says `refusal` in this wire format."""
        ...
