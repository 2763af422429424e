"""The desk: the queue's work, each piece of it one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.errors import StoreAwayError
from tocsin.service.review.store import Store

__all__ = ["Desk"]

Given = ParamSpec("Given")
Made = TypeVar("Made")
Work = Callable[Concatenate[Connection, Context, Given], Made]

_THREADS: Final = 8  # as many as the store has connections
_MOST_ASKED: Final = 48  # fewer than the requests that a worker answers at a time: scoring goes on
_PATIENCE_S: Final = 30  # more than the database's own, all tries together


class Desk:
    """Run the functions of `intake`, `tasks`, `decisions` and `records` on a database.

    Each takes the connection of its transaction and the context first. Raises what they do, and StoreError.
    """

    def __init__(self, store: Store, context: Context) -> None:
        self.store = store
        self.context = context
        self._asked = 0
        self._counting = Lock()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="tocsin-review")

    def read(self, work: Work[Given, Made], *args: Given.args, **more: Given.kwargs) -> Made:
        """Return what `work` reads."""
        return self.store.read(lambda tx: work(tx, self.context, *args, **more))

    def write(self, work: Work[Given, Made], *args: Given.args, **more: Given.kwargs) -> Made:
        """Return what `work` comes to, once it is on the disk."""
        return self.store.write(lambda tx: work(tx, self.context, *args, **more))

    def jot(self, work: Work[Given, Made], *args: Given.args, **more: Given.kwargs) -> Made:
        """Return what `work` comes to; a power cut may lose it: a claim, which would lapse anyway."""
        return self.store.write(lambda tx: work(tx, self.context, *args, **more), durable=False)

    async def aside(self, work: Callable[[], Made]) -> Made:
        """Return what `work` comes to in a thread of the desk's own.

        Raises StoreAwayError where too much waits for the database already, or where it takes too long: then
        the work may still come to its end, and must bear being asked for again.
        """
        if self._asked >= _MOST_ASKED:
            raise StoreAwayError("too much waits for the database already: come back")
        with self._counting:
            self._asked += 1
        done = self._pool.submit(work)
        done.add_done_callback(lambda _: self._answered())
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await asyncio.wrap_future(done)
        except TimeoutError:
            raise StoreAwayError(f"the database must answer within {_PATIENCE_S} s, did not") from None

    def _answered(self) -> None:
        with self._counting:
            self._asked -= 1

    def close(self) -> None:
        """Let what runs finish, then give back every connection."""
        self._pool.shutdown(wait=True)
        self.store.close()
