import csv
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.sampling import (
    SampleFormat,
    SamplePlan,
    draw_sample,
    read_design,
    write_design,
    write_sample,
)
from tocsin.service.audit.sampling.allocation import allocate
from tocsin.service.audit.sampling.boundaries import EDGES, bins_of, cuts
from tocsin.service.audit.sampling.density import Density
from tocsin.service.audit.sampling.design import GroupKind
from tocsin.service.audit.sampling.drawing import Drawing
from tocsin.service.audit.sampling.hashing import row_hashes, shuffled
from tocsin.service.audit.sampling.testing import write_audit

Floats = NDArray[np.float64]
ROWS = 5000
RANDOM = np.random.default_rng(11)
SCORES = RANDOM.beta(0.4, 6, ROWS)
OTHER = RANDOM.beta(0.3, 3, ROWS)
NAMES = np.array(["north", "south", "west", None], object)
PLACES = NAMES[RANDOM.choice(4, ROWS, p=[0.7, 0.25, 0.045, 0.005])]


def spread_out(drawn: Mapping[int, int], rows: int) -> Floats:
    return np.array([drawn.get(row, 0) for row in range(rows)])


def test_every_row_is_drawn_as_often_as_its_probability_says() -> None:
    rows, labels, times = np.array([40, 25, 10]), np.array([4, 10, 10]), 4000
    stratum = np.repeat(np.arange(3), rows)
    place, source = np.arange(len(stratum)), np.zeros(len(stratum), np.int64)
    drawn: Counter[int] = Counter()
    together = 0
    for seed in range(times):
        drawing = Drawing(labels)
        hashes = row_hashes(seed, source, place)
        drawing.add(stratum, hashes, source, place, place)
        found = drawing.finish()
        drawn.update(found.place.tolist())
        together += {0, 1} <= set(found.place.tolist())

    share = spread_out(drawn, len(stratum)) / times
    probability = (labels / rows)[stratum]
    error = np.sqrt(probability * (1 - probability) / times)
    assert (np.abs(share - probability) <= 4.5 * error + 1e-12).all()
    # Two of one stratum come together as often as in a simple random sample: 4/40 × 3/39.
    assert together / times == pytest.approx(4 / 40 * 3 / 39, abs=4 * np.sqrt(0.0077 / times))


def test_rows_that_stream_by_in_pieces_or_in_another_order_make_the_same_sample() -> None:
    stratum, place = np.arange(9000) % 3, np.arange(9000)
    source = np.zeros(9000, np.int64)
    hashes = row_hashes(8, source, place)
    found = []
    for order in (place, place[::-1], np.random.default_rng(1).permutation(9000)):
        drawing = Drawing(np.array([5, 50, 500]))
        for piece in np.array_split(order, 7):
            drawing.add(stratum[piece], hashes[piece], source[piece], place[piece], place[piece])
        found.append(drawing.finish())

    assert found[0].place.tolist() == found[1].place.tolist() == found[2].place.tolist()
    assert np.bincount(found[0].stratum).tolist() == [5, 50, 500]


def test_memory_is_for_the_sample_and_not_for_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.service.audit.sampling.drawing._SPARE", 100)
    drawing, source = Drawing(np.array([10])), np.zeros(1000, np.int64)
    most = 0
    for start in range(0, 50_000, 1000):
        place = np.arange(start, start + 1000)
        drawing.add(source, row_hashes(1, source, place), source, place, place)
        most = max(most, drawing._count)

    assert most <= 110
    assert len(drawing.finish().place) == 10


def test_rows_that_went_missing_between_two_passes_are_noticed() -> None:
    drawing, none = Drawing(np.array([3])), np.zeros(2, np.int64)
    drawing.add(none, np.array([1, 2], np.uint64), none, none, none)

    with pytest.raises(InputError, match="must not change while a sample is drawn"):
        drawing.finish()


