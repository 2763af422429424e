"""Codes of an app: RFC 6238's own examples, drift, and that each opens once."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from tocsin.service.review.accounts.totp import code_at, drawn, grouped, link, new_seed, secret_of, step_of
from tocsin.service.review.contract_testing import KEY, START
from tocsin.service.review.log.key import LogKey

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
SECRET = secret_of(KEY, 1, "seed")
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, eight_digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_at(RFC_SECRET, at) == eight_digits[-6:]
    assert step_of(RFC_SECRET, eight_digits[-6:], at, None) == seconds // 30


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_off_by_a_step(steps: int) -> None:
    assert step_of(SECRET, code_at(SECRET, START + steps * STEP), START, None) is not None


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_clock_may_not_be_off_by_more(steps: int) -> None:
    assert step_of(SECRET, code_at(SECRET, START + steps * STEP), START, None) is None


def test_a_code_that_was_used_opens_nothing_nor_does_one_before_it() -> None:
    code, before = code_at(SECRET, START), code_at(SECRET, START - STEP)
    used = step_of(SECRET, code, START, None)
    assert used is not None
    assert step_of(SECRET, code, START, used) is None
    assert step_of(SECRET, code, START + STEP, used) is None
    assert step_of(SECRET, before, START, used) is None
    assert step_of(SECRET, code_at(SECRET, START + STEP), START + STEP, used) == used + 1


@pytest.mark.parametrize(
    "written",
    ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800", "0" * 100_000],
    ids=["none", "short", "long", "letters", "full width", "no text", "very long"],
)
def test_what_is_no_code_is_wrong_and_no_error(written: str) -> None:
    assert step_of(SECRET, written, START, None) is None


def test_a_code_may_be_typed_with_the_blank_that_apps_show() -> None:
    code = code_at(SECRET, START)
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", START, None) is not None


def test_a_secret_is_made_from_seed_reviewer_and_key_together() -> None:
    seed = new_seed()
    others = [secret_of(LogKey(bytes(32)), 1, seed), secret_of(KEY, 2, seed), secret_of(KEY, 1, new_seed())]
    secret = secret_of(KEY, 1, seed)
    assert secret not in others
    assert secret == secret_of(KEY, 1, seed)
    assert len(base64.b32decode(secret)) == 20
    assert len(seed) == 64


def test_an_app_that_takes_the_link_on_shows_the_codes_that_we_expect() -> None:
    address = link(SECRET, "Zoë & sons?")
    told = parse_qs(urlsplit(address).query)
    assert address.startswith("otpauth://totp/")
    assert unquote(urlsplit(address).path) == "/tocsin:Zoë & sons?"
    assert told["issuer"] == ["tocsin"]
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    assert app.at(int(START.timestamp())) == code_at(SECRET, START)


def test_the_picture_has_neither_style_nor_script_nor_words() -> None:
    svg = drawn(link(SECRET, 'A "name" <script>alert(1)</script>'))
    assert svg.startswith("<svg")
    assert set(re.findall(r"<(\w+)", svg)) == {"svg", "g", "path"}
    assert "style" not in svg
    assert "script" not in svg


def test_a_secret_is_shown_in_groups() -> None:
    assert grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"
    assert grouped(SECRET).replace(" ", "") == SECRET
