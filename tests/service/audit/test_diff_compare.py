"""Every figure of a diff is what a slow and plain count of the same rows comes to."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from tocsin.errors import InputError
from tocsin.service.audit.diffing import Diff, DiffPlan, compare, shared_slices
from tocsin.service.audit.diffing.by_id import by_id
from tocsin.service.audit.diffing.records import DiffRecord, PolicyDiff
from tocsin.service.audit.diffing.side import Audit, Side
from tocsin.service.audit.diffing.states import State
from tocsin.service.audit.diffing.testing import ToyRow, write_side

POLICIES = ("soup", "bread")
LEVELS = ("none", "review", "urgent")
NAMES = count()
NAN = float("nan")


def whole(before: Audit, after: Audit, *, by_id: bool = False, sample: int = 0, seed: int = 1) -> Diff:
    return compare(before, after, DiffPlan(shared_slices(before, after), sample, seed, by_id))


def figures(record: DiffRecord) -> dict[str, object]:
    return record.model_dump(exclude={"a", "b", "matched", "tocsin"})


scores = st.one_of(st.just(NAN), st.sampled_from([0.0, 0.3, 0.49, 0.5, 0.7, 0.8, 1.0]))
judged = st.one_of(st.just(()), st.tuples(scores, scores))
kinds = st.sampled_from(["there", "there", "there", "rejected", "missing"])


@st.composite
def two_sides(draw: st.DrawFn) -> tuple[list[ToyRow], list[ToyRow]]:
    """Return rows of two inputs as A and B have them; places skip, as lines of longer records do."""
    sides: tuple[list[ToyRow], list[ToyRow]] = ([], [])
    for source in range(2):
        place = 0
        for _ in range(draw(st.integers(0, 12))):
            place += draw(st.integers(1, 3))
            for side in sides:
                kind, town = draw(kinds), draw(st.sampled_from(["north", None]))
                if kind != "missing":
                    rejected = kind == "rejected"
                    side.append(ToyRow(source, place, () if rejected else draw(judged), town, rejected))
    return sides


def plain_moves(
    before: Sequence[ToyRow], after: Sequence[ToyRow], policy: int
) -> Counter[tuple[State, State]]:
    there = {(row.source, row.place): row for row in after}
    return Counter(
        (row.state(policy), there[row.source, row.place].state(policy))
        for row in before
        if (row.source, row.place) in there
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(two_sides(), st.integers(1, 7), st.integers(1, 7))
def test_rows_are_matched_however_parts_are_cut(
    tmp_path: Path, sides: tuple[list[ToyRow], list[ToyRow]], one_part: int, other_part: int
) -> None:
    folder, inputs = tmp_path / str(next(NAMES)), [Path("/soup.csv"), Path("/bread.csv")]
    before = write_side(folder / "a", sides[0], one_part, inputs=inputs)
    after = write_side(folder / "b", sides[1], other_part, inputs=inputs)
    here, there = ({(row.source, row.place) for row in side} for side in sides)
    if not here & there:
        with pytest.raises(InputError, match="must have rows that A has, has none"):
            whole(before, after)
        return
    record = whole(before, after).record

    assert (record.rows, record.only_a, record.only_b) == (
        len(here & there),
        len(here - there),
        len(there - here),
    )
    for number, policy in enumerate(record.policies):
        moves = plain_moves(*sides, number)
        assert {(one.a, one.b): one.rows for one in policy.moves} == moves
        assert policy.judged == sum(rows for pair, rows in moves.items() if set(pair) <= set(LEVELS))
        assert policy.raised == sum(rows for pair, rows in moves.items() if _direction(pair) > 0)
        assert policy.lowered == sum(rows for pair, rows in moves.items() if _direction(pair) < 0)


def _direction(pair: tuple[State, State]) -> int:
    was, now = (LEVELS.index(one) if one in LEVELS else None for one in pair)
    return 0 if was is None or now is None else now - was


RANDOM = np.random.default_rng(5)
ROWS = 3000
BEFORE = RANDOM.beta(0.5, 2, (ROWS, 2)).round(5)
AFTER = np.clip(BEFORE + RANDOM.normal(0, 0.1, (ROWS, 2)), 0, 1).round(5)
BEFORE[RANDOM.random((ROWS, 2)) < 0.02] = NAN
AFTER[RANDOM.random((ROWS, 2)) < 0.02] = NAN
TOWNS = RANDOM.choice(["north", "south", "isle", "rock"], ROWS, p=[0.6, 0.393, 0.004, 0.003]).tolist()


def toys(table: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[ToyRow]:
    return [
        ToyRow(0, place, (row[0], row[1]), town)
        for place, (row, town) in enumerate(zip(table.tolist(), TOWNS, strict=True), 1)
    ]


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Audit, Audit]:
    folder = tmp_path_factory.mktemp("audits")
    return write_side(folder / "a", toys(BEFORE), 700), write_side(folder / "b", toys(AFTER), 450)


def policies(audits: tuple[Audit, Audit]) -> Iterator[tuple[PolicyDiff, np.ndarray, np.ndarray]]:
    for number, policy in enumerate(whole(*audits).record.policies):
        both = ~(np.isnan(BEFORE[:, number]) | np.isnan(AFTER[:, number]))
        yield policy, BEFORE[both, number], AFTER[both, number]


def test_quantiles_ranks_and_kappa_are_those_of_other_libraries(audits: tuple[Audit, Audit]) -> None:
    for policy, before, after in policies(audits):
        told = policy.scores
        assert told is not None
        assert told.rows == len(before)
        for share, value in told.quantiles.items():
            known = np.quantile(after - before, float(share), method="inverted_cdf")
            assert value == pytest.approx(known, abs=1e-9)
        assert told.rank_correlation == pytest.approx(spearmanr(before, after).statistic, abs=1e-9)
        assert told.distance == pytest.approx(np.abs(after - before).mean())
        assert (told.higher, told.lower) == ((after > before).sum(), (after < before).sum())
        levels = [np.digitize(side, [0.5, 0.8]) for side in (before, after)]
        assert policy.kappa == pytest.approx(cohen_kappa_score(*levels))
        assert policy.agreement == pytest.approx((levels[0] == levels[1]).mean())


def test_the_change_is_that_of_the_flagged_share_of_all_rows(audits: tuple[Audit, Audit]) -> None:
    for number, policy in enumerate(whole(*audits).record.policies):
        one, other = (np.nan_to_num(table[:, number]) >= 0.5 for table in (BEFORE, AFTER))
        told = policy.flagged
        assert (told.a, told.b, told.both) == (one.sum(), other.sum(), (one & other).sum())
        assert told.change == pytest.approx(other.mean() - one.mean())
        nans = [np.isnan(table[:, number]) for table in (BEFORE, AFTER)]
        assert (policy.lost, policy.gained) == ((nans[1] & ~nans[0]).sum(), (nans[0] & ~nans[1]).sum())


def test_slices_add_up_and_small_ones_are_kept_back(audits: tuple[Audit, Audit]) -> None:
    towns = Counter(TOWNS)
    assert towns["isle"] < 20
    assert towns["rock"] < 20
    for policy in whole(*audits).record.policies:
        cut = policy.cuts["town"]
        assert [(one.value, one.rows) for one in cut.slices] == [
            ("north", towns["north"]),
            ("south", towns["south"]),
        ]
        assert (cut.suppressed, cut.suppressed_rows) == (2, towns["isle"] + towns["rock"])
        (english,) = policy.cuts["language"].slices
        assert (english.raised, english.lowered) == (policy.raised, policy.lowered)
        told = sum(one.raised for one in cut.slices)
        assert policy.raised - 20 <= told <= policy.raised
        for one in cut.slices:
            own = np.array([town == one.value for town in TOWNS])
            number = POLICIES.index(policy.name)
            levels = [np.digitize(table[own, number], [0.5, 0.8]) for table in (BEFORE, AFTER)]
            known = ~np.isnan(BEFORE[own, number]) & ~np.isnan(AFTER[own, number])
            assert one.raised == ((levels[1] > levels[0]) & known).sum()


def test_the_value_of_a_row_that_b_rejected_is_the_one_that_a_has(tmp_path: Path) -> None:
    rows = [ToyRow(0, place, (0.9, 0.1), "north") for place in range(1, 31)]
    before = write_side(tmp_path / "a", rows)
    after = write_side(tmp_path / "b", [replace(row, rejected=True) for row in rows])

    (soup, _) = whole(before, after).record.policies
    (town,) = soup.cuts["town"].slices
    assert (town.value, town.rows, town.judged) == ("north", 30, 0)
    assert (soup.lost, soup.flagged.a, soup.flagged.b) == (30, 30, 0)
    assert (soup.share, soup.kappa, soup.scores) == (None, None, None)


def test_rows_are_found_by_id_wherever_they_went(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    by_place = whole(*audits).record
    order = RANDOM.permutation(ROWS)
    rows = toys(AFTER)
    names: list[str] = [rows[old].id for old in order.tolist()]

    class Moved(ToyRow):
        __slots__ = ()

        @property
        def id(self) -> str:
            return names[self.place - 1]

    moved = [Moved(1, place, rows[old].scores, rows[old].town) for place, old in enumerate(order.tolist(), 1)]
    after = write_side(tmp_path / "b", moved, 333, inputs=[Path("/empty.csv"), Path("/moved.csv")])
    with pytest.raises(InputError, match=r"of the same inputs.*soup\.csv is in A alone.*--by-id"):
        whole(audits[0], after)

    assert figures(whole(audits[0], after, by_id=True).record) == figures(by_place)


def test_by_id_pieces_hold_every_row_once_and_leave_nothing_behind(audits: tuple[Audit, Audit]) -> None:
    before, after = (Side.of(audit, POLICIES, {}) for audit in audits)
    with by_id(before, after, piece_rows=250) as pairing:
        folder = pairing.folder
        pieces = list(pairing.pairs())
        assert folder.exists()

    assert len(pieces) == 1 + ROWS // 250
    assert max(map(len, pieces)) < 400
    assert sorted(one for piece in pieces for one in piece.before.place.tolist()) == list(range(1, ROWS + 1))
    assert all(piece.before.ids.tolist() == piece.after.ids.tolist() for piece in pieces)
    assert not folder.exists()


def test_an_id_that_comes_twice_is_refused_by_name(tmp_path: Path) -> None:
    rows = [ToyRow(0, place, (0.1, 0.2)) for place in range(1, 10)]

    class Twin(ToyRow):
        __slots__ = ()

        @property
        def id(self) -> str:
            return "p-0-3"

    before = write_side(tmp_path / "a", rows)
    after = write_side(tmp_path / "b", [*rows, Twin(0, 10, (0.1, 0.2))])
    with pytest.raises(InputError, match=r"b: an id must come once for --by-id, 'p-0-3' comes 2 times"):
        whole(before, after, by_id=True)


def test_ids_that_nobody_shares_are_refused(tmp_path: Path) -> None:
    before = write_side(tmp_path / "a", [ToyRow(0, 1, (0.1, 0.2))])
    after = write_side(tmp_path / "b", [ToyRow(0, 2, (0.1, 0.2))])

    with pytest.raises(InputError, match="must have ids that A has, has none"):
        whole(before, after, by_id=True)


def test_rejected_rows_are_left_out_by_id_and_said(tmp_path: Path) -> None:
    rows = [ToyRow(0, place, (0.1, 0.2)) for place in range(1, 10)]
    before = write_side(tmp_path / "a", rows)
    after = write_side(tmp_path / "b", [replace(row, rejected=row.place < 4) for row in rows])

    record = whole(before, after, by_id=True).record
    assert (record.rows, record.only_a, record.only_b, record.b.rejected) == (6, 3, 0, 3)


def test_policies_that_one_audit_alone_has_are_named_and_the_others_matched_by_name(tmp_path: Path) -> None:
    rows = [ToyRow(0, place, (0.9, 0.1, 0.6)) for place in range(1, 5)]
    before = write_side(tmp_path / "a", rows, policies=("soup", "bread", "cake"))
    after = write_side(tmp_path / "b", rows, policies=("pie", "soup", "cake"))

    record = whole(before, after).record
    assert (record.policies_only_a, record.policies_only_b) == (("bread",), ("pie",))
    assert [policy.name for policy in record.policies] == ["soup", "cake"]
    (move,) = record.policies[0].moves
    assert (move.a, move.b) == ("urgent", "none")


def test_audits_without_a_policy_in_common_are_refused(tmp_path: Path) -> None:
    rows = [ToyRow(0, 1, (0.9,))]
    before = write_side(tmp_path / "a", rows, policies=("soup",))
    after = write_side(tmp_path / "b", rows, policies=("pie",))

    with pytest.raises(InputError, match="must have a policy in common, have soup and pie"):
        whole(before, after)


def test_an_audit_is_not_compared_with_itself(audits: tuple[Audit, Audit]) -> None:
    with pytest.raises(InputError, match="must be two audits, are one folder"):
        whole(audits[0], audits[0])


def test_what_differs_between_the_manifests_is_told_but_not_how_rows_are_cut(tmp_path: Path) -> None:
    rows = [ToyRow(0, 1, (0.9, 0.1))]
    before = write_side(tmp_path / "a", rows)
    manifest = before.manifest
    after = write_side(
        tmp_path / "b",
        rows,
        model=manifest.model.model_copy(update={"version": "2"}),
        settings=manifest.settings.model_copy(update={"part_rows": 5, "loss": 0.02}),
    )

    told = [(one.what, one.a, one.b) for one in whole(before, after).record.differences]
    assert told == [("bundle version", "1", "2"), ("settings loss", None, "0.02")]


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("size", 2, r"size was 1, is 2"),
        ("modified_ns", 7, r"modified_ns was 1, is 7"),
        ("etag", "x", r"etag was None, is x"),
        ("place", "/elsewhere.csv", r"soup\.csv is in A alone; soup\.csv is in B alone"),
    ],
    ids=["another size", "another time", "another ETag", "another file"],
)
def test_inputs_that_differ_are_refused_by_place(tmp_path: Path, key: str, value: object, why: str) -> None:
    rows = [ToyRow(0, 1, (0.9, 0.1))]
    before = write_side(tmp_path / "a", rows)
    (one,) = before.manifest.inputs
    after = write_side(tmp_path / "b", rows)
    changed = after.manifest.model_copy(update={"inputs": (one.model_copy(update={key: value}),)})

    with pytest.raises(InputError, match=why):
        whole(before, Audit(after.layout, changed))


def test_inputs_may_come_in_another_order_and_under_other_names(tmp_path: Path) -> None:
    soup, bread = Path("/soup.csv"), Path("/bread.csv")
    rows = [ToyRow(0, 1, (0.9, 0.1)), ToyRow(0, 2, (0.1, 0.1)), ToyRow(1, 1, (0.6, 0.6))]
    turned = [replace(row, source=1 - row.source) for row in rows]
    before = write_side(tmp_path / "a", rows, inputs=[soup, bread])
    after = write_side(tmp_path / "b", sorted(turned, key=lambda row: row.source), inputs=[bread, soup])
    named = after.manifest.inputs[0].model_copy(update={"name": "./bread.csv"})
    manifest = after.manifest.model_copy(update={"inputs": (named, after.manifest.inputs[1])})

    record = whole(before, Audit(after.layout, manifest)).record
    assert [policy.share for policy in record.policies] == [0, 0]


def test_parts_that_went_missing_are_noticed(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    after = write_side(tmp_path / "b", toys(AFTER), 450)
    after.layout.scored_parts()[2].unlink()

    with pytest.raises(InputError, match=r"must have the 3,000 rows of audit\.json, has 2,550"):
        whole(audits[0], after)


def test_parts_out_of_order_are_noticed(audits: tuple[Audit, Audit], tmp_path: Path) -> None:
    after = write_side(tmp_path / "b", toys(AFTER)[::-1], 450)

    with pytest.raises(InputError, match="must come in order, each place once"):
        whole(audits[0], after)


def test_a_file_of_rejects_that_is_none_is_an_error_that_names_it(tmp_path: Path) -> None:
    rows = [ToyRow(0, 1, (0.9, 0.1)), ToyRow(0, 2, rejected=True)]
    before, after = write_side(tmp_path / "a", rows), write_side(tmp_path / "b", rows)
    (path,) = after.layout.rejects_parts()
    path.write_text(json.dumps({"row": 2}) + "\n")

    with pytest.raises(InputError, match=r"part-000000-000000\.jsonl: must be rejected rows .* KeyError"):
        whole(before, after)


def test_a_slice_that_neither_audit_has_and_one_of_persons_are_refused(audits: tuple[Audit, Audit]) -> None:
    with pytest.raises(InputError, match="was 'planet'; they have town, language, tier, status"):
        shared_slices(*audits, ["planet"])
    carried = audits[0].manifest.columns.slices[0].model_copy(update={"name": "author_id"})
    columns = audits[0].manifest.columns.model_copy(update={"slices": (carried,)})
    person = Audit(audits[0].layout, audits[0].manifest.model_copy(update={"columns": columns}))
    with pytest.raises(InputError, match="no aggregates by author"):
        shared_slices(person, audits[1], ["author_id"])
    assert shared_slices(person, audits[1]) == ("town", "language")


def test_a_column_of_too_many_values_is_refused(tmp_path: Path) -> None:
    rows = [ToyRow(0, place, (0.9, 0.1), f"house {place}") for place in range(1, 502)]
    before, after = write_side(tmp_path / "a", rows), write_side(tmp_path / "b", rows)

    with pytest.raises(InputError, match="at most 500 values, 'town' has more"):
        whole(before, after)
