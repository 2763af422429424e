from __future__ import annotations

import gc
import json
import time

import pytest

from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import json_response, parse_json, read_json, refusal_headers


def test_json_is_read_as_it_is_written() -> None:
    body = {"text": "Suppe für alle 🍲", "numbers": [1, 2.5, -3], "none": None}

    assert parse_json(json.dumps(body).encode()) == body
    assert parse_json(json.dumps(body, ensure_ascii=False).encode()) == body


def test_a_byte_order_mark_is_no_part_of_the_body() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("value", [b"[]", b"{}", b"0"], ids=["lists", "objects", "numbers"])
def test_a_body_of_nothing_but_values_is_refused_before_they_are_made(value: bytes) -> None:
    body = b"[" + b",".join([value] * 2_700_000) + b"]"

    started = time.process_time()
    with pytest.raises(Refusal) as refused:
        parse_json(body)

    assert refused.value.why is Why.BAD_REQUEST
    assert "at most 500,000 values" in str(refused.value)
    assert time.process_time() - started < 1, "reading them would take several seconds"


def test_a_long_body_of_prose_is_read() -> None:
    body = json.dumps({"text": "soup, bread, and salt. " * 200_000}).encode()

    assert len(parse_json(body)["text"]) == 4_600_000


@pytest.mark.parametrize("body", [b'{"a": ' + b'"x"' * 2, b"[" + b"1," * 50_000], ids=["short", "long"])
def test_what_is_no_json_is_an_error_that_leaves_the_collector_as_it_was(body: bytes) -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError, match="at line 1 column"):
        read_json(body)

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        read_json(b"[" + b"1," * 50_000 + b"1]")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_response_holds_plain_json() -> None:
    answer = json_response({"a": [1, None, 0.25]}, 418, {"X-Soup": "hot"}, "application/soup+json")

    assert (answer.status_code, bytes(answer.body)) == (418, b'{"a":[1,null,0.25]}')
    assert answer.headers["content-type"] == "application/soup+json"
    assert answer.headers["x-soup"] == "hot"


@pytest.mark.parametrize(
    ("seconds", "header"), [(None, None), (0.0, "1"), (0.2, "1"), (1.0, "1"), (1.01, "2"), (59.5, "60")]
)
def test_the_time_to_come_back_is_whole_seconds_and_never_too_early(
    seconds: float | None, header: str | None
) -> None:
    assert refusal_headers(Refusal(Why.OVERLOADED, "full", retry_after=seconds)).get("Retry-After") == header
