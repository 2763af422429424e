"""The web as a source of files: resumed, tried again, and right or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx2

from tocsin.errors import CorpusError
from tocsin.training.corpora.corpus import CorpusFile
from tocsin.training.fetching.outcome import State
from tocsin.training.fetching.part import Part
from tocsin.training.fetching.patience import Patience, asked_wait
from tocsin.training.fetching.transfer import Setback, transfer
from tocsin.training.fetching.wanted import Wanted, Watch

__all__ = ["TIMEOUT", "Web", "open_web"]

TIMEOUT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Web:
    """Bring files from the URLs that their corpora name.

    `weary` holds hosts that used up a file's patience: their other files get one attempt, so that
    being offline is told at once.
    """

    client: httpx2.Client
    patience: Patience = field(default_factory=Patience)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    weary: set[str] = field(default_factory=set)

    @property
    def brings(self) -> State:
        """Return what a file is called that was downloaded."""
        return State.FETCHED

    def lacks(self, wanted: Wanted) -> str | None:
        """Return why nobody can be asked for a file, None where somebody can."""
        if wanted.file.url is None:
            return f"must be put in place by hand: from {wanted.corpus.origin}"
        return None

    def fill(self, part: Part, wanted: Wanted, watch: Watch) -> None:
        """Bring `part` to the registered bytes; raise CorpusError where they cannot be had."""
        url = wanted.file.url or ""
        host = url.partition("://")[2].partition("/")[0]
        patience = Patience(attempts=1) if host in self.weary else self.patience
        tried = 0
        while setback := self._attempt(url, part, wanted, watch):
            tried += 1
            wait = patience.wait(tried, self._asked(setback))
            if wait is None:
                self.weary.update({host} if setback.host_wide else ())
                raise CorpusError(_given_up(setback))
            if wait:
                watch.waits(wanted, f"{setback.reason}; tries again in {wait:g} s")
                self.sleep(wait)
        self.weary.discard(host)

    def _attempt(self, url: str, part: Part, wanted: Wanted, watch: Watch) -> Setback | None:
        resumed = part.size > 0
        if part.size < wanted.file.size:
            setback = transfer(self.client, url, part, wanted.file, lambda size: watch.arrived(wanted, size))
            if setback:
                return setback
        return _verified(part, wanted.file, resumed=resumed)

    def _asked(self, setback: Setback) -> float | None:
        return 0.0 if setback.at_once else asked_wait(setback.retry_after, self.now())


@contextmanager
def open_web(
    patience: Patience | None = None,
    *,
    timeout: float = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
) -> Iterator[Web]:
    """Hand out the web; `timeout` in seconds bounds connecting, and every wait for more bytes.

    Proxies and certificates are those of the environment (HTTPS_PROXY, SSL_CERT_FILE); http, which is
    for this machine alone, goes by no proxy.
    """
    with httpx2.Client(
        headers={"Accept-Encoding": "identity"},  # a checksum is of bytes as they are
        timeout=timeout,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # none is kept
        follow_redirects=False,
        mounts={"http://": None},
    ) as client:
        yield Web(client, patience or Patience(), sleep, now)


def _verified(part: Part, file: CorpusFile, *, resumed: bool) -> Setback | None:
    """Drop a part whose checksum is wrong; one that began in an earlier run may be had whole."""
    finding = part.compare(file)
    if finding.ok:
        return None
    part.reset()
    if resumed:
        return Setback(str(finding.reason), at_once=True)
    raise CorpusError(str(finding.reason))


def _given_up(setback: Setback) -> str:
    if setback.retry_after is None:
        return setback.reason
    return f"{setback.reason} (Retry-After: {setback.retry_after[:40]})"
