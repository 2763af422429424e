"""Work that is cheap for many and dear for one, done for all requests of a moment at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Together"]

Given = TypeVar("Given")
Made = TypeVar("Made")


class Together(Generic[Given, Made]):
    """Apply a function of many to what requests bring within one turn of the event loop.

    The scoring core answers many requests at once; this keeps together what it brought together. The
    function returns as many values as it was given, in order; where it raises, all of them hear so.
    """

    def __init__(self, function: Callable[[Sequence[Given]], Sequence[Made]]) -> None:
        self._function = function
        self._waiting: list[tuple[Sequence[Given], asyncio.Future[Sequence[Made]]]] = []

    async def __call__(self, given: Sequence[Given]) -> Sequence[Made]:
        """Return one value for each of `given`, in order."""
        loop = asyncio.get_running_loop()
        made: asyncio.Future[Sequence[Made]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._apply)
        self._waiting.append((given, made))
        return await made

    def _apply(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            values = self._function([one for given, _ in waiting for one in given])
        except Exception as error:  # noqa: BLE001 - it is raised again, for everybody
            for _, made in waiting:
                if not made.done():
                    made.set_exception(error)
            return
        place = 0
        for given, made in waiting:
            if not made.done():
                made.set_result(values[place : place + len(given)])
            place += len(given)