def test_hashes_are_even_and_differ_by_seed_source_and_use() -> None:
    place, none = np.arange(100_000), np.zeros(100_000, np.int64)
    hashes = row_hashes(1, none, place)

    assert len(np.unique(hashes)) == 100_000
    assert np.histogram(hashes.astype(float) / 2**64, 20)[0] == pytest.approx(np.full(20, 5000), abs=300)
    for other in (row_hashes(2, none, place), row_hashes(1, none + 1, place), shuffled(1, none, place)):
        assert abs(np.corrcoef(hashes.astype(float), other.astype(float))[0, 1]) < 0.02


def test_hashes_never_change() -> None:
    # SplitMix64 of key 2 × 5, of streams and places: whoever has a seed must find the same sample for ever.
    known = [844888395807865900, 3338236903764941089]

    assert row_hashes(5, np.array([0, 1]), np.array([7, 7])).tolist() == known


def test_the_mean_row_is_drawn_as_often_as_any_and_no_row_less_than_the_even_share() -> None:
    scores = np.column_stack([SCORES, OTHER])
    levels = [scores >= 0.5, scores >= 0.8]
    spreads = tuple(np.sqrt(scores * (1 - scores)).mean(axis=0).tolist())
    flags = tuple(tuple(flagged.mean(axis=0).tolist()) for flagged in levels)
    views = RANDOM.lognormal(0, 1, ROWS)
    density = Density(0.5, 0.25, 0.1, spreads, flags, float(views.mean())).of(scores, levels, views)

    assert density.mean() == pytest.approx(1.0)
    assert density.min() >= 0.5
    assert density[levels[0][:, 0]].mean() > 2 > density[~levels[0].any(axis=1)].mean()


def test_a_row_without_a_score_is_drawn_as_often_as_the_mean_row() -> None:
    none = np.full((1, 1), np.nan)
    unflagged = [np.zeros((1, 1), bool)] * 2

    assert Density(0.6, 0.0, 0.0, (0.2,), ((0.0,), (0.0,)), 0.0).of(none, unflagged, None) == pytest.approx(
        1.0
    )


def test_strata_deserve_as_many_labels_each() -> None:
    density = np.random.default_rng(2).lognormal(0, 1, 100_000)
    bins = bins_of(density)
    rows = np.bincount(bins, minlength=len(EDGES) + 1)
    sums = np.bincount(bins, density, len(EDGES) + 1).astype(np.float64)
    starts = np.concatenate([[0], cuts(rows, sums, 8)])

    assert np.add.reduceat(sums, starts) / sums.sum() == pytest.approx(np.full(8, 1 / 8), abs=0.003)


def test_rows_of_one_density_are_one_stratum() -> None:
    rows, sums = np.zeros(len(EDGES) + 1, np.int64), np.zeros(len(EDGES) + 1)
    rows[500], sums[500] = 1000, 1000.0

    assert cuts(rows, sums, 8).size == 0


@pytest.mark.parametrize(
    ("labels", "deserved", "rows", "least", "expected"),
    [
        (100, [1.0, 1.0, 2.0], [500, 500, 500], [0, 0, 0], [25, 25, 50]),
        (10, [1.0, 1.0, 1.0], [500, 500, 500], [0, 0, 0], [4, 3, 3]),
        (100, [98.0, 1.0, 1.0], [500, 500, 500], [20, 20, 20], [60, 20, 20]),
        (100, [98.0, 1.0, 1.0], [30, 500, 500], [0, 0, 0], [30, 35, 35]),
        (100, [98.0, 1.0, 1.0], [500, 5, 500], [20, 20, 20], [75, 5, 20]),
        (100, [1.0, 1.0], [30, 20], [0, 0], [30, 20]),
        (7, [0.0, 0.0], [30, 20], [0, 0], [4, 3]),
    ],
    ids=[
        "in proportion",
        "fractions",
        "at least",
        "at most",
        "least beyond rows",
        "fewer rows",
        "none deserves",
    ],
)
def test_labels_are_divided(
    labels: int, deserved: list[float], rows: list[int], least: list[int], expected: list[int]
) -> None:
    found = allocate(labels, np.array(deserved), np.array(rows), np.array(least))

    assert found.tolist() == expected


