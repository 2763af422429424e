"""Gates hold single figures to floors and ceilings; what was not measured passes none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.errors import InputError
from tocsin.eval.gates import FAILING, Gate, Outcome, Verdict, judge, read_gates
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Column, Kind, Marked, Table, Value

DIGEST = "sha256:" + "0" * 64
ROW = 'row = { corpus = "kitchen", signal = "hate" }'
WHERE = f'suite = "corpora"\ntable = "cells"\n{ROW}\ncolumn = "auroc"'
POOLED = WHERE.replace(ROW, 'row = { signal = "hate" }')


def gate(**bounds: float) -> Gate:
    return Gate(
        suite="corpora",
        table="cells",
        row={"corpus": "kitchen", "signal": "hate"},
        column="auroc",
        reason="a sketch reached it",
        **bounds,
    )


def report(value: Value = 0.8, *, measured: bool = True) -> Report:
    table = Table(
        "cells",
        "Cells",
        (
            Column("corpus", "corpus", key=True),
            Column("signal", "signal", Kind.CODE, key=True),
            Column("note", "note"),
            Column("auroc", "AUROC", Kind.SCORE),
        ),
        [{"corpus": "kitchen", "signal": "hate", "note": "fine", "auroc": value}],
    )
    answer = Answer(
        "corpora",
        "Ranking",
        "How well?",
        Measured([table]) if measured else None,
        None if measured else "no corpora",
        0.0,
    )
    return Report(
        ModelStamp("toy", "1", DIGEST),
        "screen",
        ["en"],
        PolicyStamp("1", DIGEST),
        RowsRead({"kitchen": 100}),
        "2026-01-01",
        "0",
        (answer,),
    )


def verdict(one: Gate, value: Value = 0.8) -> Verdict:
    (outcome,) = judge([one], report(value))
    return outcome.verdict


@pytest.mark.parametrize(
    ("bounds", "figure", "expected"),
    [
        pytest.param({"floor": 0.8}, 0.8, Verdict.MET, id="at-the-floor"),
        pytest.param({"floor": 0.8}, 0.7999, Verdict.SHORT, id="just-below"),
        pytest.param({"ceiling": 0.05}, 0.05, Verdict.MET, id="at-the-ceiling"),
        pytest.param({"ceiling": 0.05}, 0.0501, Verdict.SHORT, id="just-above"),
        pytest.param({"floor": 0.8, "known": 0.7}, 0.7, Verdict.KNOWN, id="as-short-as-known"),
        pytest.param({"floor": 0.8, "known": 0.7}, 0.6999, Verdict.WORSE, id="shorter-than-known"),
        pytest.param({"floor": 0.8, "known": 0.7}, 0.9, Verdict.MET, id="no-longer-short"),
        pytest.param({"ceiling": 0.05, "known": 0.1}, 0.1, Verdict.KNOWN, id="as-high-as-known"),
        pytest.param({"ceiling": 0.05, "known": 0.1}, 0.11, Verdict.WORSE, id="higher-than-known"),
        pytest.param({"ceiling": 0.05}, 0, Verdict.MET, id="a-whole-number"),
    ],
)
def test_a_figure_meets_its_bound_or_falls_short(
    bounds: dict[str, float], figure: float, expected: Verdict
) -> None:
    assert verdict(gate(**bounds), figure) is expected


def test_a_gate_reads_the_figure_itself_whatever_its_interval_or_mark() -> None:
    estimate = Estimate(0.75, 0.5, 0.9)
    assert verdict(gate(floor=0.8), estimate) is Verdict.SHORT
    assert verdict(gate(floor=0.7), Marked(estimate, "behind")) is Verdict.MET


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param({"suite": "fairness"}, "the suite was not asked for", id="no-such-suite"),
        pytest.param({"table": "twins"}, "suite corpora has no table twins here", id="no-such-table"),
        pytest.param(
            {"row": {"corpus": "stadium", "signal": "hate"}}, "the table has no such row", id="no-such-row"
        ),
    ],
)
def test_what_was_not_measured_does_not_pass(changed: dict[str, object], why: str) -> None:
    (outcome,) = judge([gate(floor=0.0).model_copy(update=changed)], report())
    assert outcome == Outcome(outcome.gate, Verdict.UNMEASURED, None, why)
    assert outcome.verdict in FAILING


def test_a_suite_that_was_not_run_does_not_pass() -> None:
    (outcome,) = judge([gate(floor=0.0)], report(measured=False))
    assert (outcome.verdict, outcome.why) == (Verdict.UNMEASURED, "no corpora")


NO_NUMBER = float("nan")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="an-empty-cell"),
        pytest.param(NO_NUMBER, id="no-number"),
        pytest.param(Estimate(NO_NUMBER, 0.1, 0.9), id="an-estimate-of-none"),
        pytest.param(Marked(Estimate(NO_NUMBER, 0.1, 0.9), "few"), id="a-marked-one"),
        pytest.param(float("inf"), id="infinite"),
    ],
)
@pytest.mark.parametrize(
    "bounds",
    [
        pytest.param({"floor": 0.0}, id="floor"),
        pytest.param({"floor": 0.8, "known": 0.7}, id="floor-known-to-be-missed"),
        pytest.param({"ceiling": 0.1, "known": 0.2}, id="ceiling-known-to-be-missed"),
    ],
)
def test_what_is_no_number_does_not_pass(bounds: dict[str, float], value: Value) -> None:
    assert verdict(gate(**bounds), value) is Verdict.UNMEASURED


def test_a_row_that_is_there_twice_does_not_pass() -> None:
    told = report()
    (answer,) = told.answers
    assert answer.measured is not None
    (table,) = answer.measured.tables
    twice = replace(table, rows=[*table.rows, {**table.rows[0], "auroc": 0.1}])
    found = replace(told, answers=[replace(answer, measured=Measured([twice]))])
    (outcome,) = judge([gate(floor=0.5)], found)
    assert (outcome.verdict, outcome.why) == (Verdict.UNMEASURED, "the table has more than one such row")


def test_a_gate_that_no_table_could_answer_is_an_error_of_its_file() -> None:
    with pytest.raises(InputError, match="row must give corpus, signal; gave corpus"):
        list(judge([gate(floor=0.0).model_copy(update={"row": {"corpus": "kitchen"}})], report()))
    for column in ("note", "nonsense"):
        with pytest.raises(InputError, match=f"column must be a figure of cells, was '{column}'"):
            list(judge([gate(floor=0.0).model_copy(update={"column": column})], report()))


def written(tmp_path: Path, *gates: str, head: str = "format = 1") -> Path:
    path = tmp_path / "gates.toml"
    path.write_text("\n".join([head, *(f"[[gate]]\n{one}" for one in gates)]), encoding="utf-8")
    return path


def test_a_file_of_gates_is_read_in_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f'{WHERE}\nfloor = 0.8\nreason = "why"',
        f'{WHERE}\nceiling = 0.99\nreason = "too good to be true"',
    )
    assert [one.bound for one in read_gates(path)] == ["at least 0.8", "at most 0.99"]


@pytest.mark.parametrize(
    ("gates", "why"),
    [
        pytest.param([], "gate: Field required", id="none"),
        pytest.param([f'{WHERE}\nreason = "why"'], "must have either a floor or a ceiling", id="no-bound"),
        pytest.param(
            [f'{WHERE}\nfloor = 0.1\nceiling = 0.2\nreason = "why"'],
            "must have either a floor or a ceiling",
            id="two-bounds",
        ),
        pytest.param([f"{WHERE}\nfloor = 0.1"], "reason: Field required", id="no-reason"),
        pytest.param([f'{WHERE}\nfloor = 0.1\nreason = ""'], "at least 1 character", id="an-empty-reason"),
        pytest.param(
            [f'{WHERE}\nfloor = 0.1\nknown = 0.2\nreason = "why"'],
            "known must fall short of the gate",
            id="known-is-no-shortfall",
        ),
        pytest.param(
            [f'{POOLED}\nfloor = 0.1\nreason = "why"'],
            "pooled figures gate nothing",
            id="pooled",
        ),
        pytest.param([f'{WHERE}\nfloor = nan\nreason = "why"'], "finite number", id="not-a-number"),
        pytest.param([f'{WHERE}\nflour = 0.1\nreason = "why"'], "flour", id="unknown-key"),
        pytest.param(
            [f'{WHERE}\nfloor = 0.1\nreason = "why"', f'{WHERE}\nfloor = 0.2\nreason = "why"'],
            "has two",
            id="twice",
        ),
        pytest.param(["floor ="], "must be TOML", id="not-toml"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_by_name(tmp_path: Path, gates: list[str], why: str) -> None:
    with pytest.raises(InputError, match=why) as raised:
        read_gates(written(tmp_path, *gates))
    assert "gates.toml" in str(raised.value)


def test_a_file_of_another_format_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format"):
        read_gates(written(tmp_path, f'{WHERE}\nfloor = 0.8\nreason = "why"', head="format = 2"))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_gates(tmp_path / "nowhere.toml")


def test_the_gates_that_ship_are_whole_and_hold_no_pooled_figure() -> None:
    gates = read_gates()
    assert len(gates) > 50
    assert all({"corpus", "audit", "functionality", "suite"} & set(one.row) for one in gates)
    assert any(one.known is not None for one in gates)
