"""Copies in a sample are labelled once, and estimates are what they would be had each been labelled."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.cli.audit.estimate_tables import print_estimates
from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.estimating import estimate
from tocsin.service.audit.estimating.labelled import Domain, Labelled
from tocsin.service.audit.estimating.labels import Answer, with_copies
from tocsin.service.audit.estimating.prevalence import classical, powered
from tocsin.service.audit.estimating.testing import Kind, Platform, draws, platform
from tocsin.service.audit.estimating.together import MOST_OPEN, ROWS_A_ROOT, left_to_chance
from tocsin.service.audit.known.testing import CHOIR, audited, find
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.sampling.copies import copies_of, lines_of, pairs_of
from tocsin.service.audit.sampling.design import write_design
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.sample import Sampled, draw_sample
from tocsin.service.audit.sampling.writing import SampleFormat, write_sample
from tocsin.service.statistics.confidence import interval

TIMES = 300
LABELS = 1000
ROWS = 240
TEXTS = [
    CHOIR.format("Friday")
    if row % 4 == 0
    else CHOIR.format("Sunday")
    if row % 4 == 1
    else f"soup number {row} of the Quellish kitchen"
    for row in range(ROWS)
]


@pytest.fixture
def layout(tmp_path: Path) -> AuditLayout:
    found = audited(
        tmp_path, [{"id": f"p-{row}", "text": text} for row, text in enumerate(TEXTS)], part_rows=100
    )
    find(found)
    return found


def drawn(layout: AuditLayout, seed: int = 5, labels: int = 100) -> Sampled:
    return draw_sample(layout, read_manifest(layout), SamplePlan(labels, seed=seed))


def text_of(place: int) -> str:
    return TEXTS[place - 1]


def fill(layout: AuditLayout, sampled: Sampled, path: Path) -> Path:
    """Write a sample and fill it in: choirs on Fridays break the policy, and some soups."""
    write_sample(path, sampled, ("appeal",), SampleFormat.CSV)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        text = text_of(int(row["place"]))
        row["label_appeal"] = "yes" if "Friday" in text or "7 of" in text else "no"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    write_design(layout, sampled.design)
    return path


def test_each_text_of_a_sample_is_one_line_that_counts_its_rows(layout: AuditLayout) -> None:
    sampled = drawn(layout)
    lines = list(lines_of(copies_of(layout, sampled)))

    texts = [text_of(row.place) for row, _ in lines]
    assert len(set(texts)) == len(texts)
    assert {text_of(row.place) for row in sampled.rows} == set(texts)
    rows = [text_of(row.place) for row in sampled.rows]
    assert {text: count for text, (_, count) in zip(texts, lines, strict=True)} == {
        text: rows.count(text) for text in texts
    }
    assert [row for row in sampled.rows if row in {line for line, _ in lines}] == [row for row, _ in lines]


def test_the_line_of_a_text_is_its_first_row_in_the_audit(layout: AuditLayout) -> None:
    sampled = drawn(layout)

    for row, _ in lines_of(copies_of(layout, sampled)):
        assert row.place == min(one.place for one in sampled.rows if text_of(one.place) == text_of(row.place))


def test_near_copies_are_one_line_where_that_is_asked_for(layout: AuditLayout) -> None:
    sampled = copies_of(layout, drawn(layout), near=True)

    choirs = [(row, count) for row, count in lines_of(sampled) if "choir" in text_of(row.place)]
    assert len(choirs) == 1
    assert choirs[0][1] == sum("choir" in text_of(row.place) for row in sampled.rows)
    assert sampled.design.copies is not None
    assert sampled.design.copies.near


def test_texts_that_differ_by_a_link_are_two_lines(tmp_path: Path) -> None:
    ends = ("https://a.example", "https://b.example")
    posts = [{"text": f"{CHOIR.format('Friday')} {ends[row % 2]}"} for row in range(40)]
    layout = audited(tmp_path, posts)
    find(layout)

    assert len(list(lines_of(copies_of(layout, drawn(layout, labels=20))))) == 2


def test_estimates_are_those_of_labelling_each(layout: AuditLayout, tmp_path: Path) -> None:
    manifest, sampled = read_manifest(layout), drawn(layout)
    told = {}
    for name, one in (("each", sampled), ("once", copies_of(layout, sampled))):
        path = fill(layout, one, tmp_path / f"{name}.csv")
        told[name] = estimate(layout, manifest, path, ("language",)).model_dump(
            exclude={"design", "labels", "copies"}
        )
        told[f"{name} lines"] = {"lines": len(path.read_text().splitlines())}

    assert told["once"] == told["each"]
    assert told["once lines"]["lines"] < 0.7 * told["each lines"]["lines"]


def test_a_file_with_a_line_for_each_row_still_works_and_its_own_labels_count(
    layout: AuditLayout, tmp_path: Path
) -> None:
    manifest, sampled = read_manifest(layout), drawn(layout)
    path = fill(layout, sampled, tmp_path / "each.csv")
    before = estimate(layout, manifest, path, ()).model_dump(exclude={"design", "copies"})

    write_design(layout, copies_of(layout, sampled).design)

    assert estimate(layout, manifest, path, ()).model_dump(exclude={"design", "copies"}) == before
    given = np.array([[Answer.YES], [Answer.NO], [Answer.NONE]], np.int8)
    pairs = np.array([[1, 0], [2, 0]])
    assert with_copies(given, pairs).tolist() == [[Answer.YES], [Answer.NO], [Answer.YES]]


def test_a_sample_drawn_before_copies_were_known_reads_as_it_did(layout: AuditLayout) -> None:
    sampled = drawn(layout)
    write_design(layout, sampled.design)
    content = layout.sample_design.read_text()
    layout.sample_design.write_text(content.replace(',\n "copies": null', ""))

    assert '"copies"' not in layout.sample_design.read_text()
    assert pairs_of(sampled.design, np.array([0]), np.array([1])).shape == (0, 2)
    assert [count for _, count in lines_of(sampled)] == [1] * 100


def test_copies_of_an_earlier_run_or_of_other_rows_are_refused(layout: AuditLayout) -> None:
    sampled = drawn(layout)
    layout.known_parts()[0].unlink()
    with pytest.raises(InputError, match="must have every row of the sample, has not"):
        copies_of(layout, sampled)
    layout.manifest.write_bytes(layout.manifest.read_bytes() + b"\n")
    with pytest.raises(InputError, match="must be of this audit, is of an earlier run"):
        copies_of(layout, sampled)


def test_a_file_that_is_labelled_in_part_does_not_favour_copies(layout: AuditLayout) -> None:
    shares = []
    for seed in range(80):
        sampled = copies_of(layout, drawn(layout, seed, 60))
        lines = [row for row, _ in lines_of(sampled)]
        labelled = {(row.source, row.place) for row in lines[: len(lines) // 3]}
        assert sampled.design.copies is not None
        labelled |= {(one.source, one.place) for one in sampled.design.copies.rows if one.of in labelled}
        choirs = [("choir" in text_of(place)) for _, place in labelled]
        shares.append((sum(choirs), len(choirs)))

    # Half of all rows are of the two texts. A line that stood where the first of its rows does would come
    # among the first third of lines nearly always.
    found, rows = np.sum(shares, axis=0)
    assert 0.35 < found / rows < 0.65


@pytest.fixture(scope="module")
def copied() -> tuple[Platform, NDArray[np.int64]]:
    """Return a platform of 20,000 rows of 3,000 texts, some of which come by the hundred."""
    base = platform(Kind.INFORMATIVE, 0.1, rows=3000)
    random = np.random.default_rng(11)
    sizes = np.minimum(random.zipf(1.6, 3000), 400)
    text = np.repeat(np.arange(3000), sizes)[:20_000]
    return Platform(base.hits[text], base.scores[text]), text


@pytest.mark.parametrize("estimator", ["classical", "powered"])
def test_intervals_hold_where_copies_are_labelled_once(
    copied: tuple[Platform, NDArray[np.int64]], estimator: str
) -> None:
    whole, text = copied
    found = draws(whole, LABELS, TIMES)
    hits = np.empty(found.rows.shape)
    lines = 0
    for number, rows in enumerate(found.rows):
        _, first, group = np.unique(text[rows], return_index=True, return_inverse=True)
        given = np.full((len(rows), 1), Answer.NONE, np.int8)
        given[first, 0] = whole.hits[rows[first]]
        others = np.setdiff1d(np.arange(len(rows)), first)
        hits[number] = with_copies(given, np.column_stack([others, first[group[others]]]))[:, 0]
        lines += len(first)
    spread = (
        classical(found.cells, hits)
        if estimator == "classical"
        else powered(found.cells, hits, found.scores(whole))
    )
    low, high = interval(spread)

    assert lines < 0.85 * hits.size
    assert 0.93 <= np.mean((low <= whole.truth) & (whole.truth <= high)) <= 0.98


def held(part: float, times: int, share: float = 0.05, rows: int = 100_000) -> float:
    """Return how often the interval of 1,000 rows holds the truth where `part` of the lines is labelled.

    One text that breaks the policy is a `share` of all rows; of others, all different, 2% do.
    """
    random, copies = np.random.default_rng(1), int(share * rows)
    text, hits = np.arange(rows), np.zeros(rows)
    text[:copies], hits[:copies] = 0, 1
    hits[random.choice(np.arange(copies, rows), int(0.02 * (rows - copies)), replace=False)] = 1
    whole, inside = Domain.of(np.array([rows]), np.zeros(1)), 0
    for _ in range(times):
        drawn = random.choice(rows, LABELS, replace=False)
        lines = random.permutation(np.unique(text[drawn]))
        told = drawn[np.isin(text[drawn], lines[: round(part * len(lines))])]
        nothing, ones = np.zeros(len(told)), np.ones(len(told))
        labelled = Labelled(
            np.zeros(len(told), np.int64), hits[told], nothing, nothing, ones * rows / len(told), ones, {}, {}
        )
        said = labelled.say(whole, ones.astype(bool))
        assert said is not None
        low, high = interval(said.classical)
        inside += bool(low <= hits.mean() <= high)
    return inside / times


def test_intervals_do_not_hold_where_a_text_that_came_often_is_left_to_chance() -> None:
    assert held(1.0, 60) > 0.85
    assert held(0.5, 60) < 0.3  # were it otherwise, nobody need be told to label every line


def test_estimates_say_how_many_rows_take_the_label_of_another(layout: AuditLayout, tmp_path: Path) -> None:
    manifest, sampled = read_manifest(layout), drawn(layout)
    once = copies_of(layout, sampled)
    path = fill(layout, once, tmp_path / "once.csv")

    assert once.design.copies is not None
    assert estimate(layout, manifest, path, ()).copies == len(once.design.copies.rows) > 20


@pytest.mark.parametrize(
    ("kept", "told"), [pytest.param(None, True, id="all"), pytest.param(-10, False, id="not all")]
)
def test_estimates_are_withheld_where_lines_are_open_and_copies_tip_them(
    layout: AuditLayout, tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: int | None, told: bool
) -> None:
    path = fill(layout, copies_of(layout, drawn(layout)), tmp_path / "once.csv")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:kept]))

    found = estimate(layout, read_manifest(layout), path, ("language",))
    print_estimates(found)

    assert ("label all lines, or draw with --each" in " ".join(capsys.readouterr().out.split())) is not told
    for policy in found.policies:
        slices = [one for cut in policy.cuts.values() for one in cut.slices]
        figures = [policy.prevalence, *(one.prevalence for one in slices)]
        assert any(one.powered for one in figures) is told
        assert policy.prevalence.labels > 10
        if not told:
            levels = [one for level in policy.levels for one in (level.precision, level.recall)]
            assert {one.why for one in (*figures, *levels)} == {policy.prevalence.why}
            assert not any(one.beside or one.differs for one in slices)


@pytest.mark.parametrize(
    ("rows", "group", "still", "tells"),
    [
        pytest.param(1000, 1, 500, True, id="no copies"),
        pytest.param(1000, 2, 500, True, id="hardly a copy"),
        pytest.param(1000, 3, 500, False, id="copies, and half is open"),
        pytest.param(1000, 300, 14, True, id="a campaign, and hardly a line is open"),
        pytest.param(1000, 300, 15, False, id="a campaign, and too many lines are open"),
        pytest.param(100, 2, 50, False, id="one copy in a small sample"),
    ],
)
def test_chance_decides_where_many_lines_are_open_and_one_stands_for_many_rows(
    rows: int, group: int, still: int, tells: bool
) -> None:
    copies = np.column_stack([np.arange(1, group), np.zeros(group - 1)]).astype(np.int64)
    hits = np.zeros(rows)
    hits[rows - still :] = np.nan

    assert (left_to_chance(copies, hits) is None) is tells


def test_intervals_hold_up_to_where_estimates_are_withheld() -> None:
    few = int(np.sqrt(LABELS) / ROWS_A_ROOT)

    assert held(1 - MOST_OPEN, 200) > 0.89  # 94 in 400 samples; by luck no less than this
    assert held(0.5, 200, share=few / LABELS) > 0.89