def test_more_least_than_labels_is_refused() -> None:
    with pytest.raises(InputError, match=r"labels must be at least 40 .* was 30"):
        allocate(30, np.ones(2), np.array([90, 90]), np.array([20, 20]))


def test_a_sample_gives_every_row_a_chance_and_draws_what_it_was_asked_for(tmp_path: Path) -> None:
    unscorable = np.arange(ROWS) % 50 == 0
    scores = np.where(unscorable, np.nan, SCORES)
    layout, manifest = write_audit(
        tmp_path / "audit", {"soup": scores, "stew": np.where(unscorable, np.nan, OTHER)}
    )

    drawn = draw_sample(layout, manifest, SamplePlan(400, seed=3))

    strata = drawn.design.strata
    assert sum(one.rows for one in strata) == ROWS
    assert len(drawn.rows) == len({row.place for row in drawn.rows}) == drawn.design.labels == 400
    assert all(one.probability == one.labels / one.rows > 0 for one in strata)
    # No row is drawn less than three quarters as often as if all were alike, but for rounding.
    assert min(one.probability for one in strata if one.rows > 500) > 0.75 * 400 / ROWS * 0.9
    (unjudged,) = (group for group in drawn.design.groups if group.kind is GroupKind.UNJUDGED)
    assert unjudged.rows == 100
    assert sum(one.labels for one in unjudged.strata) == 20
    told = Counter(row.stratum for row in drawn.rows)
    assert told == {number: one.labels for number, one in enumerate(strata)}
    assert all(row.probability == strata[row.stratum].probability for row in drawn.rows)


def test_the_same_seed_draws_the_same_and_another_draws_another(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES})
    parted, other = write_audit(tmp_path / "parted", {"soup": SCORES}, parts=9)

    first, again = (draw_sample(layout, manifest, SamplePlan(200, seed=3)) for _ in range(2))
    assert first == again
    assert draw_sample(parted, other, SamplePlan(200, seed=3)).rows == first.rows
    assert draw_sample(layout, manifest, SamplePlan(200, seed=4)).rows != first.rows


def test_likely_hits_are_drawn_more_often(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES})
    drawn = draw_sample(layout, manifest, SamplePlan(200, seed=3))
    flagged = SCORES >= 0.5

    share = np.mean([flagged[row.place - 1] for row in drawn.rows])
    assert share > 15 * flagged.mean()


def test_each_value_of_a_column_gets_its_least_and_small_ones_are_pooled(tmp_path: Path) -> None:
    places = np.where(np.arange(ROWS) < 7, "isle", PLACES).tolist()
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices={"town": places})

    drawn = draw_sample(layout, manifest, SamplePlan(400, seed=3, by="town", least=30))

    told = {
        (group.kind, group.value): sum(one.labels for one in group.strata) for group in drawn.design.groups
    }
    values = {value: labels for (kind, value), labels in told.items() if kind is GroupKind.VALUE}
    assert set(values) == {"north", "south", "west", None}
    assert min(labels for value, labels in values.items() if value is not None) >= 30
    assert 20 <= values[None] <= 30  # all that there are, or the least
    assert told[GroupKind.REST, None] >= 2  # of the isle, which is too small for a group of its own
    assert sum(told.values()) == 400
    flagged = SCORES >= 0.5
    north = [row for row in drawn.rows if places[row.place - 1] == "north" and not flagged[row.place - 1]]
    assert len(north) == values["north"]


@pytest.mark.parametrize(
    "name",
    ["author", "user_id", "userId", "AccountHash", "screen_name", "users", "ip-address", "Uploader Name"],
)
def test_no_sample_is_cut_by_persons(tmp_path: Path, name: str) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices={name: PLACES.tolist()})

    with pytest.raises(InputError, match="no aggregates by author"):
        draw_sample(layout, manifest, SamplePlan(100, seed=1, by=name))


@pytest.mark.parametrize(
    "name", ["account_type", "author_country", "community", "user_language", "name", "url"]
)
def test_what_is_not_a_person_may_be_told_apart(tmp_path: Path, name: str) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices={name: PLACES.tolist()})

    assert len(draw_sample(layout, manifest, SamplePlan(200, seed=1, by=name)).rows) == 200


