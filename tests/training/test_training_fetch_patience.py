from email.utils import formatdate

import pytest

from tocsin.training.fetching.patience import Patience, asked_wait

NOW = 1_000_000_000.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param(None, None, id="nothing-said"),
        pytest.param("0", 0, id="at-once"),
        pytest.param("120", 120, id="seconds"),
        pytest.param("9" * 400, float("inf"), id="more-seconds-than-a-number-holds"),
        pytest.param(formatdate(NOW + 90, usegmt=True), 90, id="date"),
        pytest.param(formatdate(NOW + 90), 90, id="date-that-names-no-zone"),
        pytest.param("Sun, 09 Sep 2001 03:48:10 +0200", 90, id="date-in-another-zone"),
        pytest.param(formatdate(NOW - 90, usegmt=True), 0, id="date-that-has-passed"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("²", None, id="digit-of-another-kind"),
        pytest.param("soon", None, id="word"),
        pytest.param("", None, id="empty"),
        pytest.param("Mon, 99 Foo 2001 99:99:99 GMT", None, id="no-date"),
    ],
)
def test_a_server_may_ask_for_a_wait_in_seconds_or_until_a_date(
    header: str | None, seconds: float | None
) -> None:
    assert asked_wait(header, NOW) == seconds


@pytest.mark.parametrize(
    ("tried", "asked", "wait"),
    [
        pytest.param(1, None, 1, id="first"),
        pytest.param(2, None, 2, id="doubles"),
        pytest.param(4, None, 5, id="doubles-up-to-the-longest"),
        pytest.param(5, None, None, id="no-attempt-left"),
        pytest.param(4, 0.0, 0, id="asked-for-less"),
        pytest.param(1, 5.0, 5, id="asked-for-just-the-longest"),
        pytest.param(1, 5.1, None, id="asked-for-more-than-the-longest"),
        pytest.param(5, 1.0, None, id="asked-but-no-attempt-left"),
    ],
)
def test_waits_grow_to_a_limit_and_what_a_server_asks_for_comes_first(
    tried: int, asked: float | None, wait: float | None
) -> None:
    assert Patience(attempts=5, first=1, longest=5).wait(tried, asked) == wait
