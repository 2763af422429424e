"""Copies of a whole audit: what is written, and that it is the same however it came about."""

from __future__ import annotations

import json
import stat
from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.engine import Scoring, SerialEngine
from tocsin.service.audit.known.finding import KnownPlan, find_known
from tocsin.service.audit.known.keying import Keying
from tocsin.service.audit.known.records import Step, read_known
from tocsin.service.audit.known.testing import CHOIR, audited, find, known_cells
from tocsin.service.audit.local_engine import LocalEngine
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.testing import Silent, rows_of
from tocsin.service.audit.unit import Done, Unit

SCHEMA = AskedSchema(time="when", community="place", slices={"country": None})


def campaign(count: int = 60) -> list[dict[str, Any]]:
    """Return posts of which every second is a call to a choir, on one of two days."""
    posts: list[dict[str, Any]] = []
    for number in range(count):
        day = "Friday" if number % 4 else "Sunday"
        text = (
            CHOIR.format(day) if number % 2 else f"Recipe {number}: soup of {number} leeks, {number} onions"
        )
        posts.append(
            {
                "id": f"p-{number}",
                "text": text,
                "when": f"2031-05-{1 + number % 28:02}T10:00:00Z" if number % 3 else None,
                "place": "Quell" if number % 4 else "Zorbia",
                "country": "NL" if number < count // 2 else "BE",
            }
        )
    return posts


def files(layout: AuditLayout) -> dict[str, bytes]:
    """Return every file of what is known, by its name."""
    found = {path.name: path.read_bytes() for path in layout.known.rglob("*") if path.is_file()}
    return found | {"known.json": layout.known_record.read_bytes()}


class Dying(SerialEngine):
    """Fail before some unit."""

    def __init__(self, units: int) -> None:
        self.units, self.seen = units, 0

    def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
        for done in super().run(units, scoring):
            self.seen += 1
            if self.seen > self.units:
                raise KeyboardInterrupt
            yield done