def test_more_than_500_values_are_refused(tmp_path: Path) -> None:
    many = [f"room {row % 501}" for row in range(ROWS)]
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices={"room": many})

    with pytest.raises(InputError, match="at most 500 values, 'room' has more"):
        draw_sample(layout, manifest, SamplePlan(100, seed=1, by="room"))


def test_a_column_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices={"town": PLACES.tolist()})

    with pytest.raises(InputError, match="was 'planet'; it has town, language"):
        draw_sample(layout, manifest, SamplePlan(100, seed=1, by="planet"))


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"labels": 0}, "labels must be at least 1"),
        ({"seed": -1}, "a seed must be between"),
        ({"even": 0.0}, "the even share must be above 0"),
        ({"even": 1.1}, "the even share must be above 0 and at most 1"),
        ({"least": -1}, "the least labels"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused(plan: dict[str, float], why: str) -> None:
    with pytest.raises(InputError, match=why):
        SamplePlan(**({"labels": 10, "seed": 1} | plan))  # type: ignore[arg-type]


def test_more_labels_than_rows_take_every_row(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES[:30]})

    drawn = draw_sample(layout, manifest, SamplePlan(100, seed=1))
    assert len(drawn.rows) == 30
    assert {row.probability for row in drawn.rows} == {1.0}


def test_a_design_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, weights=OTHER)
    drawn = draw_sample(layout, manifest, SamplePlan(100, seed=1))
    write_design(layout, drawn.design)

    assert read_design(layout) == drawn.design
    assert drawn.design.weighted == pytest.approx(0.25)
    assert json.loads(layout.sample_design.read_text())["seed"] == 1


def test_rows_that_weigh_more_are_drawn_more_often(tmp_path: Path) -> None:
    views = np.where(np.arange(ROWS) % 100 == 0, 1000.0, 1.0)
    layout, manifest = write_audit(tmp_path / "audit", {"soup": np.full(ROWS, 0.1)}, weights=views)
    drawn = draw_sample(layout, manifest, SamplePlan(200, seed=1))

    heavy = sum(views[row.place - 1] > 1 for row in drawn.rows)
    assert heavy >= 40  # of the 50 that there are: a quarter of the labels goes by weight


def test_the_order_of_rows_tells_nothing_of_their_strata(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES})
    rows = draw_sample(layout, manifest, SamplePlan(400, seed=1)).rows

    halves = [np.mean([row.stratum for row in half]) for half in (rows[:200], rows[200:])]
    assert halves[0] == pytest.approx(halves[1], abs=0.8)


def test_a_csv_opens_in_a_spreadsheet_without_running_anything(tmp_path: Path) -> None:

    ids = [f"=soup({row})" for row in range(60)]
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES[:60]}, ids=ids)
    drawn = draw_sample(layout, manifest, SamplePlan(20, seed=1))
    texts = {(row.source, row.place): "Soup,\nfor two 🍲" for row in drawn.rows}
    write_sample(layout.sample_csv, drawn, ("soup",), SampleFormat.CSV, texts)

    with layout.sample_csv.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["id", "source", "place", "stratum", "probability", "text", "label_soup"]
    assert {row["id"][0] for row in rows} == {"'"}
    assert {row["text"] for row in rows} == {"Soup,\nfor two 🍲"}
    assert {row["label_soup"] for row in rows} == {""}
    assert [float(row["probability"]) for row in rows] == [row.probability for row in drawn.rows]


def test_json_lines_have_null_labels_and_no_text_unless_asked(tmp_path: Path) -> None:

    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES[:60]})
    drawn = draw_sample(layout, manifest, SamplePlan(20, seed=1))
    write_sample(layout.sample_jsonl, drawn, ("soup",), SampleFormat.JSONL)

    first = json.loads(layout.sample_jsonl.read_text().splitlines()[0])
    assert set(first) == {"id", "source", "place", "stratum", "probability", "label_soup"}
    assert first["label_soup"] is None
