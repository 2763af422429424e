import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import InputError
from tocsin.service.audit.columns import ColumnRecord, SchemaRecord
from tocsin.service.audit.inputs import find_inputs
from tocsin.service.audit.schema import AskedSchema, columns_of, read_schema, settle
from tocsin.service.scan import CellKind, Limits

POST = {"text": "soup", "place": "Quell", "stars": 3, "price": 1.5, "fresh": True, "views": 7, "gone": None}


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def settled(asked: AskedSchema, paths: Sequence[Path], recorded: SchemaRecord | None = None) -> SchemaRecord:
    sources = [one.source for one in find_inputs([str(path) for path in paths])]
    return settle(asked, sources, Limits(), ("appeal",), recorded)


def kinds(schema: SchemaRecord) -> dict[str, str]:
    return {one.name: one.kind.value for one in schema.carried}


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Return a file of one post in JSON Lines."""
    return write(tmp_path / "posts.jsonl", json.dumps(POST) + "\n")


def test_a_schema_is_read_from_a_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "schema.toml",
        'text = "body"\nid = "key"\ntime = "posted"\nweight = "views"\n[slices]\nstars = "integer"\n',
    )

    assert read_schema(path) == AskedSchema(
        text="body", id="key", time="posted", weight="views", slices={"stars": CellKind.INTEGER}
    )


def test_slices_may_be_listed_without_their_kinds(tmp_path: Path) -> None:
    assert read_schema(write(tmp_path / "s.toml", 'slices = ["place", "stars"]')).slices == {
        "place": None,
        "stars": None,
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("texts = 'body'", "texts: .*; keys are text, id, language, time", id="an unknown key"),
        pytest.param("text = 7", "text: ", id="a number for a name"),
        pytest.param("[slices]\nstars = 'figure'", "slices.*stars: ", id="an unknown kind"),
        pytest.param("text = ", "must be TOML: ", id="no TOML"),
        pytest.param("a = " + "[" * 5000, "must be TOML: ", id="nested too deeply"),
        pytest.param("# " + "x" * 2_000_000, "must be at most 1048576 bytes", id="no small file"),
    ],
)
def test_a_file_that_holds_no_schema_is_named_with_its_key(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(InputError, match=rf"schema\.toml: {why}"):
        read_schema(write(tmp_path / "schema.toml", content))


def test_a_schema_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"schema\.toml: must be readable"):
        read_schema(tmp_path / "schema.toml")


def test_options_win_over_the_file_and_take_the_place_of_its_slices() -> None:
    asked = AskedSchema(text="body", id="key", slices={"stars": CellKind.INTEGER})

    assert asked.with_options(["place"], text="words", id=None) == AskedSchema(
        text="words", id="key", slices={"place": None}
    )
    assert asked.with_options([]) == asked


def test_a_slice_is_named_once() -> None:
    with pytest.raises(InputError, match="slices must be columns that differ"):
        AskedSchema().with_options(["stars", "stars"])


def test_the_kinds_of_json_are_those_of_the_first_records(posts: Path) -> None:
    asked = AskedSchema(slices=dict.fromkeys(["place", "stars", "price", "fresh", "gone"]), weight="views")

    assert kinds(settled(asked, [posts])) == {
        "place": "string",
        "stars": "integer",
        "price": "number",
        "fresh": "boolean",
        "gone": "string",
        "views": "number",
    }


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        pytest.param([None, 1, 2], "integer", id="nulls say nothing"),
        pytest.param([1, 2.5], "number", id="whole numbers and fractions"),
        pytest.param([1, "many"], "string", id="a mixture"),
        pytest.param([True, 1], "string", id="flags are no numbers"),
        pytest.param(["a", ["b"]], "string", id="a structure, which is refused where it stands"),
    ],
)
def test_a_mixed_column_of_json_is_the_kind_that_takes_all(
    tmp_path: Path, values: list[object], kind: str
) -> None:
    lines = "".join(json.dumps({"text": "soup", "extra": value}) + "\n" for value in values)

    found = settled(AskedSchema(slices=dict.fromkeys(["extra"])), [write(tmp_path / "p.jsonl", lines)])

    assert kinds(found) == {"extra": kind}


def test_a_record_that_is_malformed_says_nothing_of_kinds(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", '{"stars": \n{"text": "soup", "stars": 1}\n')

    assert kinds(settled(AskedSchema(slices=dict.fromkeys(["stars"])), [path])) == {"stars": "integer"}


def test_parquet_says_what_its_columns_hold(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["soup"],
            "stars": pa.array([1], pa.uint8()),
            "place": pa.array(["Quell"]).dictionary_encode(),
            "day": [date(2031, 5, 17)],
            "posted": pa.array([0], pa.timestamp("ns")),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")

    found = settled(
        AskedSchema(slices=dict.fromkeys(["stars", "place", "day", "posted"])), [tmp_path / "p.parquet"]
    )

    assert kinds(found) == {"stars": "integer", "place": "string", "day": "date", "posted": "timestamp"}


def test_cells_of_csv_are_strings_unless_a_kind_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", "text,stars,when\nsoup,1,2031-05-17\n")

    assert kinds(settled(AskedSchema(slices=dict.fromkeys(["stars"]), time="when"), [path])) == {
        "stars": "string",
        "when": "timestamp",
    }
    asked = AskedSchema(slices={"stars": CellKind.INTEGER})
    assert kinds(settled(asked, [path])) == {"stars": "integer"}


def test_a_kind_is_that_of_the_first_input_that_knows_the_column(tmp_path: Path) -> None:
    empty = write(tmp_path / "a.jsonl", "")
    full = write(tmp_path / "b.jsonl", '{"text": "soup", "stars": 1}\n')

    assert kinds(settled(AskedSchema(slices=dict.fromkeys(["stars"])), [empty, full])) == {"stars": "integer"}


def test_an_audit_that_goes_on_keeps_its_kinds(posts: Path) -> None:
    recorded = SchemaRecord(slices=(ColumnRecord(name="stars", column="stars", kind=CellKind.STRING),))

    assert settled(AskedSchema(slices=dict.fromkeys(["stars"])), [posts], recorded) == recorded


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        pytest.param(
            AskedSchema(slices=dict.fromkeys(["sauce"])),
            "must have a column 'sauce', none of its",
            id="nowhere",
        ),
        pytest.param(
            AskedSchema(slices=dict.fromkeys(["text"])), "none of them the text's, was 'text'", id="the text"
        ),
        pytest.param(
            AskedSchema(slices=dict.fromkeys(["views"]), weight="views"), "columns that differ", id="two uses"
        ),
        pytest.param(AskedSchema(slices=dict.fromkeys(["author"])), "must not be a person's", id="people"),
    ],
)
def test_a_column_that_cannot_travel_is_refused(posts: Path, asked: AskedSchema, why: str) -> None:
    with pytest.raises(InputError, match=why):
        settled(asked, [posts])


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_a_column_that_a_table_lacks_is_refused_with_those_it_has(tmp_path: Path, name: str) -> None:
    if name == "p.parquet":
        pq.write_table(pa.table({"text": ["soup"]}), tmp_path / name)
        with pytest.raises(InputError, match="must have a column 'stars'; its columns are text"):
            settled(AskedSchema(slices=dict.fromkeys(["stars"])), [tmp_path / name])
    else:
        write(tmp_path / name, "text\nsoup\n")
        assert kinds(settled(AskedSchema(slices=dict.fromkeys(["stars"])), [tmp_path / name])) == {
            "stars": "string"
        }


def test_a_column_that_has_the_name_of_another_field_gets_one_of_its_own(tmp_path: Path) -> None:
    path = write(
        tmp_path / "p.csv", "text,language,slice_language,place,policy_appeal_level,views\nsoup,en,x,y,z,1\n"
    )
    asked = AskedSchema(
        slices=dict.fromkeys(["language", "slice_language", "place", "policy_appeal_level"]), weight="views"
    )

    found = settled(asked, [path])

    assert [(one.name, one.column) for one in found.carried] == [
        ("language", "slice_language"),
        ("slice_language", "slice_slice_language"),
        ("place", "slice_place"),
        ("policy_appeal_level", "slice_policy_appeal_level"),
        ("views", "views"),
    ]


def test_only_a_weight_has_a_least_value(posts: Path) -> None:
    columns = columns_of(settled(AskedSchema(slices=dict.fromkeys(["price"]), weight="views"), [posts]))

    assert [(one.name, one.least) for one in columns.carried or ()] == [("price", None), ("views", 0)]