def test_each_row_says_what_it_is_a_copy_of(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    record = find(layout).record

    ids = known_cells(layout, "id")
    assert ids == [row["id"] for row in rows_of(layout.root)]
    near, copy = known_cells(layout, "near"), known_cells(layout, "copy")
    assert [one for one, cluster in zip(ids, near, strict=True) if cluster is not None] == ids[1::2]
    assert all(one is not None for one in copy[1::2])
    assert not any(copy[0::2])
    assert (record.rows, record.copied, record.near_clusters, record.near_rows) == (60, 30, 1, 30)
    assert record.texts == 31


def test_a_cluster_says_when_where_and_at_what_level(tmp_path: Path) -> None:
    posts = campaign(120)
    for post in posts[1::8]:
        post["text"] += " recipe"  # a word that toy audits flag
    layout = audited(tmp_path, posts, SCHEMA)
    (one,) = find(layout).record.clusters

    rows = [row for row, post in zip(rows_of(layout.root), posts, strict=True) if "choir" in post["text"]]
    assert (one.rows, one.texts, one.example.id) == (60, 2, "p-1")
    levels = [row["policy_appeal_level"] for row in rows]
    assert one.levels == {"appeal": {level: levels.count(level) for level in dict.fromkeys(levels)}}
    assert len(one.levels["appeal"]) > 1
    assert one.times is not None
    times = sorted(row["when"] for row in rows if row["when"])
    assert (one.times.first, one.times.last, one.times.step) == (times[0], times[-1], Step.DAY)
    assert one.times.untimed == 60 - len(times)
    assert sum(count.rows for count in one.times.counts) == len(times)
    assert one.community is not None
    assert [(told.value, told.rows) for told in one.community.values] == [("Quell", 60)]
    told = {value.value: value.rows for value in one.slices["country"].values}
    assert told == {"NL": 30, "BE": 30}


def test_small_values_persons_and_columns_with_too_many_values_are_not_told(tmp_path: Path) -> None:
    posts = [post | {"author": "Zorb", "shop": f"s-{number}"} for number, post in enumerate(campaign(1200))]
    for post in posts[1:20:2]:
        post["country"] = "LU"
    schema = AskedSchema(slices={"country": None, "shop": None})
    schema = schema.model_copy(update={"community": "author"})
    record = find(audited(tmp_path, posts, schema, part_rows=1000)).record

    assert record.left_out == ("author", "shop")
    (one,) = record.clusters
    assert one.community is None
    assert set(one.slices) == {"country"}
    assert {value.value for value in one.slices["country"].values} == {"NL", "BE"}
    assert (one.slices["country"].suppressed, one.slices["country"].suppressed_rows) == (1, 10)


def test_clusters_of_fewer_than_twenty_rows_are_only_counted(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign(38))
    record = find(layout, KnownPlan(least=2)).record

    assert (record.near_clusters, record.near_rows, record.listed, record.clusters) == (1, 19, 0, ())


@pytest.mark.parametrize(
    ("days", "step", "firsts"),
    [
        ([date(2031, 5, 1), date(2031, 5, 3)], Step.DAY, [date(2031, 5, 1), date(2031, 5, 3)]),
        ([date(2031, 5, 1), date(2031, 9, 1)], Step.WEEK, [date(2031, 4, 28), date(2031, 9, 1)]),
        ([date(1969, 12, 31), date(2031, 9, 17)], Step.MONTH, [date(1969, 12, 1), date(2031, 9, 1)]),
    ],
    ids=["days", "weeks that begin on Monday", "months, from before 1970"],
)
def test_time_is_told_in_steps_that_people_can_read(
    tmp_path: Path, days: list[date], step: Step, firsts: list[date]
) -> None:
    posts = [
        {"text": CHOIR.format("Friday"), "when": f"{days[number % 2]}T23:59:59.5Z"} for number in range(30)
    ]
    (one,) = find(audited(tmp_path, posts, AskedSchema(time="when"))).record.clusters

    assert one.times is not None
    assert one.times.step is step
    assert [(count.first, count.rows) for count in one.times.counts] == [(firsts[0], 15), (firsts[1], 15)]
    assert one.times.first == datetime.combine(days[0], time(23, 59, 59, 500_000), UTC)


def test_rejected_rows_are_left_out_and_unscorable_ones_are_not(tmp_path: Path) -> None:
    posts = campaign(40)
    posts[4] = {"id": "broken", "text": 17}
    posts[6]["text"] = ""
    layout = audited(tmp_path, posts)
    counts = read_manifest(layout).counts
    assert (counts.rejected, counts.unscorable) == (1, {"empty": 1})

    record = find(layout).record

    assert len(known_cells(layout, "id")) == record.rows == 39
    assert record.blank == 1
    assert known_cells(layout, "copy")[5] is None


def test_the_same_command_writes_the_same_bytes_in_one_process_or_several(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    find(layout)
    before = files(layout)
    find(layout)
    assert files(layout) == before

    find_known(layout, read_manifest(layout), KnownPlan(), LocalEngine(2), Silent())

    assert files(layout) == before


def test_a_run_that_was_killed_goes_on_and_says_nothing_before_it_ends(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    find(layout)
    before = files(layout)
    with pytest.raises(KeyboardInterrupt):
        find_known(layout, read_manifest(layout), KnownPlan(), Dying(2), Silent())
    assert not layout.known_record.exists()

    again = Dying(99)
    find_known(layout, read_manifest(layout), KnownPlan(), again, Silent())

    assert again.seen < 6
    assert files(layout) == before


def test_no_text_and_no_digest_stays_in_the_folder(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    find(layout)

    assert all(name.startswith("part-") or name == "known.json" for name in files(layout))
    assert not any(b"choir" in content or b"leek" in content for content in files(layout).values())
    assert known_columns(layout) == ["id", "source", "place", "copy", "near"]


def known_columns(layout: AuditLayout) -> list[str]:
    from tocsin.service.scan.arrow import import_arrow

    _, parquet = import_arrow()
    names: list[str] = parquet.read_schema(layout.known_parts()[0]).names
    return names


def test_inputs_that_have_changed_are_refused(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    with (tmp_path / "posts.jsonl").open("a") as stream:
        stream.write(json.dumps({"text": "another soup"}) + "\n")

    with pytest.raises(InputError, match=r"posts\.jsonl: must be what was audited, has changed since"):
        find(layout)
    assert not layout.known_record.exists()


def test_scored_rows_that_are_not_those_of_the_inputs_are_refused(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    layout.scored_parts()[-1].unlink()

    with pytest.raises(InputError, match="must have the rows that the inputs have, has others"):
        find(layout)
    assert not layout.known_record.exists()


def test_two_runs_at_a_time_are_refused(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())

    class Greedy(SerialEngine):
        def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
            with pytest.raises(InputError, match="only one run may work in a folder"):
                find(layout)
            return super().run(units, scoring)

    find_known(layout, read_manifest(layout), KnownPlan(), Greedy(), Silent())


def test_an_audit_without_rows_has_no_copies(tmp_path: Path) -> None:
    record = find(audited(tmp_path, [{"text": 1}])).record

    assert (record.rows, record.texts, record.copied, record.clusters) == (0, 0, 0, ())


def test_what_is_known_is_read_as_it_was_written(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign(), SCHEMA)

    record = find(layout).record

    assert read_known(layout) == record


def test_what_was_hashed_under_another_key_is_not_gone_on_with(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    find(layout)
    before = files(layout)
    keyed = KnownPlan(keying=Keying(b"a key that only the Zorbians know, all of them"))
    with pytest.raises(KeyboardInterrupt):
        find_known(layout, read_manifest(layout), keyed, Dying(2), Silent())

    again = Dying(99)
    find_known(layout, read_manifest(layout), KnownPlan(), again, Silent())

    assert again.seen == len(layout.scored_parts())
    assert files(layout) == before


def test_nobody_else_can_read_what_is_hashed(tmp_path: Path) -> None:
    layout = audited(tmp_path, campaign())
    modes: list[int] = []

    class Curious(SerialEngine):
        def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
            (work,) = layout.known.glob("work-*")
            modes.append(stat.S_IMODE(work.stat().st_mode))
            return super().run(units, scoring)

    find_known(layout, read_manifest(layout), KnownPlan(), Curious(), Silent())

    assert modes == [0o700]
