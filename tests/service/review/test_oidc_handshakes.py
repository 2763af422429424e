"""Sign-ins that are at the provider: ended once, in time, by the browser that began them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from tocsin.service.review.accounts.oidc import handshakes as module
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.handshakes import (
    LASTS,
    Begun,
    Handshake,
    begin_handshake,
    take_handshake,
)
from tocsin.service.review.contract_testing import FixedClock, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.store.console_tables import handshakes


def begin(desk: Desk, onward: str = "/review/tasks/7") -> Begun:
    return desk.write(begin_handshake, onward)


def take(desk: Desk, state: str, binding: str) -> Handshake | None:
    """Return the handshake that this ends, None where it ends none, which must be said as it is."""
    try:
        return desk.write(take_handshake, state, binding)
    except ProviderError as error:
        return None if error.fault is Fault.LAPSED else pytest.fail(str(error))


def test_a_handshake_ends_once(desk: Desk) -> None:
    begun = begin(desk)

    ended = take(desk, begun.state, begun.binding)

    assert ended is not None
    assert (ended.nonce, ended.onward, ended.invitation) == (begun.nonce, "/review/tasks/7", None)
    assert take(desk, begun.state, begun.binding) is None


def test_of_many_who_end_it_at_once_one_does(desk: Desk) -> None:
    begun = begin(desk)

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: take(desk, begun.state, begun.binding), range(8)))

    assert sum(one is not None for one in ended) == 1


def test_the_challenge_is_the_digest_of_the_verifier(desk: Desk) -> None:
    begun = begin(desk)

    ended = take(desk, begun.state, begun.binding)

    assert ended is not None
    assert 43 <= len(ended.verifier) <= 128  # RFC 7636, 4.1
    digest = urlsafe_b64encode(sha256(ended.verifier.encode()).digest()).decode().rstrip("=")
    assert begun.challenge == digest


def test_another_browser_neither_ends_it_nor_keeps_its_own_from_ending_it(desk: Desk) -> None:
    begun, other = begin(desk), begin(desk)

    assert take(desk, begun.state, other.binding) is None
    assert take(desk, begun.state, "") is None
    assert take(desk, other.state, begun.binding) is None
    assert take(desk, begun.binding, begun.state) is None
    assert take(desk, begun.state, begun.binding) is not None


@pytest.mark.parametrize("state", ["", "soup", "\x00", "é" * 5_000, "\ud800"])
def test_a_state_that_nobody_began_ends_nothing(desk: Desk, state: str) -> None:
    assert take(desk, state, begin(desk).binding) is None


def test_it_ends_in_time_or_not_at_all(desk: Desk, clock: FixedClock) -> None:
    late, early = begin(desk), begin(desk)

    clock.advance(LASTS.total_seconds() - 1)
    assert take(desk, early.state, early.binding) is not None
    clock.advance(1)
    assert take(desk, late.state, late.binding) is None


def test_those_that_were_never_ended_go(desk: Desk, clock: FixedClock) -> None:
    begin(desk)
    clock.advance(LASTS.total_seconds())

    begin(desk)

    assert len(rows(desk, handshakes)) == 1


def test_no_more_are_kept_than_fit_and_the_latest_stay(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 3)
    begun = []
    for _ in range(5):
        begun.append(begin(desk))
        clock.advance(1)

    assert len(rows(desk, handshakes)) == 3
    assert [take(desk, one.state, one.binding) is not None for one in begun] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_the_database_holds_neither_the_state_nor_what_the_browser_has(desk: Desk) -> None:
    begun = begin(desk)

    kept = " ".join(str(value) for row in rows(desk, handshakes) for value in row)

    assert begun.state not in kept
    assert begun.binding not in kept
    assert begun.state not in repr(begun)
    assert begun.binding not in repr(begun)


def test_no_two_handshakes_share_anything(desk: Desk) -> None:
    both = [begin(desk), begin(desk)]

    told = [value for one in both for value in (one.state, one.nonce, one.challenge, one.binding)]

    assert len(set(told)) == len(told)
    assert all(len(value) >= 43 for value in told)  # 256 bits
