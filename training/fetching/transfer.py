"""One attempt to bring the rest of a file over HTTP.

What may pass is a `Setback`, and the attempt may be repeated; what stays wrong is a CorpusError. No
If-Range is sent: the checksum that is known beforehand says more than any ETag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import httpx2

from tocsin.errors import CorpusError
from tocsin.training.corpora.corpus import CorpusFile
from tocsin.training.fetching.address import open_address, shown_url
from tocsin.training.fetching.part import Part

__all__ = ["Setback", "transfer"]

CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
UNSATISFIED_RANGE: Final = re.compile(r"bytes \*/(\d{1,18})")
PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
HOST_WIDE: Final = (httpx2.TimeoutException, httpx2.ConnectError, httpx2.ProxyError)
LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Setback:
    """Say why an attempt failed that may be repeated.

    `retry_after` is the header of that name; `at_once` needs no wait; `host_wide` is likely to
    befall the host's other files too.
    """

    reason: str
    retry_after: str | None = None
    at_once: bool = False
    host_wide: bool = False


def transfer(
    client: httpx2.Client, url: str, part: Part, file: CorpusFile, on_bytes: Callable[[int], None]
) -> Setback | None:
    """Add to `part` what it lacks; return None where it then has as many bytes as it should.

    `on_bytes` hears how many there are. Raises CorpusError where another attempt cannot help.
    """
    headers = {"Range": f"bytes={part.size}-"} if part.size else {}
    try:
        with open_address(client, url, headers) as response:
            begin = _ANSWERS.get(response.status_code, _refuse)
            return begin(response, part, file) or _pour(response, part, file, on_bytes)
    except httpx2.InvalidURL as error:
        raise CorpusError(f"the address of a file must be a URL: {error}") from error
    except httpx2.TransportError as error:
        return Setback(_told(error, client.timeout), host_wide=isinstance(error, HOST_WIDE))


def _begin_whole(response: httpx2.Response, part: Part, file: CorpusFile) -> Setback | None:
    part.reset()  # a server that cannot resume sends everything
    _require_plain(response)
    announced = response.headers.get("Content-Length", str(file.size))
    if announced != str(file.size):
        raise CorpusError(f"size must be {file.size} bytes, the server announces {announced[:LONGEST_SHOWN]}")
    return None


def _begin_rest(response: httpx2.Response, part: Part, file: CorpusFile) -> Setback | None:
    _require_plain(response)
    said = response.headers.get("Content-Range", "")
    found = CONTENT_RANGE.fullmatch(said)
    if found and int(found[1]) == part.size and found[3] in {"*", str(file.size)}:
        return None
    wish = f"bytes {part.size}-{file.size - 1}/{file.size}"
    part.reset()
    return Setback(f"Content-Range must be {wish}, was {said[:LONGEST_SHOWN]!r}", at_once=True)


def _begin_again(response: httpx2.Response, part: Part, file: CorpusFile) -> Setback | None:
    if not part.size:
        return _refuse(response, part, file)
    found = UNSATISFIED_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    had = part.size
    part.reset()
    if found and int(found[1]) != file.size:
        raise CorpusError(f"size must be {file.size} bytes, the server's file has {found[1]}")
    return Setback(f"the server must have bytes from {had} on, says that it has not", at_once=True)


def _refuse(response: httpx2.Response, _part: Part, _file: CorpusFile) -> Setback:
    status, url = response.status_code, response.request.url
    reason = f"{url.host} must answer 200 or 206, was {status}: {shown_url(url)}"
    if not response.is_server_error and status not in PASSING:
        raise CorpusError(reason)
    return Setback(reason, response.headers.get("Retry-After"), host_wide=status in BUSY)


_ANSWERS: Final[Mapping[int, Callable[[httpx2.Response, Part, CorpusFile], Setback | None]]] = {
    HTTPStatus.OK: _begin_whole,
    HTTPStatus.PARTIAL_CONTENT: _begin_rest,
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: _begin_again,
}


def _require_plain(response: httpx2.Response) -> None:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise CorpusError(f"a file must be sent as it is, was encoded: {encoding[:LONGEST_SHOWN]!r}")


def _pour(
    response: httpx2.Response, part: Part, file: CorpusFile, on_bytes: Callable[[int], None]
) -> Setback | None:
    for chunk in response.iter_raw():
        if part.size + len(chunk) > file.size:
            part.reset()
            raise CorpusError(f"size must be {file.size} bytes, more arrived")
        part.append(chunk)
        on_bytes(part.size)
    if part.size < file.size:
        return Setback(f"size must be {file.size} bytes, the connection ended after {part.size}")
    return None


def _told(error: httpx2.TransportError, timeout: httpx2.Timeout) -> str:
    host = error.request.url.host
    if isinstance(error, httpx2.TimeoutException):
        return f"{host} must answer within {timeout.read:g} s, did not"
    rule = "be reachable" if isinstance(error, HOST_WIDE) else "send the whole file"
    return f"{host} must {rule}: {error}"
