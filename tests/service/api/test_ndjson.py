from __future__ import annotations

import asyncio
import http.client
import json
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tocsin.assessment import Assessment
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.service.api.native.cutter import Cutter
from tocsin.service.api.native.schemas import AssessmentBody, ItemError
from tocsin.service.api.native.spool import Spool
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import SECRET, MemoryKeys, connect, live, make_app
from tocsin.service.keys import Key, Scope
from tocsin.service.scan.lines import split_lines
from tocsin.service.scan.testing import WordAssessor
from tocsin.service.scoring import Engine, OverloadedError, StoppingError

TEXT = "Everybody brings soup to the Zorbian choir on Friday."
TYPE = {"Content-Type": "application/x-ndjson"}
LONGEST = 2_048


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    settings = ServeSettings(max_body_bytes=LONGEST)
    with connect(make_app(shipped_scorer, settings, assessor=WordAssessor({"soup": 0.6}))) as client:
        yield client


def post(client: TestClient, content: Any, query: str = "") -> list[dict[str, Any]]:
    answer = client.post(f"/v1/assess{query}", content=content, headers=TYPE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.content.endswith(b"\n") or not answer.content
    answers = [json.loads(line) for line in answer.content.split(b"\n")[:-1]]
    for one in answers:
        (ItemError if "error" in one else AssessmentBody).model_validate(one)
    return answers


def lines(*bodies: Any) -> bytes:
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def codes(answers: Sequence[dict[str, Any]]) -> list[str]:
    return [one["error"]["code"] if "error" in one else one["status"] for one in answers]


def test_every_line_is_answered_as_the_same_item_in_a_list_is(shipped_scorer: Scorer) -> None:
    items = [{"id": "p", "text": TEXT}, {"text": ""}, {"text": TEXT, "language": "fr"}, {"text": 7}]
    with connect(make_app(shipped_scorer)) as client:
        listed = client.post("/v1/assess", json={"items": items}).json()["assessments"]
        answers = post(client, lines(*items))

    listed[3]["error"]["line"] = 4
    assert answers == listed


@pytest.mark.parametrize(
    "media", ["application/jsonl", "application/ndjson", "Application/X-NDJSON; charset=utf-8"]
)
def test_other_names_of_the_format_are_known(media: str, client: TestClient) -> None:
    answer = client.post("/v1/assess", content=lines({"text": TEXT}), headers={"Content-Type": media})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media.lower().partition(";")[0]
    assert json.loads(answer.content)["id"] == "0"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param(
            b"{", "a line must be JSON in UTF-8: EOF while parsing an object at column 1", id="half"
        ),
        pytest.param(b'{"text": "\xff"}', "a line must be JSON in UTF-8", id="no-utf-8"),
        pytest.param(b'{"text": "\\ud800"}', "a line must be JSON in UTF-8", id="half-a-surrogate-pair"),
        pytest.param(b'{"text": NaN}', "a line must be JSON in UTF-8", id="not-a-number"),
        pytest.param(b"[" * 900, "a line must be JSON in UTF-8: recursion limit exceeded", id="deep"),
        pytest.param(b"7", "Input should be a valid dictionary", id="no-object"),
        pytest.param(b'{"text": 7}', "text: Input should be a valid string", id="no-text"),
        pytest.param(b'{"text": "a", "lang": "b"}', "lang: Extra inputs", id="unknown-field"),
        pytest.param(
            b'{"text": "%s"}' % (b"x" * LONGEST),
            "a line must be at most 2,048 bytes long, was 2,060",
            id="too-long",
        ),
    ],
)
def test_a_bad_line_is_an_error_in_its_place_with_its_number(
    line: bytes, rule: str, client: TestClient
) -> None:
    good = lines({"text": "soup"})

    first, bad, last = post(client, good + b"\n  \r\n" + line + b"\n" + good)

    assert bad["id"] == "1", "blank lines have no place"
    assert (bad["error"]["code"], bad["error"]["line"]) == ("bad_item", 4)
    assert bad["error"]["message"].startswith(rule)
    assert [first["id"], last["id"]] == ["0", "2"]
    assert codes([first, last]) == ["scored", "scored"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"text": "soup"}', id="no-last-line-feed"),
        pytest.param(b'{"text": "soup"}\r\n', id="carriage-return"),
        pytest.param(b'\xef\xbb\xbf{"text": "soup"}\n', id="byte-order-mark"),
        pytest.param(b'\n\t\n{"text": "soup"}\n\n', id="blank-lines"),
    ],
)
def test_one_line_is_one_answer_however_it_ends(content: bytes, client: TestClient) -> None:
    assert codes(post(client, content)) == ["scored"]


def test_nothing_in_is_nothing_out(client: TestClient) -> None:
    assert post(client, b"") == []


