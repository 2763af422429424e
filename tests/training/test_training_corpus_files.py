"""Native files of our own: well formed, and broken in every way that has its own complaint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tocsin.errors import CorpusError
from tocsin.training.corpora import CORPORA
from tocsin.training.corpora.corpus import read_csv, read_json, read_json_lines

STAGE_1 = "implicit_hate_v1_stg1_posts.tsv"
STAGE_2 = "implicit_hate_v1_stg2_posts.tsv"
ACTION_HEADER = "CommentID,ActionFocusedText,Label,AugmentationType\n"
HATEMOJI_HEADER = "entry_id,text,type,label_gold,matched_id\n"

GOOD: Mapping[str, Mapping[str, str]] = {
    "collective-action": {
        "train_set.csv": f"{ACTION_HEADER}c1,join the bake sale,Call-to-action,None\n",
        "test_set.csv": "CommentID,ActionFocusedText,Label\nc2,the oven is hot,None\n",
    },
    "digital-extremism": {
        "annotated_extremism_data.csv": "Original_Message,Extremism_Label\nhot soup,NON_EXTREMIST\n"
    },
    "gab-hate-corpus": {
        "ghc_train.tsv": "text\thd\tcv\nhot soup\t0\t0\n",
        "ghc_test.tsv": "text\thd\tcv\nplain bread\t0\t1\n",
    },
    "hatemoji-build": {
        "train.csv": f"{HATEMOJI_HEADER}1,hot soup,none,0,2\n",
        "validation.csv": f"{HATEMOJI_HEADER}2,cold soup,derogation,1,1\n",
        "test.csv": f"{HATEMOJI_HEADER}3,plain bread,threateninglanguage,1,4\n",
    },
    "implicit-hate": {
        STAGE_1: "post\tclass\nhot soup\tnot_hate\ncold soup\timplicit_hate\n",
        STAGE_2: "post\timplicit_class\textra_implicit_class\ncold soup\tirony\t\n",
    },
    "muc": {
        "train.json": '{"docid": "A", "doctext": "the match was won"}\n',
        "dev.json": '{"docid": "B", "doctext": "the match was lost"}\n',
        "test.json": '{"docid": "C", "doctext": "we won the match"}\n',
        "not-third-person.json": '{"rule": "we", "docid": ["C"]}',
    },
    "pheme": {"012-Pheme.csv": "tweetID,text\n7,a goal in the last minute\n"},
}


def written(folder: Path, corpus: str, **changed: bytes | None) -> Path:
    """Write a good corpus below `folder`, but for the files that are `changed` (None: left out)."""
    (folder / corpus).mkdir()
    files = {name: content.encode() for name, content in GOOD[corpus].items()}
    for name, content in {**files, **changed}.items():
        if content is not None:
            (folder / corpus / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("corpus", GOOD)
def test_a_well_formed_corpus_is_read(tmp_path: Path, corpus: str) -> None:
    rows = list(CORPORA[corpus].examples(written(tmp_path, corpus)))
    assert len(rows) >= 1
    assert {row.corpus for row in rows} == {corpus}


def test_every_corpus_has_a_well_formed_twin_here() -> None:
    assert set(GOOD) == set(CORPORA)


@pytest.mark.parametrize("corpus", [corpus for corpus in GOOD if corpus != "muc"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, corpus: str) -> None:
    marked = {name: b"\xef\xbb\xbf" + content.encode() for name, content in GOOD[corpus].items()}
    plain = list(CORPORA[corpus].examples(written(tmp_path, corpus)))
    (tmp_path / "marked").mkdir()
    assert list(CORPORA[corpus].examples(written(tmp_path / "marked", corpus, **marked))) == plain


@pytest.mark.parametrize(
    ("corpus", "file"), [(corpus, file) for corpus, files in GOOD.items() for file in files]
)
def test_a_missing_file_is_named_with_its_corpus(tmp_path: Path, corpus: str, file: str) -> None:
    data = written(tmp_path, corpus, **{file: None})
    with pytest.raises(CorpusError, match=rf"^{corpus}: file {file} is missing from "):
        list(CORPORA[corpus].examples(data))


@pytest.mark.parametrize(
    ("corpus", "file"), [(corpus, file) for corpus, files in GOOD.items() for file in files]
)
def test_a_file_that_is_not_utf_8_is_named_with_the_first_bad_byte(
    tmp_path: Path, corpus: str, file: str
) -> None:
    data = written(tmp_path, corpus, **{file: GOOD[corpus][file].encode() + b"caf\xe9\n"})
    place = len(GOOD[corpus][file].encode()) + len("caf")
    with pytest.raises(CorpusError, match=rf"^{file}: must be UTF-8, was not at byte {place}$"):
        list(CORPORA[corpus].examples(data))


BROKEN = [
    ("column-is-gone", "gab-hate-corpus", "ghc_test.tsv", "text\thd\nsoup\t0\n", "column 'cv' is missing"),
    ("empty-file", "gab-hate-corpus", "ghc_train.tsv", "", "column 'text' is missing"),
    (
        "column-has-another-name",
        "pheme",
        "012-Pheme.csv",
        "id,text\n7,a goal\n",
        "column 'tweetID' is missing",
    ),
    (
        "field-too-few",
        "gab-hate-corpus",
        "ghc_train.tsv",
        "text\thd\tcv\nsoup\t0\t0\nbread\t0\n",
        "row 2: must have 3 fields, had 2",
    ),
    (
        "field-too-many",
        "digital-extremism",
        "annotated_extremism_data.csv",
        "Original_Message,Extremism_Label\nhot soup, with bread,EXTREMIST\n",
        "row 1: must have 2 fields, had 3",
    ),
    (
        "blank-line",
        "digital-extremism",
        "annotated_extremism_data.csv",
        "Original_Message,Extremism_Label\nsoup,EXTREMIST\n\nbread,EXTREMIST\n",
        "row 2: must have 2 fields, had 0",
    ),
    (
        "quote-never-closed",
        "pheme",
        "012-Pheme.csv",
        'tweetID,text\n7,"a goal\n',
        "near line 2: unexpected end",
    ),
    (
        "unknown-extremism-label",
        "digital-extremism",
        "annotated_extremism_data.csv",
        "Original_Message,Extremism_Label\nsoup,EXTREMIST\nbread,MAYBE\n",
        "row 2: label must be one of ['EXTREMIST', 'NON_EXTREMIST'], was 'MAYBE'",
    ),
    (
        "unknown-action",
        "collective-action",
        "test_set.csv",
        "CommentID,ActionFocusedText,Label\nc2,hot soup,Cooking\n",
        "row 1: label must be one of ['', 'Call-to-action', 'Execution',",
    ),
    (
        "unknown-class",
        "implicit-hate",
        STAGE_1,
        "post\tclass\nhot soup\tnot_hate\ncold soup\tmaybe\n",
        "row 2: class must be one of ('not_hate', 'implicit_hate', 'explicit_hate'), was 'maybe'",
    ),
    (
        "unknown-kind",
        "implicit-hate",
        STAGE_2,
        "post\timplicit_class\textra_implicit_class\ncold soup\tcooking\t\n",
        "row 1: kind must be one of",
    ),
    (
        "unknown-extra-kind",
        "implicit-hate",
        STAGE_2,
        "post\timplicit_class\textra_implicit_class\ncold soup\tirony\tcooking\n",
        "row 1: kind must be one of",
    ),
    (
        "call-is-no-flag",
        "gab-hate-corpus",
        "ghc_train.tsv",
        "text\thd\tcv\nsoup\t0\t2\n",
        "row 1: cv must be 0 or 1, was '2'",
    ),
    (
        "assault-is-no-flag",
        "gab-hate-corpus",
        "ghc_test.tsv",
        "text\thd\tcv\nsoup\t0\t0\nbread\t1.0\t1\n",
        "row 2: hd must be 0 or 1, was '1.0'",
    ),
    (
        "gold-is-no-flag",
        "hatemoji-build",
        "train.csv",
        f"{HATEMOJI_HEADER}1,hot soup,none,,2\n",
        "row 1: label_gold must be 0 or 1, was ''",
    ),
    (
        "unknown-type",
        "hatemoji-build",
        "test.csv",
        f"{HATEMOJI_HEADER}1,hot soup,cooking,1,2\n",
        "row 1: type must be one of",
    ),
    (
        "line-is-no-json",
        "muc",
        "dev.json",
        '{"docid": "A", "doctext": "x"}\n{"docid"\n',
        "row 2: must be JSON: ",
    ),
    ("blank-json-line", "muc", "dev.json", '\n{"docid": "A", "doctext": "x"}\n', "row 1: must be JSON: "),
    ("line-is-no-object", "muc", "train.json", '["A", "x"]\n', "row 1: must be a JSON object, was list"),
    ("key-is-gone", "muc", "test.json", '{"docid": "A"}\n', "row 1: key 'doctext' is missing"),
    ("exclusions-are-no-json", "muc", "not-third-person.json", "docid", "row 1: must be JSON: "),
    ("exclusions-have-no-ids", "muc", "not-third-person.json", "{}", "key 'docid' is missing"),
]


@pytest.mark.parametrize(
    ("corpus", "file", "content", "complaint"), [pytest.param(*row, id=why) for why, *row in BROKEN]
)
def test_a_malformed_file_is_refused_by_name_and_row(
    tmp_path: Path, corpus: str, file: str, content: str, complaint: str
) -> None:
    data = written(tmp_path, corpus, **{file: content.encode()})
    with pytest.raises(CorpusError) as caught:
        list(CORPORA[corpus].examples(data))
    assert str(caught.value).startswith(file)
    assert complaint in str(caught.value)


def test_words_that_look_like_missing_values_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text('a,b\nNone,NA\n"",nan\n', encoding="utf-8")
    assert list(read_csv(path, ("a", "b"))) == [(1, {"a": "None", "b": "NA"}), (2, {"a": "", "b": "nan"})]


def test_a_quoted_field_may_hold_line_ends_and_counts_as_one_row(tmp_path: Path) -> None:
    path = tmp_path / "recipes.csv"
    path.write_bytes(b'a,b\r\n"one\ntwo",x\r\nthree,y\r\n')
    rows = [(number, row["a"].split("\n")) for number, row in read_csv(path, ("a",))]
    assert rows == [(1, ["one", "two"]), (2, ["three"])]


def test_a_json_line_ends_at_a_line_feed_and_at_no_other_separator(tmp_path: Path) -> None:
    path = tmp_path / "reports.json"
    said = "first half\u2028second half\x85overtime"
    path.write_text(json.dumps({"docid": "A", "doctext": said}, ensure_ascii=False) + "\n", encoding="utf-8")
    found = [(number, dict(row)) for number, row in read_json_lines(path, ("docid",))]
    assert found == [(1, {"docid": "A", "doctext": said})]


def test_a_json_document_hands_out_what_stands_under_a_key(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    path.write_text('{"docid": ["A"]}', encoding="utf-8")
    assert read_json(path, "docid") == ["A"]


def test_an_action_without_an_author_belongs_to_nobody(tmp_path: Path) -> None:
    rows = "None,hot soup,None,Synthetic\nNone,cold soup,None,Synthetic\n,plain bread,None,None\n"
    data = written(tmp_path, "collective-action", **{"train_set.csv": (ACTION_HEADER + rows).encode()})
    found = [(row.group, row.weight) for row in CORPORA["collective-action"].examples(data)]
    assert found == [(None, 0.5), (None, 0.5), (None, 1.0), ("c2", 1.0)]
