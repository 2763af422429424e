from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.feedback import (
    FeedbackBox,
    FeedbackFullError,
    SpanSuggestion,
    Suggestion,
    SuggestionTooLongError,
)
from tocsin.service.feedback.addresses import LINK, hosts_only, unlinked

NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
SOUP = Suggestion(
    time=NOON,
    text="Soup is at https://soup.example/hot?table=5 today.",
    scores={"THREAT": 0.0},
    spans={"HATE": (SpanSuggestion(0, 4, 1.0),)},
    languages=("en-GB",),
    detected="en",
    community="Coral:https://forum.example/x?y",
)
PROCESSES = 4
EACH = 50
FILL = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from tocsin.service.feedback import FeedbackBox, Suggestion

box = FeedbackBox(Path(sys.argv[1]))
for number in range({EACH}):
    text = f"{{sys.argv[2]}}-{{number}} " + "soup " * 500
    box.keep(Suggestion(datetime.now(UTC), text, {{}}, {{}}, (), "en"))
"""


def lines(box: FeedbackBox) -> list[dict[str, Any]]:
    return [json.loads(line) for line in box.path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def box(tmp_path: Path) -> FeedbackBox:
    return FeedbackBox(tmp_path / "state")


def test_a_suggestion_is_one_line_that_waits_for_a_reviewer(box: FeedbackBox) -> None:
    box.keep(SOUP)

    assert lines(box) == [
        {
            "state": "waiting",
            "time": "2026-05-04T12:00:00+00:00",
            "community": "Coral:forum.example",
            "languages": ["en-GB"],
            "detected": "en",
            "scores": {
                "THREAT": {"value": 0.0, "spans": []},
                "HATE": {"value": None, "spans": [{"start": 0, "end": 4, "value": 1.0}]},
            },
            "text": "Soup is at [link] today.",
        }
    ]


def test_times_are_kept_in_utc(box: FeedbackBox) -> None:
    box.keep(replace(SOUP, time=NOON.astimezone(timezone(timedelta(hours=2)))))

    assert lines(box)[0]["time"] == "2026-05-04T12:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("soup\nbread\r\nsalt\u2028pepper", id="ends of lines"),
        pytest.param('"soup"\\', id="quotes"),
        pytest.param("🍲 \x00", id="astral and control characters"),
    ],
)
def test_any_text_stays_on_one_line(box: FeedbackBox, text: str) -> None:
    box.keep(replace(SOUP, text=text))
    box.keep(SOUP)

    kept = box.path.read_bytes().split(b"\n")
    assert [json.loads(line)["text"] for line in kept[:-1]] == [text, "Soup is at [link] today."]
    assert kept[-1] == b""


def test_nobody_else_may_read_the_box(box: FeedbackBox) -> None:
    old = os.umask(0)
    try:
        box.keep(SOUP)
    finally:
        os.umask(old)

    assert stat.S_IMODE(box.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(box.path.parent.stat().st_mode) == 0o700


def test_a_box_that_others_could_read_is_closed_to_them(box: FeedbackBox) -> None:
    box.path.parent.mkdir()
    box.path.touch(mode=0o644)
    box.keep(SOUP)

    assert stat.S_IMODE(box.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_plain_file_is_not_written_to(box: FeedbackBox, tmp_path: Path, kind: str) -> None:
    box.path.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch(mode=0o644)
    if kind == "link":
        box.path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(box.path)
    else:
        box.path.mkdir()

    with pytest.raises(OSError, match=r"feedback\.jsonl"):
        box.keep(SOUP)
    assert elsewhere.read_bytes() == b""
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644


def test_several_processes_lose_and_mix_nothing(box: FeedbackBox) -> None:
    names = [f"worker{number}" for number in range(PROCESSES)]
    started = [subprocess.Popen([sys.executable, "-c", FILL, box.path.parent, name]) for name in names]
    assert [process.wait() for process in started] == [0] * PROCESSES

    kept = sorted(line["text"].split()[0] for line in lines(box))
    assert kept == sorted(f"{name}-{number}" for name in names for number in range(EACH))


def test_nothing_is_written_while_somebody_else_writes(box: FeedbackBox) -> None:
    box.keep(SOUP)
    other = threading.Thread(target=box.keep, args=(SOUP,))
    with box.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        other.start()
        other.join(0.2)
        assert other.is_alive()
        assert len(lines(box)) == 1
    other.join()

    assert len(lines(box)) == 2


def test_who_never_lets_go_of_the_box_is_an_error_soon(box: FeedbackBox) -> None:
    box.keep(SOUP)
    raised: list[BaseException] = []

    def keep() -> None:
        try:
            box.keep(SOUP)
        except TimeoutError as error:
            raised.append(error)

    other = threading.Thread(target=keep)
    with box.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        other.start()
        other.join(10)
        waits = other.is_alive()
    other.join()

    assert not waits
    assert str(*raised) == "feedback.jsonl must be free within 1 s, was locked by another"
    assert len(lines(box)) == 1
    box.keep(SOUP)
    assert len(lines(box)) == 2


def test_a_span_that_ends_within_a_link_is_kept_with_the_whole_link(box: FeedbackBox) -> None:
    box.keep(replace(SOUP, spans={"HATE": (SpanSuggestion(8, 20, 1.0), SpanSuggestion(15, 49, 1.0))}))

    (kept,) = lines(box)
    shown = [kept["text"][span["start"] : span["end"]] for span in kept["scores"]["HATE"]["spans"]]
    assert shown == ["at [link]", "[link] today"]


def test_a_full_box_is_an_error_and_keeps_what_it_has(tmp_path: Path) -> None:
    box = FeedbackBox(tmp_path, most_bytes=2 * len(SOUP.line()))
    box.keep(SOUP)
    box.keep(SOUP)

    with pytest.raises(FeedbackFullError, match="must hold at most"):
        box.keep(SOUP)
    assert len(lines(box)) == 2


def test_a_box_that_was_moved_away_starts_anew(box: FeedbackBox) -> None:
    box.keep(SOUP)
    box.path.rename(box.path.with_suffix(".old"))
    box.keep(replace(SOUP, text="bread"))

    assert [line["text"] for line in lines(box)] == ["bread"]


def test_a_box_that_is_moved_away_while_it_is_opened_loses_nothing(
    box: FeedbackBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.keep(SOUP)
    opened = os.open
    moved: list[Path] = []

    def move_once(path: Any, *more: Any) -> int:
        file = opened(path, *more)
        if not moved:
            moved.append(box.path.rename(box.path.with_suffix(".old")))
        return file

    monkeypatch.setattr(os, "open", move_once)
    box.keep(replace(SOUP, text="bread"))

    assert [line["text"] for line in lines(box)] == ["bread"]
    assert len(moved[0].read_bytes().splitlines()) == 1


def test_half_a_line_of_a_writer_that_died_spoils_no_other(box: FeedbackBox) -> None:
    box.path.parent.mkdir()
    box.path.write_bytes(b'{"state": "wait')
    box.keep(SOUP)

    assert json.loads(box.path.read_bytes().splitlines()[1])["state"] == "waiting"


def test_a_disk_that_takes_half_a_line_keeps_none_of_it(
    box: FeedbackBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.keep(SOUP)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[: len(line) // 2]))

    with pytest.raises(OSError, match="the disk is full"):
        box.keep(SOUP)
    assert len(lines(box)) == 1


def test_a_suggestion_that_alone_is_too_long_is_an_error(box: FeedbackBox) -> None:
    with pytest.raises(SuggestionTooLongError, match="must take at most 262,144 bytes"):
        box.keep(replace(SOUP, text="soup " * 60_000))
    assert not box.path.exists()


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        pytest.param("Coral:https://forum.example/x?y", "Coral:forum.example", id="Coral's"),
        pytest.param("https://user:pass@Forum.example:8443/a#b", "forum.example", id="user, port, fragment"),
        pytest.param("http://[2001:db8::1]:80/a", "[2001:db8::1]", id="an address of numbers"),
        pytest.param("Coral:forum.example/team/x?y", "Coral:forum.example", id="no scheme"),
        pytest.param("www.forum.example/a b", "www.forum.example b", id="words after it"),
        pytest.param("ftp://a.example/x, https://b.example/y", "a.example b.example", id="several"),
        pytest.param("soup-lovers", "soup-lovers", id="no address"),
        pytest.param("https://", "", id="no host"),
    ],
)
def test_of_an_address_in_a_community_the_host_is_left(label: str, kept: str) -> None:
    assert hosts_only(label) == kept


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("https://a.b " * 700_000, id="addresses"),
        pytest.param("a." * 4_000_000, id="letters and dots"),
        pytest.param(" " * 8_000_000, id="blanks"),
    ],
)
def test_no_community_makes_keeping_slow(label: str) -> None:
    started = time.process_time()
    line = replace(SOUP, community=label).line()

    assert time.process_time() - started < 0.1
    assert len(json.loads(line)["community"]) <= 256


def test_a_cut_through_an_address_in_a_community_leaves_no_users_name() -> None:
    label = f"https://a.example/{'x' * 4_060} https://somebody:secret@b.example/"

    assert json.loads(replace(SOUP, community=label).line())["community"] == "a.example"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("see https://a.example/b?c=d, please", "see [link] please", id="scheme"),
        pytest.param("see www.a.example", "see [link]", id="www"),
        pytest.param("see a.example/b", "see [link]", id="a path alone tells it"),
        pytest.param("see HTTPS://A.EXAMPLE", "see [link]", id="capitals"),
        pytest.param("(https://a.example/b)", "([link]", id="within brackets"),
        pytest.param("<https://a.example/b>", "<[link]>", id="within angle brackets"),
        pytest.param("soup and/or bread, 1/2 cup. Salt", "soup and/or bread, 1/2 cup. Salt", id="no link"),
        pytest.param("tg://join?invite=soup", "[link]", id="a scheme of an app"),
    ],
)
def test_links_leave_the_text(text: str, kept: str) -> None:
    assert unlinked(text).text == kept


@given(st.lists(st.sampled_from(["soup ", "https://a.example/b ", "🍲 ", "www.b.example ", "x"])), st.data())
def test_places_outside_links_are_still_those_of_the_same_characters(
    pieces: list[str], data: st.DataObject
) -> None:
    text = "".join(pieces) + " "
    bare = unlinked(text)
    was = data.draw(st.integers(0, len(text) - 1))
    inside = [one for one in bare.links if one[0] <= was < one[1]]

    if inside:
        place = bare.place(was)
        assert bare.text[place : place + len(LINK)] == LINK
        if was > inside[0][0]:
            assert bare.place(was, after=True) == place + len(LINK)
    else:
        assert bare.text[bare.place(was)] == text[was]
        assert bare.text[: bare.place(was)] == unlinked(text[:was]).text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 20_000, id="letters"),
        pytest.param("a." * 10_000, id="letters and dots"),
        pytest.param("a://" * 5_000, id="schemes"),
        pytest.param("a:// " * 5_000, id="schemes apart"),
        pytest.param("www." * 5_000, id="www"),
        pytest.param("-." * 10_000, id="dashes and dots"),
        pytest.param(("a" * 60 + ".") * 330 + "!", id="long names"),
        pytest.param("aa.aa!" * 3_300, id="names"),
    ],
)
def test_no_text_makes_taking_out_links_slow(text: str) -> None:
    started = time.process_time()
    unlinked(text)

    assert time.process_time() - started < 0.5