ANY_LINE = st.one_of(
    st.sampled_from([b"", b"  ", b'{"text": "soup"}', b'{"text": ""}', b'{"id": "a", "text": "b"}', b"{}"]),
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.text(max_size=20).map(lambda text: json.dumps({"text": text}).encode()),
    st.integers(LONGEST - 1, LONGEST + 1).map(lambda size: b"x" * size),
)


@given(st.lists(ANY_LINE, max_size=700), st.booleans())
@example([b"x"] * 300 + [b'{"text": "soup"}'] * 300, True)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_many_lines_come_out_as_went_in(client: TestClient, sent: list[bytes], ended: bool) -> None:
    content = b"\n".join(sent) + b"\n" * ended

    answers = post(client, content)

    marked = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert len(answers) == sum(bool(line.strip()) or len(line) > LONGEST for line in marked)
    numbers = [one["error"]["line"] for one in answers if "error" in one]
    assert numbers == sorted(set(numbers))


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 40))
def test_lines_are_cut_as_a_scan_cuts_them_however_they_arrive(chunks: list[bytes], limit: int) -> None:
    cutter = Cutter(limit)

    cut = [line for chunk in chunks for line in cutter.feed(chunk)] + list(cutter.rest())

    expected = list(split_lines(chunks, limit))
    assert [(one.number, one.size) for one in cut] == [(one.number, one.size) for one in expected]
    assert [one.content for one in cut if one.size <= limit] == [
        one.content for one in expected if one.size <= limit
    ]
    assert all(one.content is None for one in cut if one.size > limit)


def test_a_line_that_cannot_be_scored_spoils_no_other(shipped_scorer: Scorer) -> None:
    class Failing(WordAssessor):
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            if any(item.id == "1" for item in items):
                raise ScoringError("the weights are damaged")
            return super().assess(items, explain=explain)

    with connect(make_app(shipped_scorer, assessor=Failing({}))) as client:
        answers = post(client, lines(*[{"text": "soup"}] * 3))

    assert codes(answers) == ["scored", "scoring_failed", "scored"]


def test_flags_come_in_the_query(client: TestClient) -> None:
    (plain,) = post(client, lines({"text": "soup"}))
    (explained,) = post(client, lines({"text": "soup"}), "?explain=true")
    refused = client.post("/v1/assess?remember=perhaps", content=b"", headers=TYPE)

    assert not plain["spans"]
    assert explained["spans"]
    assert refused.status_code == 400
    assert refused.json()["detail"] == "remember must be true or false, was 'perhaps'"


def test_explanations_ask_for_their_scope_before_a_line_is_read(shipped_scorer: Scorer) -> None:
    keys = MemoryKeys({"plain": Key("k", "k", frozenset({Scope.SCORE}), digest="x")})
    with connect(make_app(shipped_scorer, keys=keys), "plain") as client:
        answer = client.post("/v1/assess?explain=true", content=lines({"text": TEXT}), headers=TYPE)

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_what_is_not_to_be_remembered_is_scored_anew(shipped_scorer: Scorer) -> None:
    assessor = WordAssessor({})
    with connect(make_app(shipped_scorer, assessor=assessor)) as client:
        for query in ("", "", "?remember=false"):
            post(client, lines({"text": "soup"}), query)

    assert assessor.batches == [1, 1]


class Purse:
    """Let so many texts pass, then none."""

    def __init__(self, left: int, most: int) -> None:
        self.left = left
        self.most = most

    def take(self, key: Key, texts: int) -> float:
        del key
        if texts > self.most:
            return float("inf")
        if self.left < max(texts, 1):
            return 7.5
        self.left -= texts
        return 0.0

    def limit(self, key: Key) -> int | None:
        del key
        return self.most


def test_lines_past_the_keys_limit_are_refused_one_by_one(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer, limiter=Purse(25, 10), assessor=WordAssessor({}))
    with connect(app) as client:
        answers = post(client, lines(*[{"text": f"soup {place}"} for place in range(40)], 1))

    assert codes(answers) == ["scored"] * 20 + ["rate_limited"] * 20 + ["bad_item"]
    assert answers[20]["error"]["line"] == 21


def test_a_request_whose_first_texts_are_refused_is_refused_whole(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer, limiter=Purse(3, 10), assessor=WordAssessor({}))
    with connect(app) as client:
        answer = client.post("/v1/assess", content=lines(*[{"text": "soup"}] * 40), headers=TYPE)

    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "8"


