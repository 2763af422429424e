"""One item a line in, one answer a line out, in bounded memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from starlette.requests import ClientDisconnect

from tocsin.item import Item
from tocsin.service.api.native.cutter import Cutter, Line
from tocsin.service.api.native.items import answer_body, error_body, read_body
from tocsin.service.api.native.spool import Spool, SpoolResponse
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import read_json
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.scoring import Outcome

__all__ = ["NDJSON_TYPES", "assess_lines", "is_ndjson"]

NDJSON_TYPES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_GROUP_LINES: Final = 256
_GROUP_BYTES: Final = 1_048_576
_LEAST_BYTES: Final = 512  # what a line counts as: a short one has a long answer too
_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 1.0
_LEAST_BYTES_A_S: Final = 1_024
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def is_ndjson(request: Request) -> bool:
    """Say whether a body comes as lines."""
    return _media(request) in NDJSON_TYPES


async def assess_lines(call: Call) -> Response:
    """Judge the item of every line; answer once all were read.

    Most clients send everything before they read anything: answers sent meanwhile would fill the
    connection until both sides wait for each other. Raises Refusal where the whole request is refused.
    """
    explain, remember = _flag(call, "explain", default=False), _flag(call, "remember", default=True)
    if explain:
        call.require(Scope.EXPLAIN)
    stream = _Stream(call, explain=explain, remember=remember)
    spool = Spool()
    try:
        async for lines in _groups(call):
            await spool.write(await stream.answers(lines))
            await asyncio.sleep(0)  # lines that are all bad wait for nothing: let others have their turn
        await spool.rewind()  # before the answer begins: what is on its way to the disk may not fit
    except BaseException:
        spool.close()
        raise
    return SpoolResponse(spool, _media(call.request))


class _Stream:
    """Answer the lines of one request, a group at a time."""

    def __init__(self, call: Call, *, explain: bool, remember: bool) -> None:
        self._call = call
        self._explain = explain
        self._remember = remember
        self._place = 0

    async def answers(self, lines: Sequence[Line]) -> bytes:
        """Return one answer a line, in order, each with its line feed."""
        read = [self._read(line) for line in lines]
        items = [one for one in read if isinstance(one, Item)]
        outcomes = iter(await self._outcomes(items))
        written = bytearray()
        for line, one in zip(lines, read, strict=True):
            answer = _answer(one, next(outcomes)) if isinstance(one, Item) else one
            if "error" in answer:
                answer["error"]["line"] = line.number
            written += to_json(answer, inf_nan_mode="constants") + b"\n"
        return bytes(written)

    def _read(self, line: Line) -> Item | dict[str, Any]:
        place, self._place = self._place, self._place + 1
        if line.content is None:
            most = self._call.service.settings.max_body_bytes
            message = f"a line must be at most {most:,} bytes long, was {line.size:,}"
            return error_body(str(place), "bad_item", message)
        try:
            body = read_json(line.content)
        except ValueError as error:
            message = (
                f"a line must be JSON in UTF-8: {str(error).replace(' at line 1 column ', ' at column ')}"
            )
            return error_body(str(place), "bad_item", message)
        return read_body(body, place)

    async def _outcomes(self, items: Sequence[Item]) -> Sequence[Outcome | Refusal]:
        """Return an outcome an item, or why there is none; raise Refusal where no text was judged yet."""
        if not items:
            return ()
        judged = self._call.texts
        try:
            return await self._patiently(items)
        except Refusal as refusal:
            if refusal.why is Why.RATE_LIMITED and not judged:
                raise
            return [refusal] * len(items)

    async def _patiently(self, items: Sequence[Item]) -> Sequence[Outcome]:
        """Return outcomes; where too much waits already, come back until the deadline."""
        until = time.monotonic() + self._call.service.settings.deadline_ms / 1000
        wait = _FIRST_WAIT_S
        while True:
            try:
                return await self._call.assess(items, explain=self._explain, remember=self._remember)
            except Refusal as refusal:
                if refusal.why is not Why.OVERLOADED or time.monotonic() + wait >= until:
                    raise
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)


def _answer(item: Item, outcome: Outcome | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return error_body(item.id, outcome.why.value, outcome.message)
    return answer_body(item, outcome)


async def _groups(call: Call) -> AsyncIterator[list[Line]]:
    """Yield the lines that are not blank, so many at a time as are scored together."""
    most = min(_GROUP_LINES, call.service.limiter.limit(call.key) or _GROUP_LINES)
    group: list[Line] = []
    held = seen = 0
    async for line in _lines(call):
        seen += 1
        if not seen % _GROUP_LINES:
            await asyncio.sleep(0)  # nor do blank ones, however many arrive at once
        if line.content is not None and not line.content.strip():
            continue
        group.append(line)
        held += line.size if line.content is not None else 0
        if len(group) >= most or held >= _GROUP_BYTES:
            yield group
            group, held = [], 0
    if group:
        yield group


async def _lines(call: Call) -> AsyncIterator[Line]:
    """Yield every line as it arrives, without a byte order mark; raise Refusal where all are too long."""
    settings = call.service.settings
    cutter = Cutter(settings.max_body_bytes)
    read = 0
    async for chunk in _chunks(call):
        for line in cutter.feed(chunk):
            read += max(_LEAST_BYTES - line.size, 0)
            yield _unmarked(line)
        read += len(chunk)
        _bound(read, settings.max_stream_bytes)
    for line in cutter.rest():
        yield _unmarked(line)


async def _chunks(call: Call) -> AsyncIterator[bytes]:
    """Yield what arrives; raise Refusal where nothing does for too long, or little for longer.

    What counts is the time that the client is waited for, not the time that lines are scored.
    """
    said = call.request.headers.get("content-length", "")
    _bound(int(said) if said.isdecimal() else 0, call.service.settings.max_stream_bytes)
    seconds = call.service.settings.body_timeout_ms / 1000
    stream = aiter(call.request.stream())
    read, waited = 0, 0.0
    while True:
        started = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise _too_slow(seconds) from None
        except ClientDisconnect:
            raise Refusal(Why.BAD_REQUEST, "the body must be as long as it says: the client left") from None
        if chunk is None:
            return
        waited += time.monotonic() - started
        read += len(chunk)
        if waited > max(seconds, read / _LEAST_BYTES_A_S):
            raise _too_slow(seconds)
        yield chunk


def _too_slow(seconds: float) -> Refusal:
    return Refusal(
        Why.BODY_TIMEOUT,
        f"more of the body must arrive within {seconds:g} s, and {_LEAST_BYTES_A_S:,} bytes a second"
        f" after the first {seconds:g} s",
    )


def _bound(read: int, most: int) -> None:
    if read > most:
        raise Refusal(
            Why.BODY_TOO_LARGE,
            f"NDJSON must be at most {most:,} bytes long, where a line counts as {_LEAST_BYTES} at least,"
            f" was {read:,} or more",
        )


def _unmarked(line: Line) -> Line:
    if line.number > 1 or line.content is None:
        return line
    return replace(line, content=line.content.removeprefix(_UTF8_MARK))


def _flag(call: Call, name: str, *, default: bool) -> bool:
    given = call.request.query_params.get(name)
    if given is None:
        return default
    if given.lower() not in {"true", "false"}:
        raise Refusal(Why.BAD_REQUEST, f"{name} must be true or false, was {given[:64]!r}")
    return given.lower() == "true"


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
