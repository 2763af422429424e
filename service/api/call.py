"""One request on its way through: who asks, what they sent, and the way to the scoring core."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import parse_json
from tocsin.service.keys import ANONYMOUS, Key, Scope
from tocsin.service.scoring import DeadlinePassedError, OverloadedError, StoppingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from tocsin.item import Item
    from tocsin.service.api.service import Service
    from tocsin.service.scoring import Outcome

__all__ = ["Call"]


@dataclass(slots=True)
class Call:
    """Hold one request and what it may do; `texts` counts what it has had judged so far."""

    service: Service
    request: Request
    key: Key = ANONYMOUS
    texts: int = 0

    def require(self, scope: Scope) -> None:
        """Raise Refusal unless the key has `scope`."""
        if not self.key.may(scope):
            raise Refusal(
                Why.SCOPE_MISSING, f"the key must have the scope {scope.value}, it has {_listed(self.key)}"
            )

    async def body(self) -> bytes:
        """Return the whole body; raise Refusal where it is longer or slower than the settings allow."""
        most = self.service.settings.max_body_bytes
        said = self.request.headers.get("content-length", "")
        _bound(int(said) if said.isdecimal() else 0, most)
        seconds = self.service.settings.body_timeout_ms / 1000
        try:
            async with asyncio.timeout(seconds):
                return await self._read(most)
        except TimeoutError:
            raise Refusal(Why.BODY_TIMEOUT, f"the body must arrive within {seconds:g} s") from None

    async def json(self) -> Any:
        """Return the body as JSON; raise Refusal where it is none."""
        return parse_json(await self.body())

    async def assess(
        self, items: Sequence[Item], *, explain: bool = False, remember: bool = True
    ) -> list[Outcome]:
        """Charge the key and return one outcome an item, in order; raise Refusal where none come.

        A request that finds no room is not charged.
        """
        engine = self.service.engine
        settings = self.service.settings
        try:
            engine.check_room(items)
            self.charge(len(items))
            return await engine.assess(
                items, deadline_s=settings.deadline_ms / 1000, explain=explain, remember=remember
            )
        except OverloadedError as error:
            raise Refusal(Why.OVERLOADED, str(error), retry_after=error.retry_after) from error
        except StoppingError as error:
            raise Refusal(Why.STOPPING, str(error), retry_after=1) from error
        except DeadlinePassedError as error:
            raise Refusal(Why.DEADLINE_PASSED, str(error), retry_after=1) from error

    def charge(self, texts: int) -> None:
        """Count `texts` against the key's limit; raise Refusal where it is reached."""
        limiter = self.service.limiter
        wait = limiter.take(self.key, texts)
        if wait:
            limit = limiter.limit(self.key)
            if wait == float("inf"):
                raise Refusal(
                    Why.RATE_LIMITED,
                    f"one request must hold at most as many texts as its key may have judged in a minute,"
                    f" {limit}, was {texts}",
                    limit=limit,
                )
            raise Refusal(
                Why.RATE_LIMITED,
                f"the key may have {limit} texts judged a minute: come back in {wait:.1f} s",
                retry_after=wait,
                limit=limit,
            )
        self.texts += texts

    async def _read(self, most: int) -> bytes:
        body = bytearray()
        while True:
            message = await self.request.receive()
            if message["type"] == "http.disconnect":
                raise Refusal(Why.BAD_REQUEST, "the body must be as long as it says: the client left")
            chunk = message.get("body", b"")
            if not message.get("more_body", False) and not body:
                _bound(len(chunk), most)
                return bytes(chunk)  # as most bodies come, whole
            body += chunk
            _bound(len(body), most)
            if not message.get("more_body", False):
                return bytes(body)


def _bound(read: int, most: int) -> None:
    if read > most:
        raise Refusal(Why.BODY_TOO_LARGE, f"a body must be at most {most:,} bytes long, was {read:,} or more")


def _listed(key: Key) -> str:
    return ", ".join(sorted(key.scopes)) or "none"
