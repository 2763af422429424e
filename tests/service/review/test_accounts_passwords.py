"""Passwords: what may be chosen, how it is kept, and how many are worked out at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from argon2.profiles import CHEAPEST

from tocsin.errors import InputError
from tocsin.service.review.accounts import password as hashing
from tocsin.service.review.accounts.password import (
    LEAST,
    LEAST_ALONE,
    LONGEST,
    check_password,
    hash_password,
    is_outdated,
    is_password,
)
from tocsin.service.review.accounts.testing import PASSWORD, hashing_quickly
from tocsin.service.review.errors import StoreAwayError


def test_a_password_is_kept_as_argon2id_with_the_parameters_of_rfc_9106() -> None:
    kept = hash_password(PASSWORD)

    told = extract_parameters(kept)
    assert (told.type, told.memory_cost, told.time_cost, told.parallelism) == (Type.ID, 65_536, 3, 4)
    assert PASSWORD not in kept
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, PASSWORD.upper())
    assert not is_outdated(kept)


def test_one_password_is_never_kept_in_the_same_words_twice() -> None:
    with hashing_quickly():
        assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_a_hash_of_other_parameters_still_opens_and_is_to_be_made_anew() -> None:
    with hashing_quickly():
        kept = hash_password(PASSWORD)

    assert is_outdated(kept)
    assert is_password(kept, PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "barley" * 3,
        "only small letters here",
        "123 456 789 012 345",
        "Топлые щи с грибами",
        "汤很好喝我们每天都喝汤还有面包和盐",
        "!?!? --- ;;; ... ~~~",
        "x" * 20 + "soup barley" * 90,
    ],
    ids=["one word three times", "letters", "digits", "Cyrillic", "Chinese", "signs alone", "very long"],
)
def test_a_long_password_may_be_of_whatever_characters(password: str) -> None:
    check_password(password, "ada", LEAST_ALONE)


@pytest.mark.parametrize(
    ("password", "least"),
    [
        ("a soup a day!"[:LEAST_ALONE], LEAST_ALONE),
        ("leek soup x", LEAST),
        ("", LEAST),
        ("soup" * (LONGEST // 4) + "s", LEAST),
        ("e\u0301" * 8, LEAST_ALONE),
    ],
    ids=["short where it stands alone", "short beside codes", "none", "too long", "short once composed"],
)
def test_a_password_must_have_so_many_characters(password: str, least: int) -> None:
    with pytest.raises(InputError, match=f"{least} to 1,024"):
        check_password(password, "ada", least)


@pytest.mark.parametrize("length", [LEAST, LONGEST], ids=["the least", "the most"])
def test_the_bounds_belong_to_what_is_allowed(length: int) -> None:
    check_password(("barley soup " * 100)[:length], "ada", LEAST)


def test_a_password_must_not_repeat_a_few_characters() -> None:
    with pytest.raises(InputError, match="different characters"):
        check_password("abababababababab", "ada", LEAST_ALONE)


@pytest.mark.parametrize(
    "password",
    [
        "Marigold Barley",
        "marigoldbarley!1",
        "tocsin tocsin tocsin",
        "MARIGOLD BARLEY tocsin",
        "tocsin-marigoldbarley",
    ],
)
def test_a_password_must_not_be_made_of_a_name_that_anybody_would_try(password: str) -> None:
    with pytest.raises(InputError, match="your own name") as refused:
        check_password(password, "Marigold Barley", LEAST_ALONE)
    assert password not in str(refused.value)


def test_a_name_may_occur_in_a_password_that_says_more() -> None:
    check_password("ada eats leek soup on Fridays", "ada", LEAST_ALONE)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("zoe\u0308 likes barley soup", "zo\u00eb likes barley soup"),
        ("ｓｏｕｐ １２３４５６７８９０", "soup 1234567890"),
    ],
    ids=["composed", "full width"],
)
def test_what_keyboards_write_in_several_ways_is_one_password(kept: str, shown: str) -> None:
    with hashing_quickly():
        assert is_password(hash_password(kept), shown)


@pytest.mark.parametrize(
    "tried", ["", "x" * (LONGEST + 1), "\ud800" * 20], ids=["none", "too long", "no text"]
)
def test_what_can_be_nobodys_password_is_wrong_and_no_error(tried: str) -> None:
    with hashing_quickly():
        assert not is_password(hash_password(PASSWORD), tried)


def test_a_damaged_hash_opens_nothing() -> None:
    assert not is_password("$argon2id$v=19$m=8,t=1,p=1$broken", PASSWORD)


def test_where_there_is_no_password_one_is_worked_out_with_todays_parameters_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            seen.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(hashing, "PasswordHasher", Watched)
    with hashing_quickly():
        assert not is_password(None, PASSWORD)
        assert not is_password(None, PASSWORD)
    assert [extract_parameters(one) for one in seen] == [CHEAPEST, CHEAPEST]
    assert seen[0] != seen[1]


def test_two_are_worked_out_at_a_time_two_wait_and_more_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end, running = Event(), []

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, **given: Any) -> str:
            running.append(1)
            may_end.wait(20)
            return super().hash(password, **given)

    monkeypatch.setattr(hashing, "PasswordHasher", Slow)
    with hashing_quickly(), ThreadPoolExecutor(4) as pool:
        begun = [pool.submit(hash_password, PASSWORD) for _ in range(4)]
        while hashing._PLACES._value or len(running) < 2:
            pass
        with pytest.raises(StoreAwayError, match="come back"):
            hash_password(PASSWORD)
        assert len(running) == 2
        may_end.set()
        assert len({one.result(20) for one in begun}) == 4
        assert hash_password(PASSWORD)
