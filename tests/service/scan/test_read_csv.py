import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError, MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import Columns, Limits, Row, inputs_from, read_rows

COLUMNS = Columns()
LIMITS = Limits()


def rows_of(
    folder: Path,
    data: bytes,
    columns: Columns = COLUMNS,
    limits: Limits = LIMITS,
    name: str = "posts.csv",
) -> list[Row]:
    path = folder / name
    path.write_bytes(data)
    return list(read_rows(inputs_from([str(path)]), columns, limits))


@pytest.mark.parametrize(
    ("data", "items"),
    [
        pytest.param(b"id,text\n", [], id="a header alone has no rows"),
        pytest.param(b"id,text\na,soup\n", [Item("a", "soup")], id="a plain record"),
        pytest.param(b"id,text\r\na,soup\r\n", [Item("a", "soup")], id="Windows line ends"),
        pytest.param(b"\xef\xbb\xbfid,text\na,soup", [Item("a", "soup")], id="a byte order mark"),
        pytest.param(b"text\nsoup\n", [Item("2", "soup")], id="without an id, the line number"),
        pytest.param(b"id,text\n,soup\n", [Item("2", "soup")], id="an empty id is none"),
        pytest.param(b"id,text\na,\n", [Item("a", "")], id="an empty text is not malformed"),
        pytest.param(
            b'id,text\na,"x\ny"\nb,z\n', [Item("a", "x\ny"), Item("b", "z")], id="a text on two lines"
        ),
        pytest.param(b'id,text\na,"x\r\ny"\n', [Item("a", "x\r\ny")], id="line ends within quotes are kept"),
        pytest.param(b'id,text\na,"say ""hi"""\n', [Item("a", 'say "hi"')], id="doubled quotes"),
        pytest.param(b'id,text\na,5" pan\n', [Item("a", '5" pan')], id="a quote within a plain field"),
        pytest.param(b"id,text\n\na,soup\n\n", [Item("a", "soup")], id="blank lines between records"),
        pytest.param(b"text\n\nsoup\n", [Item("2", ""), Item("3", "soup")], id="a blank line of one column"),
        pytest.param(b"text,language\nsoup,en\n", [Item("2", "soup", "en")], id="a language hint"),
    ],
)
def test_a_record_becomes_an_item(tmp_path: Path, data: bytes, items: list[Item]) -> None:
    assert rows_of(tmp_path, data) == items


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b"a,so\xffup", "text must be valid UTF-8", id="invalid UTF-8"),
        pytest.param(b"a,so\0up", "text must not hold NUL bytes", id="a NUL byte"),
        pytest.param(b"a", "a record must have as many fields as the header, 2, was 1", id="too few"),
        pytest.param(b"a,b,c", "a record must have as many fields as the header, 2, was 3", id="too many"),
        pytest.param(
            b'a,"b"c', "a closing quote must end its field, was followed by more", id="after a quote"
        ),
        pytest.param(
            b"a,b\rc,d", r"a line must end in \n or \r\n, has a \r within", id="an old Mac line end"
        ),
        pytest.param(
            b"a," + b"x" * 400, "a record must be at most 300 bytes, was 402 or more", id="too long"
        ),
    ],
)
def test_a_malformed_record_is_reported_and_its_neighbours_are_read(
    tmp_path: Path, bad: bytes, why: str
) -> None:
    data = b"id,text\n1,soup\n" + bad + b"\n3,bread\n"
    before, rejected, after = rows_of(tmp_path, data, limits=Limits(record_bytes=300))

    assert (before, after) == (Item("1", "soup"), Item("3", "bread"))
    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.last_row, rejected.why) == (3, 3, why)


def test_a_flaw_on_one_line_of_a_quoted_text_rejects_that_record_alone(tmp_path: Path) -> None:
    rejected, item = rows_of(tmp_path, b'id,text\na,"x\n\xff\0\ny"\nb,soup\n')

    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.last_row) == (2, 4)
    assert item == Item("b", "soup")


def test_a_quote_still_open_at_the_end_names_the_lines_it_swallowed(tmp_path: Path) -> None:
    item, rejected = rows_of(tmp_path, b'id,text\na,soup\nb,"bread\nc,rice\nd,beans\n')

    assert item == Item("a", "soup")
    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.last_row) == (3, 5)
    assert rejected.why == "a quote must be closed, was still open at the end of the input"


def test_reading_resumes_after_an_open_quote_has_used_up_its_limit(tmp_path: Path) -> None:
    data = b'id,text\na,"soup\n' + b"b,bread\n" * 20
    rejected, *items = rows_of(tmp_path, data, limits=Limits(record_bytes=50))

    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.last_row) == (2, 9)
    assert items == [Item("b", "bread")] * (20 - 7)


def test_a_field_longer_than_the_csv_module_allows_by_itself_is_read(tmp_path: Path) -> None:
    text = "soup " * 100_000

    assert rows_of(tmp_path, f"id,text\na,{text}\n".encode()) == [Item("a", text)]


@pytest.mark.parametrize(
    ("data", "columns", "why"),
    [
        pytest.param(b"", Columns(), "must have a column 'text'; its columns are none", id="an empty file"),
        pytest.param(
            b"\n", Columns(), "must have a column 'text'; its columns are none", id="a blank header"
        ),
        pytest.param(
            b"id,body\n", Columns(), "must have a column 'text'; its columns are id, body", id="no text"
        ),
        pytest.param(
            b"text\n", Columns(id="key"), "must have a column 'key'; its columns are text", id="no id"
        ),
        pytest.param(b"text\n", Columns(language="lang"), "must have a column 'lang'", id="no language"),
        pytest.param(
            b"text,a,a\n", Columns(), "names must differ; its columns are text, a, a", id="duplicates"
        ),
        pytest.param(
            b'"text\n', Columns(), "must begin with a header of column names: a quote", id="open quote"
        ),
        pytest.param(
            b"te\xffxt\n", Columns(), "must begin with a header of column names: text", id="not UTF-8"
        ),
        pytest.param(
            b"7,come to the rugby on Sunday\n",
            Columns(),
            "must have a column 'text'; it has 2 columns, not all of them with plain names",
            id="a post",
        ),
    ],
)
def test_a_malformed_header_is_fatal(tmp_path: Path, data: bytes, columns: Columns, why: str) -> None:
    with pytest.raises(InputError) as caught:
        rows_of(tmp_path, data, columns)

    assert why in str(caught.value)
    assert not isinstance(caught.value, MalformedRowError)


def test_tsv_is_separated_by_tabs(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, b'id\ttext\na\tsoup, bread\nb\t"x\ty"\nc\t"x"y\n', name="posts.tsv")

    assert rows[:2] == [Item("a", "soup, bread"), Item("b", "x\ty")]
    assert isinstance(rows[2], MalformedRowError)
    assert rows[2].why == "a closing quote must end its field, was followed by more"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)))
def test_whatever_the_csv_module_writes_is_read_back(tmp_path: Path, texts: list[str]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([["id", "text"], *([f"p{number}", text] for number, text in enumerate(texts))])

    rows = rows_of(tmp_path, buffer.getvalue().encode())

    assert rows == [Item(f"p{number}", text) for number, text in enumerate(texts)]
