"""Lists of digests: read strictly, written so that others can read them, matched exactly and nearly."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.known.choosing import CLUSTER, Choice
from tocsin.service.audit.known.finding import KnownPlan
from tocsin.service.audit.known.hash_list import TITLE, Entry, read_hash_list, write_hash_list
from tocsin.service.audit.known.keying import NORMALISER, Keying, read_key
from tocsin.service.audit.known.testing import (
    CHOIR,
    audited,
    entry,
    find,
    known_cells,
)
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.sampling.copies import copies_of, lines_of
from tocsin.service.audit.sampling.design import write_design
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.sample import draw_sample
from tocsin.service.likeness import bands, shingles
from tocsin.text import normalise

FRIDAY, SUNDAY = CHOIR.format("Friday"), CHOIR.format("Sunday")
CUP = "The Quellish keeper saved three penalties and her team won the cup again"
HEAD = f"{TITLE}\n# algorithm: sha256\n# normaliser: {NORMALISER}\n"
KEYED = Keying(b"a key that only the Zorbians know, all of them")
GOOD = "ab" * 32
PROBES = (
    "S0up for @Zorb: https://soup.example/?q=1 &amp; brea\u0301d!!",
    "h o t  s o u p, yessss 🍲",
    "Ｗｉｄｅ сoup ĸ İ ß",
    "'quoted' #SoupDay 3spoons l33k",
)


def test_a_digest_is_that_of_the_normalised_text_as_anybody_can_make_it() -> None:
    normal = normalise("Hot SOUP!").encode()

    assert Keying().digest(normal.decode()) == hashlib.sha256(normal).digest()
    assert KEYED.digest(normal.decode()) == hmac.digest(KEYED.key or b"", normal, "sha256")


def test_normalising_is_what_the_version_in_lists_says() -> None:
    made = hashlib.sha256("\n".join(map(normalise, PROBES)).encode()).hexdigest()[:16]

    assert (NORMALISER, made) == ("tocsin-1", "4fd8659f7ae8fb48"), (
        "raise the version: old lists match no more"
    )


def test_a_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    entries = [entry(FRIDAY, "choir", banded=True), entry(CUP), Entry(bytes(32), "soup, with a comma")]
    write_hash_list(tmp_path / "list.csv", entries, Keying())

    found = read_hash_list(tmp_path / "list.csv", Keying())

    assert found.entries == tuple(entries)
    content = (tmp_path / "list.csv").read_bytes()
    assert found.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert b"choir on" not in content


def test_a_list_may_be_digests_alone_with_blank_lines_and_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"\ufeff{HEAD}# made by hand\n\n{GOOD.upper()}\n\n{'cd' * 32},soup\n", encoding="utf-8")

    assert [(one.digest.hex(), one.label) for one in read_hash_list(path, Keying()).entries] == [
        (GOOD, ""),
        ("cd" * 32, "soup"),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("", "the first line of a hash list must be", id="empty"),
        pytest.param(f"{GOOD}\n", "the first line of a hash list must be", id="no title"),
        pytest.param(
            HEAD.replace("sha256", "md5") + GOOD,
            r"algorithm of a hash list must be 'sha256' .*, was 'md5'",
            id="md5",
        ),
        pytest.param(f"{TITLE}\n{GOOD}\n", "algorithm .* must be 'sha256' .*, was none", id="no algorithm"),
        pytest.param(
            HEAD.replace(NORMALISER, "tocsin-0") + GOOD,
            f"normaliser of a hash list must be '{NORMALISER}' to be matched here, was 'tocsin-0'",
            id="another normaliser",
        ),
        pytest.param(f"{HEAD}soup\n", "line 4: 'digest' must be 64 hexadecimal digits", id="no digest"),
        pytest.param(f"{HEAD}{GOOD[:-1]}\n", "line 4: 'digest' must be 64 hex", id="too short"),
        pytest.param(f"{HEAD}{GOOD}\n{GOOD}\n", "line 5: .* must come once, came in line 4 too", id="twice"),
        pytest.param(f"{HEAD}{GOOD},{'x' * 61}\n", "'label' must be at most 60 printable", id="long label"),
        pytest.param(f"{HEAD}{GOOD},a\x07\n", "'label' must be at most 60 printable", id="a bell"),
        pytest.param(f"{HEAD}{GOOD},,17 May\n", "'date' must be a date such as 2031-05-17", id="no date"),
        pytest.param(f"{HEAD}{GOOD},,,ff\n", "'bands' must be 128 hexadecimal digits", id="short bands"),
        pytest.param(f"{HEAD}{GOOD},a,,,b\n", "at most 4 fields, digest, label, date, bands, has 5", id="5"),
        pytest.param(f'{HEAD}{GOOD},"a\n', "line 4: must be CSV", id="an open quote"),
    ],
)
def test_a_list_that_breaks_a_rule_is_refused_by_line(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(InputError, match=rf"list\.csv.*{why}") as caught:
        read_hash_list(path, Keying())
    assert "soup" not in str(caught.value)


def test_a_list_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be readable"):
        read_hash_list(tmp_path / "none.csv", Keying())
    (tmp_path / "latin.csv").write_bytes(b"# s\xfc\xdfe\n")
    with pytest.raises(InputError, match="must be UTF-8"):
        read_hash_list(tmp_path / "latin.csv", Keying())


def test_lists_under_another_key_or_under_none_are_refused(tmp_path: Path) -> None:
    write_hash_list(tmp_path / "keyed.csv", [entry(FRIDAY, keying=KEYED)], KEYED)
    write_hash_list(tmp_path / "plain.csv", [entry(FRIDAY)], Keying())

    assert read_hash_list(tmp_path / "keyed.csv", KEYED).entries
    with pytest.raises(InputError, match="the key of --key must be the one that the list was made with"):
        read_hash_list(tmp_path / "keyed.csv", Keying(b"another key, of other Zorbians who sing"))
    with pytest.raises(
        InputError, match=r"algorithm .* 'sha256' .*\(--key says which key\), was 'hmac-sha256'"
    ):
        read_hash_list(tmp_path / "keyed.csv", Keying())
    with pytest.raises(InputError, match=r"algorithm .* must be 'hmac-sha256' .*, was 'sha256'"):
        read_hash_list(tmp_path / "plain.csv", KEYED)
    assert KEYED.key is not None
    assert KEYED.key.hex() not in (tmp_path / "keyed.csv").read_text()
    assert "Zorbian" not in repr(KEYED)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"short\n", "has 5"), (b"x" * 4097, "has more"), (b"  \n" + b" " * 60, "has 0")],
    ids=["short", "long", "blank"],
)
def test_a_key_that_is_none_is_refused_and_not_shown(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(InputError, match=f"a key must have 32 to 4096 bytes, {why}") as caught:
        read_key(path)
    assert "short" not in str(caught.value)


def choir_audit(folder: Path) -> AuditLayout:
    texts = [FRIDAY] * 25 + [SUNDAY] * 3 + [CUP] * 2 + ["lol"] * 30 + [f"soup number {n}" for n in range(9)]
    return audited(folder, [{"id": f"p-{number}", "text": text} for number, text in enumerate(texts)])


def test_a_list_of_clusters_has_every_text_of_the_large_ones_and_no_short_ones(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    found = find(layout, KnownPlan(choice=Choice(path, None, None, 20, bands=True)))

    entries = read_hash_list(path, Keying()).entries
    assert found.written == 2
    assert {one.digest for one in entries} == {entry(FRIDAY).digest, entry(SUNDAY).digest}
    assert {one.label for one in entries} == {CLUSTER}
    assert {one.bands for one in entries} == {bands(shingles(FRIDAY)), bands(shingles(SUNDAY))}


def test_what_a_list_knows_is_in_the_parts_and_counted_by_label(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    write_hash_list(
        path, [entry(FRIDAY, "choir", banded=True), entry("lol", "lol"), entry(CUP, "cup")], Keying()
    )
    record = find(layout, KnownPlan(lists=(path,))).record

    told = {one.label: (one.exact, one.near, one.levels is None) for one in record.matches}
    assert told == {"choir": (25, 3, False), "lol": (30, 0, False), "cup": (2, 0, True)}
    assert record.matches[0].levels == {"appeal": {"none": 28}}
    assert known_cells(layout, "known")[24:31] == ["choir"] * 4 + ["cup"] * 2 + ["lol"]
    assert known_cells(layout, "known_by")[24:31] == ["exact"] + ["near"] * 3 + ["exact"] * 3
    assert known_cells(layout, "known")[-1] is None
    assert record.clusters[0].known == {"choir": 28}
    assert (record.lists[0].entries, record.lists[0].with_bands) == (3, 1)


def test_a_keyed_list_goes_out_and_comes_in(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    find(layout, KnownPlan(keying=KEYED, choice=Choice(path, None, None, 20)))
    assert entry(FRIDAY).digest.hex() not in path.read_text()

    record = find(layout, KnownPlan(lists=(path,), keying=KEYED)).record

    assert (record.algorithm, record.matches[0].exact) == ("hmac-sha256", 28)


def test_bands_under_a_key_and_a_list_that_is_there_are_refused(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    with pytest.raises(InputError, match="bands are not keyed"):
        find(layout, KnownPlan(keying=KEYED, choice=Choice(path, None, None, 20, bands=True)))
    path.write_text("here")
    with pytest.raises(InputError, match="a list of hashes must not be there yet"):
        find(layout, KnownPlan(choice=Choice(path, None, None, 20)))
    assert path.read_text() == "here"


def labels(folder: Path, layout: AuditLayout, said: dict[str, str]) -> Path:
    """Draw all rows but a few, and label those whose text is in `said`."""
    manifest = read_manifest(layout)
    sampled = draw_sample(layout, manifest, SamplePlan(60, seed=4))
    write_design(layout, sampled.design)
    posts = [row["text"] for row in _posts(layout)]
    path = folder / "labels.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "source", "place", "label_appeal"])
        for row in sampled.rows:
            writer.writerow([row.id, row.source, row.place, said.get(posts[row.place - 1], "no")])
    return path


def _posts(layout: AuditLayout) -> list[dict[str, str]]:
    return [json.loads(line) for line in (layout.root.parent / "posts.jsonl").read_text().splitlines()]


def test_a_list_of_labels_has_what_people_said_yes_to(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    filled = labels(tmp_path, layout, {FRIDAY: "yes", "lol": "unsure"})

    found = find(layout, KnownPlan(choice=Choice(path, filled, "appeal", None)))

    (one,) = read_hash_list(path, Keying()).entries
    assert (found.written, one.digest, one.label) == (1, entry(FRIDAY).digest, "appeal")


def test_labels_and_clusters_go_into_one_list(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    filled = labels(tmp_path, layout, {"lol": "yes"})

    find(layout, KnownPlan(choice=Choice(path, filled, "appeal", 20)))

    told = {one.digest: one.label for one in read_hash_list(path, Keying()).entries}
    assert told == {
        entry(FRIDAY).digest: CLUSTER,
        entry(SUNDAY).digest: CLUSTER,
        entry("lol").digest: "appeal",
    }


def test_a_label_that_cannot_be_used_stops_before_anything_is_read(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    filled = labels(tmp_path, layout, {FRIDAY: "perhaps"})

    with pytest.raises(MalformedRowError, match="'label_appeal' must be yes, no, unsure or empty"):
        find(layout, KnownPlan(choice=Choice(path, filled, "appeal", None)))
    assert not path.exists()
    assert not layout.known.exists()


def test_a_near_copy_that_nobody_looked_at_is_on_no_list_of_labels(tmp_path: Path) -> None:
    layout, path = choir_audit(tmp_path), tmp_path / "list.csv"
    find(layout)
    manifest = read_manifest(layout)
    sampled = copies_of(layout, draw_sample(layout, manifest, SamplePlan(69, seed=4)), near=True)
    write_design(layout, sampled.design)
    posts = [row["text"] for row in _posts(layout)]
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "source", "place", "label_appeal"])
        for row, _ in lines_of(sampled):
            said = "yes" if "choir" in posts[row.place - 1] else "no"
            writer.writerow([row.id, row.source, row.place, said])

    find(layout, KnownPlan(choice=Choice(path, tmp_path / "labels.csv", "appeal", None)))

    # The line is the first row's, a Friday's; its Sundays have its label in estimates, and nowhere else.
    assert [one.digest for one in read_hash_list(path, Keying()).entries] == [entry(FRIDAY).digest]
