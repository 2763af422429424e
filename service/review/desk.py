"""The desk: the queue's work, each piece of it one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.store import Store

__all__ = ["Desk"]

Given = ParamSpec("Given")
Made = TypeVar("Made")
Work = Callable[Concatenate[Connection, Context, Given], Made]

_THREADS: Final = 8  # as many as the store has connections


class Desk:
    """Run the functions of `intake`, `tasks`, `decisions` and `records` on a database.

    Each takes the connection of its transaction and the context first. Raises what they do, and StoreError.
    """

    def __init__(self, store: Store, context: Context) -> None:
        self.store = store
        self.context = context
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
        """Return what `work` comes to in a thread of the desk's own."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let what runs finish, then give back every connection."""
        self._pool.shutdown(wait=True)
        self.store.close()
