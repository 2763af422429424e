"""Which addresses a corpus may come from, how one is reached, and how it is shown."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final

import httpx2

from tocsin.errors import CorpusError

__all__ = ["MOST_REDIRECTS", "objection", "open_address", "shown_url"]

MOST_REDIRECTS: Final = 5
LONGEST_SHOWN: Final = 200


@contextmanager
def open_address(client: httpx2.Client, url: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
    """Hand out the answer to a GET, its body unread, behind at most MOST_REDIRECTS redirects.

    Raises CorpusError where an address on the way breaks a rule, before anything is sent there.
    """
    request = client.build_request("GET", url, headers=headers)
    previous = None
    for _ in range(MOST_REDIRECTS + 1):
        if why := objection(request.url, previous):
            raise CorpusError(why)
        with closing(client.send(request, stream=True, follow_redirects=False)) as response:
            if not response.has_redirect_location:
                yield response
                return
            if response.next_request is None:
                raise CorpusError(f"a redirect must name a URL, did not: {shown_url(request.url)}")
            request, previous = response.next_request, request.url
    raise CorpusError(f"redirects must be at most {MOST_REDIRECTS}, were more: {shown_url(httpx2.URL(url))}")


def objection(url: httpx2.URL, redirected_from: httpx2.URL | None = None) -> str | None:
    """Return which rule `url` breaks, None for none.

    Corpora come by https. Plain http is for this machine alone (a mirror, a test), and no redirect
    from elsewhere may lead to this machine.
    """
    local = _is_loopback(url.host)
    if url.scheme != "https" and not (url.scheme == "http" and local):
        return f"a corpus must come by https (by http from this machine alone), was {shown_url(url)}"
    if redirected_from is not None and local and not _is_loopback(redirected_from.host):
        return f"a redirect must not lead to this machine, was {shown_url(url)}"
    return None


def shown_url(url: httpx2.URL) -> str:
    """Return a URL without user, password, query and fragment: any of them may be secret."""
    path, _, _ = url.raw_path.partition(b"?")
    text = f"{url.scheme}://{url.netloc.decode('ascii')}{path.decode('ascii')}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