@pytest.mark.parametrize(
    ("refusals", "expected", "charged"),
    [
        pytest.param(2, ["scored"] * 3, 3, id="room-again-in-time"),
        pytest.param(10_000, ["overloaded"] * 3, 0, id="no-room-until-the-deadline"),
    ],
)
def test_too_much_waiting_is_waited_out_until_the_deadline(
    refusals: int,
    expected: list[str],
    charged: int,
    shipped_scorer: Scorer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [refusals]

    def crowded(self: Engine, items: Sequence[Item]) -> None:
        del self, items
        if left[0]:
            left[0] -= 1
            raise OverloadedError("too many texts wait", 30)

    monkeypatch.setattr(Engine, "check_room", crowded)
    purse = Purse(5, 5)
    app = make_app(shipped_scorer, ServeSettings(deadline_ms=400), limiter=purse, assessor=WordAssessor({}))
    with connect(app) as client:
        started = time.monotonic()
        answers = post(client, lines(*[{"text": f"soup {place}"} for place in range(3)]))

    assert codes(answers) == expected
    assert 0.1 < time.monotonic() - started < 4
    assert purse.left == 5 - charged, "a text is charged once, however often it is tried"
    assert refusals - left[0] < 20, "between tries there is a wait"


def test_lines_that_a_stopping_server_does_not_score_say_so(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopping(self: Engine, items: Sequence[Item], **more: Any) -> Any:
        raise StoppingError(f"the server is stopping, {len(items)} {len(more)}")

    monkeypatch.setattr(Engine, "assess", stopping)
    with connect(make_app(shipped_scorer)) as client:
        assert codes(post(client, lines({"text": "soup"}))) == ["stopping"]


@pytest.mark.parametrize(
    ("content", "most"),
    [
        pytest.param(b'{"text": "%s"}\n' % (b"x" * 4_000), 3_000, id="many-bytes"),
        pytest.param(b"1\n" * 10, 5_000, id="short-lines-count-as-512"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_stream_has_a_longest_length(
    content: bytes, most: int, chunked: bool, shipped_scorer: Scorer
) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_stream_bytes=most))) as client:
        sent = iter([content]) if chunked else content
        answer = client.post("/v1/assess", content=sent, headers=TYPE)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_stream_may_be_longer_than_a_body(client: TestClient) -> None:
    assert codes(post(client, lines(*[{"text": TEXT}] * 2_000))) == ["scored"] * 2_000


def request_slowly(url: str, parts: Sequence[bytes], pause_s: float) -> tuple[int, bytes]:
    def body() -> Iterator[bytes]:
        for part in parts:
            yield part
            time.sleep(pause_s)

    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    headers = {**TYPE, "Authorization": f"Bearer {SECRET}", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/v1/assess", body(), headers, encode_chunked=True)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_time_for_a_body_is_the_time_between_its_parts(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer, ServeSettings(body_timeout_ms=400), assessor=WordAssessor({}))
    line = lines({"text": "soup " * 60})  # more than a kilobyte a second
    with live(app) as url:
        steady, answers = request_slowly(url, [line] * 6, 0.1)
        stalled, problem = request_slowly(url, [line, b"{"], 0.8)

    assert (steady, answers.count(b"\n")) == (200, 6)
    assert (stalled, json.loads(problem)["code"]) == (408, "body_timeout")


def test_memory_is_bounded_and_who_sends_everything_first_is_answered(shipped_scorer: Scorer) -> None:
    part = lines(*[{"text": f"soup {place} {'x' * 400}"} for place in range(200)])
    app = make_app(shipped_scorer, ServeSettings(cache_entries=0), assessor=WordAssessor({}))
    with live(app) as url:
        request_slowly(url, [part] * 2, 0)
        tracemalloc.start()
        try:
            connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=120)
            headers = {**TYPE, "Authorization": f"Bearer {SECRET}", "Transfer-Encoding": "chunked"}
            connection.request("POST", "/v1/assess", (part for _ in range(100)), headers, encode_chunked=True)
            answer = connection.getresponse()
            size = count = 0
            while chunk := answer.read(65_536):
                size, count = size + len(chunk), count + chunk.count(b"\n")
            connection.close()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert count == 20_000
    assert size > 9_000_000
    assert peak < 8_000_000, "what came in or goes out is held whole"


def test_a_spool_gives_back_what_was_written_across_its_move_to_a_file() -> None:
    async def use() -> bytes:
        spool = Spool(memory_bytes=10)
        for _ in range(5):
            await spool.write(b"soup\n")
        await spool.rewind()
        read = b""
        while chunk := await spool.read():
            read += chunk
        spool.close()
        assert spool.size == len(read)
        return read

    assert asyncio.run(use()) == b"soup\n" * 5


def test_answers_are_forgotten_where_the_request_fails(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def noted(*args: Any) -> Any:
        made.append(real(*args))
        return made[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", noted)
    with connect(make_app(shipped_scorer, ServeSettings(max_stream_bytes=2_000))) as client:
        assert client.post("/v1/assess", content=b"1\n" * 10, headers=TYPE).status_code == 413
        assert client.post("/v1/assess", content=b"1\n", headers=TYPE).status_code == 200

    assert [one.closed for one in made] == [True, True]
