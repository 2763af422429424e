from pathlib import Path

import numpy as np
import pytest

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.audit.estimating.labels import Answer, Wanted, read_answers

SAMPLE = Wanted(("p-1", "p-2", "p-3"), np.array([0, 0, 1]), np.array([1, 2, 1]))
HEAD = "id,source,place,label_soup"


def answers(folder: Path, content: str, name: str = "labels.csv", wanted: Wanted = SAMPLE) -> list[list[int]]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    found: list[list[int]] = read_answers(path, ("soup", "stew"), wanted).given.tolist()
    return found


def test_answers_are_matched_by_source_and_place_in_any_order(tmp_path: Path) -> None:
    found = answers(tmp_path, f"{HEAD},label_stew\np-3,1,1,yes,no\np-1,0,1,0,\np-2,0,2,unsure,1\n")

    assert found == [[Answer.NO, Answer.NONE], [Answer.UNSURE, Answer.YES], [Answer.YES, Answer.NO]]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("1", 1),
        ("Yes", 1),
        ("TRUE", 1),
        (" y ", 1),
        ("1.0", 1),
        ("0", 0),
        ("no", 0),
        ("False", 0),
        ("?", 2),
        ("", -1),
    ],
)
def test_what_people_write(tmp_path: Path, said: str, answer: int) -> None:
    assert answers(tmp_path, f"{HEAD}\np-1,0,1,{said}\n") == [[answer], [-1], [-1]]


@pytest.mark.parametrize(
    ("value", "answer"), [("true", 1), ("false", 0), ("null", -1), ("1", 1), ('"no"', 0)]
)
def test_json_lines_say_it_in_json(tmp_path: Path, value: str, answer: int) -> None:
    line = f'{{"id": "p-1", "source": 0, "place": 1, "label_soup": {value}}}\n'

    assert answers(tmp_path, line, "labels.jsonl") == [[answer], [-1], [-1]]


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with the mark of a spreadsheet"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_that_a_spreadsheet_saved_are_read(tmp_path: Path, delimiter: str, mark: str) -> None:
    lines = [HEAD, "p-1,0,1,yes", ",,,", "", "p-2,0,2,no"]
    content = mark + "\r\n".join(line.replace(",", delimiter) for line in lines)

    assert answers(tmp_path, content) == [[1], [0], [-1]]


def test_rows_may_be_deleted_and_texts_may_have_lines(tmp_path: Path) -> None:
    assert answers(tmp_path, f'text,{HEAD}\n"Soup,\nfor two",p-2,0,2,yes\n') == [[-1], [1], [-1]]


def test_without_places_ids_serve(tmp_path: Path) -> None:
    assert answers(tmp_path, "id,label_soup\np-3,yes\np-1,no\n") == [[0], [-1], [1]]


@pytest.mark.parametrize("told", ["1.2345678901234E+17", "123456789012345678", "'123456789012345678"])
def test_an_id_that_a_spreadsheet_took_for_a_number_is_known_by_its_place(tmp_path: Path, told: str) -> None:
    wanted = Wanted(("123456789012345678",), np.array([0]), np.array([9]))

    assert answers(tmp_path, f"{HEAD}\n{told},0,9,yes\n", wanted=wanted) == [[1]]


@pytest.mark.parametrize(
    ("content", "row", "why"),
    [
        (f"{HEAD}\np-1,0,1,yes\np-1,0,1,no\n", 3, "must come once, came in row 2 too"),
        (f"{HEAD}\np-9,0,9,yes\n", 2, "source 0, place 9 must be a row of the sample, is none"),
        (f"{HEAD}\np-2,0,1,yes\n", 2, "'id' must be that of the row at this source and place, is another's"),
        (f"{HEAD}\np-1,here,1,yes\n", 2, "'source' and 'place' must be whole numbers"),
        (f"{HEAD}\np-1,0,1e999,yes\n", 2, "'source' and 'place' must be whole numbers"),
        (f"{HEAD}\np-1,0,1,perhaps\n", 2, "'label_soup' must be yes, no, unsure or empty"),
        (f"{HEAD}\np-1,0,1\n", 2, "a record must have as many fields as the header, 4, was 3"),
        ("id,label_soup\np-9,yes\n", 2, "'id' must be that of one row of the sample, is none"),
        ("label_soup\nyes\n", 2, "a row must have 'source' and 'place', or an 'id'"),
    ],
    ids=[
        "twice",
        "unknown",
        "another's id",
        "no number",
        "too large a number",
        "no answer",
        "short",
        "unknown id",
        "nameless",
    ],
)
def test_a_row_that_cannot_be_used_is_an_error_that_names_it(
    tmp_path: Path, content: str, row: int, why: str
) -> None:
    with pytest.raises(MalformedRowError, match=why) as caught:
        answers(tmp_path, content)

    assert (caught.value.row, caught.value.source) == (row, str(tmp_path / "labels.csv"))
    assert "perhaps" not in str(caught.value)


def test_an_id_of_two_rows_needs_their_places(tmp_path: Path) -> None:
    wanted = Wanted(("p-1", "p-1"), np.array([0, 1]), np.array([1, 1]))

    with pytest.raises(MalformedRowError, match="is that of 2 rows: add 'source' and 'place'"):
        answers(tmp_path, "id,label_soup\np-1,yes\n", wanted=wanted)


def test_a_file_without_a_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must have a column label_NAME for one of soup, stew"):
        answers(tmp_path, "id,source,place,label_salad\np-1,0,1,yes\n")


def test_a_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be readable"):
        read_answers(tmp_path / "none.csv", ("soup",), SAMPLE)
    path = tmp_path / "latin.csv"
    path.write_bytes(f"{HEAD}\np-1,0,1,s\xfcp\n".encode("latin-1"))
    with pytest.raises(InputError, match="must be UTF-8"):
        read_answers(path, ("soup",), SAMPLE)
