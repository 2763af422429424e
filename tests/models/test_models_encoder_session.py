"""What a graph must be to judge texts, and what is refused by the name of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from tocsin.errors import BundleError
from tocsin.models.encoder import Session
from tocsin.models.encoder.session import INPUTS, OUTPUT

Harm = Callable[[], bytes]
PATH = Path("kitchen/encoder.onnx")
ROWS = 10
SIGNALS = 2
TABLE = np.arange(ROWS * SIGNALS, dtype=np.float32).reshape(ROWS, SIGNALS)


def summing(
    *,
    inputs: Sequence[str] = INPUTS,
    output: str = OUTPUT,
    more: Sequence[str] = (),
    signals: int = SIGNALS,
    kind: int = TensorProto.INT64,
    shape: Sequence[str | int] = ("rows", "tokens"),
    reader: tuple[str, str] = ("", "Gather"),
) -> ModelProto:
    """Return a graph whose margins are the sums of what its tokens have in a table, padding left out."""
    domain, operator = reader
    table = np.arange(ROWS * signals, dtype=np.float32).reshape(ROWS, signals)
    nodes = [
        helper.make_node(operator, ["table", inputs[0]], ["found"], domain=domain),
        helper.make_node("Cast", [inputs[1]], ["told"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["told", "last"], ["counted"]),
        helper.make_node("Mul", ["found", "counted"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], [output], keepdims=0),
        *(helper.make_node("Identity", [output], [name]) for name in more),
    ]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info(name, kind, shape) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in (output, *more)],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "tokens"),
        ],
    )
    versions = [helper.make_opsetid("", 18), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=versions, ir_version=9)


def harmed(**changes: Any) -> Harm:
    return lambda: bytes(summing(**changes).SerializeToString())


def elsewhere(model: ModelProto) -> TensorProto:
    """Say of the table that it lies in another file; return it."""
    table: TensorProto = model.graph.initializer[0]
    table.ClearField("raw_data")
    table.data_location = TensorProto.EXTERNAL
    return table


def in_a_file() -> bytes:
    model = summing()
    elsewhere(model).external_data.add(key="location", value="weights.bin")
    return bytes(model.SerializeToString())


def in_a_file_spelt_otherwise(key: bytes) -> Harm:
    """Return a graph that names the file by a key in a spelling that protobuf allows and no writer writes."""

    def harm() -> bytes:
        model = summing()
        table = elsewhere(model)
        model.graph.initializer.remove(table)
        named = table.SerializeToString() + field(13, key + field(2, b"weights.bin"))
        return bytes(model.SerializeToString() + field(7, field(5, named)))  # graphs that follow are merged

    return harm


def field(number: int, content: bytes) -> bytes:
    """Return a field of a protobuf message, less than 16,384 bytes long."""
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return bytes([number << 3 | 2]) + size + content


HARMS: list[tuple[str, Harm, str]] = [
    ("an input by another name", harmed(inputs=("soup", INPUTS[1])), "turns soup and attention_mask into"),
    ("an input too many", harmed(inputs=(*INPUTS, "token_type_ids")), "attention_mask and token_type_ids"),
    ("an output by another name", harmed(output="soup"), "turns input_ids and attention_mask into soup"),
    ("an output too many", harmed(more=("soup",)), "into logits and soup"),
    ("a signal too many", harmed(signals=3), r"must make 2 margins a text, made \(3,\)"),
    ("a signal too few", harmed(signals=1), r"must make 2 margins a text, made \(1,\)"),
    ("an unknown domain", harmed(reader=("kitchen", "Gather")), "must be a graph that ONNX Runtime can run"),
    ("an unknown operator", harmed(reader=("", "Stir")), "must be a graph that ONNX Runtime can run"),
    ("tensors in a file beside it", in_a_file, "must hold all its tensors itself"),
    ("no graph at all", lambda: b"soup", "must be a graph that ONNX Runtime can run"),
    ("nothing", lambda: b"", "must be a graph that ONNX Runtime can run"),
    ("half a graph", lambda: summing().SerializeToString()[:200], "must be a graph that ONNX Runtime can"),
    ("ids of another kind", harmed(kind=TensorProto.INT32), "kitchen/encoder.onnx"),
    ("windows of one length", harmed(shape=("rows", 16)), "kitchen/encoder.onnx"),
    ("two texts at a time", harmed(shape=(2, "tokens")), "kitchen/encoder.onnx"),
    ("a length written long", in_a_file_spelt_otherwise(b"\x0a\x88\x00location"), "hold all"),
    ("a tag written long", in_a_file_spelt_otherwise(b"\x8a\x00\x08location"), "hold all"),
]  # fmt: skip


@pytest.fixture
def session() -> Session:
    return Session(PATH, summing().SerializeToString(), SIGNALS)


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param([3], id="one-token"),
        pytest.param([1, 2, 3], id="several-tokens"),
        pytest.param([7] * 2_000, id="more-than-any-window-has"),
        pytest.param([], id="none"),
    ],
)
def test_a_graph_turns_one_window_into_one_margin_a_signal(session: Session, ids: list[int]) -> None:
    found = session.margins(np.array(ids, np.int64))

    assert found.shape == (SIGNALS,)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, TABLE[ids].sum(axis=0))


def test_threads_that_read_at_the_same_time_do_not_disturb_each_other(session: Session) -> None:
    windows = [np.array([number % ROWS] * (1 + number % 7)) for number in range(400)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(session.margins, windows))

    np.testing.assert_array_equal(together, [TABLE[ids].sum(axis=0) for ids in windows])


def test_inputs_may_stand_in_either_order() -> None:
    model = summing()
    model.graph.input.reverse()
    found = Session(PATH, model.SerializeToString(), SIGNALS).margins(np.array([3, 4]))

    np.testing.assert_array_equal(found, TABLE[[3, 4]].sum(axis=0))


@pytest.mark.parametrize(
    ("harm", "message"),
    [pytest.param(harm, says, id=name.replace(" ", "-")) for name, harm, says in HARMS],
)
def test_what_is_no_such_graph_is_refused_by_the_name_of_the_file(
    harm: Harm, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.bin").write_bytes(TABLE.tobytes())  # what is asked for is there, and stays unread
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BundleError, match=message) as refused:
        Session(PATH, harm(), SIGNALS)

    assert str(refused.value).startswith(f"{PATH}: ")
