"""The sample of flips: even over policies and directions, each by the chance that is written down."""

import csv
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tocsin.errors import InputError
from tocsin.service.audit.diffing import (
    Diff,
    DiffLayout,
    DiffPlan,
    compare,
    read_diff,
    write_diff,
    write_flips,
)
from tocsin.service.audit.diffing.by_place import ByPlace
from tocsin.service.audit.diffing.flips import FlipDrawing
from tocsin.service.audit.diffing.side import Audit, Side
from tocsin.service.audit.diffing.tally import Tally
from tocsin.service.audit.diffing.testing import ToyRow, write_side

ROWS = 400


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Audit]:
    """Return two audits: under soup 100 rows rise and 6 fall; under bread 40 of these rise, others go."""
    folder = tmp_path_factory.mktemp("audits")
    before, after = [], []
    for place in range(1, ROWS + 1):
        soup = (0.1, 0.9) if place <= 100 else (0.6, 0.2) if place <= 106 else (0.1, 0.1)
        bread = (0.1, 0.6) if place <= 40 else (0.9, float("nan"))
        before.append(ToyRow(0, place, (soup[0], bread[0])))
        after.append(ToyRow(0, place, (soup[1], bread[1])))
    return write_side(folder / "a", before, 90), write_side(folder / "b", after, 70)


def drawn(audits: tuple[Audit, Audit], sample: int, seed: int) -> Diff:
    return compare(*audits, DiffPlan((), sample, seed))


def test_flips_are_drawn_evenly_over_policies_and_directions(audits: tuple[Audit, Audit]) -> None:
    found = drawn(audits, 60, 3)

    assert found.record.sample is not None
    told = {(one.policy, one.direction): (one.rows, one.labels) for one in found.record.sample.strata}
    assert told == {
        ("soup", "raised"): (100, 27),
        ("soup", "lowered"): (6, 6),
        ("bread", "raised"): (40, 27),
    }
    probabilities = {one.policy: one.probability for one in found.flips if one.before == "none"}
    assert probabilities == {"soup": 27 / 100, "bread": 27 / 40}
    assert len(found.flips) == found.record.sample.drawn == 60


def test_every_flip_is_what_the_audits_say(audits: tuple[Audit, Audit]) -> None:
    for one in drawn(audits, 60, 3).flips:
        fell = 100 < one.place <= 106
        expected = ("review", "none") if fell else ("none", "urgent" if one.policy == "soup" else "review")
        assert (one.before, one.after) == expected
        assert one.id == f"p-0-{one.place}"
        assert one.place <= (106 if one.policy == "soup" else 40)


def test_every_flip_is_drawn_as_often_as_its_probability_says(audits: tuple[Audit, Audit]) -> None:
    times = 400
    policies = ("soup", "bread")
    pairs = list(ByPlace(*(Side.of(audit, policies, {}) for audit in audits)).pairs())
    tally = Tally(len(policies), {})
    for one in pairs:
        tally.add(one)
    found: Counter[tuple[str, int]] = Counter()
    for seed in range(times):
        drawing = FlipDrawing(policies, [tally.moves(number) for number in range(2)], 60, seed)
        for one in pairs:
            drawing.add(one)
        found.update((flip.policy, flip.place) for flip in drawing.finish())

    for policy, rows, share in (("soup", 100, 0.27), ("bread", 40, 27 / 40)):
        counts = np.array([found[policy, place] for place in range(1, rows + 1)])
        error = np.sqrt(times * share * (1 - share))
        assert np.abs(counts - times * share).max() < 4.5 * error
        assert counts.mean() == pytest.approx(times * share)
    assert all(found["soup", place] == times for place in range(101, 107))


def test_the_same_seed_draws_the_same_flips_in_an_order_that_tells_nothing(
    audits: tuple[Audit, Audit],
) -> None:
    first, again, other = (drawn(audits, 60, seed).flips for seed in (3, 3, 4))

    assert first == again
    assert {(one.policy, one.place) for one in first} != {(one.policy, one.place) for one in other}
    halves = [np.mean([one.policy == "bread" for one in half]) for half in (first[:30], first[30:])]
    assert abs(halves[0] - halves[1]) < 0.4
    assert [one.place for one in first] != sorted(one.place for one in first)


def test_what_flips_under_two_policies_is_read_once(audits: tuple[Audit, Audit]) -> None:
    flips = drawn(audits, 60, 3).flips
    both = [place for place, count in Counter(one.place for one in flips).items() if count == 2]
    where = {place: [number for number, one in enumerate(flips) if one.place == place] for place in both}

    assert len(both) >= 5
    assert all(second - first == 1 for first, second in where.values())


def test_a_larger_sample_takes_every_flip_and_none_at_all_is_none(audits: tuple[Audit, Audit]) -> None:
    assert {one.probability for one in drawn(audits, 1000, 1).flips} == {1.0}
    assert len(drawn(audits, 1000, 1).flips) == 146
    nothing = drawn(audits, 0, 1)
    assert nothing.flips == ()
    assert nothing.record.sample is None


def test_files_come_back_as_they_were(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    found, layout = drawn(audits, 20, 3), DiffLayout(tmp_path / "new" / "diff")
    write_diff(layout, found.record)
    write_flips(layout.flips, found.flips, {(one.source, one.place): "Soup,\nfor two" for one in found.flips})

    assert read_diff(layout) == found.record
    with layout.flips.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["id", "source", "place", "policy", "from", "to", "probability", "text", "label"]
    assert {(row["text"], row["label"]) for row in rows} == {("Soup,\nfor two", "")}
    for row, one in zip(rows, found.flips, strict=True):
        told = asdict(one)
        assert (row["id"], row["policy"], int(row["place"])) == (told["id"], told["policy"], told["place"])
        assert (row["from"], row["to"], float(row["probability"])) == (one.before, one.after, one.probability)


def test_where_nothing_flips_the_file_has_its_header_alone(tmp_path: Path) -> None:
    write_flips(tmp_path / "flips.csv", ())

    assert (tmp_path / "flips.csv").read_text("utf-8-sig").strip() == (
        "id,source,place,policy,from,to,probability,label"
    )


@pytest.mark.parametrize(("sample", "seed"), [(-1, 1), (1, -1), (1, 2**63)])
def test_a_plan_that_breaks_a_rule_is_refused(sample: int, seed: int) -> None:
    with pytest.raises(InputError, match="must be"):
        DiffPlan((), sample, seed)
