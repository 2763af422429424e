"""Native files of our own: well formed, and broken in every way that has its own complaint."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from tocsin.errors import CorpusError
from tocsin.training.corpora import CORPORA
from tocsin.training.corpora.corpus import read_csv, read_json, read_json_lines

STAGE_1 = "implicit_hate_v1_stg1_posts.tsv"
STAGE_2 = "implicit_hate_v1_stg2_posts.tsv"
ACTION_HEADER = "CommentID,ActionFocusedText,Label,AugmentationType\n"
GAHD_HEADER = "gahd_id,text,label,round,split,contrastive_gahd_id\n"
HATECHECK_HEADER = "case_id,test_case,label_gold,functionality,target_ident,direction,templ_id\n"
HATEMOJI_CHECK_HEADER = "case_id,text,label_gold,functionality,target,set,templ_id\n"
GERMAN_CASES = "hatecheck_cases_final_german.csv"
GERMAN_HEADER = "mhc_case_id,test_case,label_gold,functionality,target_ident,label_annotated_maj,templ_id\n"
HATEMOJI_HEADER = "entry_id,text,type,label_gold,matched_id\n"
CAD_HEADER = "id\ttext\tlabels\n"
DAVIDSON_HEADER = ",count,class,tweet\n"
EDOS_HEADER = "rewire_id,text,label_sexist,label_category,label_vector,split\n"
HATEXPLAIN_HEADER = ",text,label,category,id\n"


def archived(members: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"hate-speech-dataset-master/{name}", content)
    return packed.getvalue()


GOOD: Mapping[str, Mapping[str, str | bytes]] = {  # bytes: an archive, else the text of a file
    "cad": {
        "cad_v1_1_train.tsv": f'{CAD_HEADER}abc123-title\tsoup\tNeutral\nabc123-post\t"hot" soup\tNeutral\n',
        "cad_v1_1_dev.tsv": f"{CAD_HEADER}abc124\tcold soup\tAffiliationDirectedAbuse,PersonDirectedAbuse\n",
        "cad_v1_1_test.tsv": f"{CAD_HEADER}abc125\tplain bread\tCounterSpeech\n",
    },
    "collective-action": {
        "train_set.csv": f"{ACTION_HEADER}c1,join the bake sale,Call-to-action,None\n",
        "test_set.csv": "CommentID,ActionFocusedText,Label\nc2,the oven is hot,None\n",
    },
    "davidson": {"labeled_data.csv": f"{DAVIDSON_HEADER}0,3,2,hot soup\n"},
    "digital-extremism": {
        "annotated_extremism_data.csv": "Original_Message,Extremism_Label\nhot soup,NON_EXTREMIST\n"
    },
    "edos": {"edos_labelled_aggregated.csv": f"{EDOS_HEADER}e-1,hot soup,not sexist,none,none,train\n"},
    "gab-hate-corpus": {
        "ghc_train.tsv": "text\thd\tcv\nhot soup\t0\t0\n",
        "ghc_test.tsv": "text\thd\tcv\nplain bread\t0\t1\n",
    },
    "gahd": {"gahd.csv": f"{GAHD_HEADER}a1,hot soup,0,R1,train,\nb2,cold soup,1,R4,test,a1\n"},
    "germeval-2026": {
        "c2a_train_26.csv": "id;description;c2a\n1;join the bake sale;TRUE\n",
        "dbo_train_26.csv": "id;description;dbo\n1;join the bake sale;nothing\n2;hot soup;criticism\n",
        "vio_train_26.csv": "id;description;vio\n1;join the bake sale;nothing\n3;cold soup;other\n",
    },
    "hatecheck": {"test_suite_cases.csv": f"{HATECHECK_HEADER}1,hot soup,non-hateful,profanity_nh,,-,1\n"},
    "hatemoji-build": {
        "train.csv": f"{HATEMOJI_HEADER}1,hot soup,none,0,2\n",
        "validation.csv": f"{HATEMOJI_HEADER}2,cold soup,derogation,1,1\n",
        "test.csv": f"{HATEMOJI_HEADER}3,plain bread,threateninglanguage,1,4\n",
    },
    "hatemoji-check": {"test.csv": f"{HATEMOJI_CHECK_HEADER}0,hot soup,0,verb_swap,None,orig,1.0\n"},
    "hatexplain": {
        "092-HateXplain.csv": f"{HATEXPLAIN_HEADER}7_kitchen,hot soup,0,0,0\n8_kitchen,cold soup,0,3,1\n",
        "post_id_divisions.json": '{"train": [], "val": [], "test": ["7_kitchen"]}',
    },
    "implicit-hate": {
        STAGE_1: "post\tclass\nhot soup\tnot_hate\ncold soup\timplicit_hate\n",
        STAGE_2: "post\timplicit_class\textra_implicit_class\ncold soup\tirony\t\n",
    },
    "isis-supporters": {"tweets.csv": "group,text\n0123abcd,hot soup\n"},
    "isis-topic": {"tweets.csv": "group,text\n0123abcd,a goal in the last minute\n"},
    "muc": {
        "train.json": '{"docid": "A", "doctext": "the match was won"}\n',
        "dev.json": '{"docid": "B", "doctext": "the match was lost"}\n',
        "test.json": '{"docid": "C", "doctext": "we won the match"}\n',
        "not-third-person.json": '{"rule": "we", "docid": ["C"]}',
    },
    "multilingual-hatecheck": {
        GERMAN_CASES: f"{GERMAN_HEADER}german-1,hot soup,non-hateful,profanity_nh,,non-hateful,1\n"
    },
    "pheme": {"012-Pheme.csv": "tweetID,text\n7,a goal in the last minute\n"},
    "stormfront": {
        "hate-speech-dataset-master.zip": archived(
            {
                "annotations_metadata.csv": "file_id,label\n1_1,noHate\n1_2,hate\n",
                **{f"{folder}/1_1.txt": "hot soup" for folder in ("all_files", "sampled_train")},
                **{f"{folder}/1_2.txt": "cold soup" for folder in ("all_files", "sampled_test")},
            }
        )
    },
}


def raw(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


TEXTS = [(corpus, file) for corpus, files in GOOD.items() for file in files if isinstance(files[file], str)]


def written(folder: Path, corpus: str, **changed: bytes | None) -> Path:
    """Write a good corpus below `folder`, but for the files that are `changed` (None: left out)."""
    (folder / corpus).mkdir()
    files = {name: raw(content) for name, content in GOOD[corpus].items()}
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


@pytest.mark.parametrize("corpus", sorted({corpus for corpus, _ in TEXTS}))
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, corpus: str) -> None:
    marked = {name: b"\xef\xbb\xbf" + raw(content) for name, content in GOOD[corpus].items()}
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


@pytest.mark.parametrize(("corpus", "file"), TEXTS)
def test_a_file_that_is_not_utf_8_is_named_with_the_first_bad_byte(
    tmp_path: Path, corpus: str, file: str
) -> None:
    start = raw(GOOD[corpus][file])
    data = written(tmp_path, corpus, **{file: start + b"caf\xe9\n"})
    place = len(start) + len("caf")
    with pytest.raises(CorpusError, match=rf"^{file}: must be UTF-8, was not at byte {place}$"):
        list(CORPORA[corpus].examples(data))


BROKEN: list[tuple[str, str, str, str | bytes, str]] = [
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
    (
        "unknown-vector",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,sexist,2. derogation,2.4 cooking,train\n",
        "row 1: labels must be 'not sexist', or 'sexist' with a category",
    ),
    (
        "vector-of-another-category",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,sexist,3. animosity,2.1 descriptive attacks,train\n",
        "were 'sexist', '3. animosity', '2.1 descriptive attacks'",
    ),
    (
        "sexist-of-no-category",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,sexist,none,none,train\n",
        "were 'sexist', 'none', 'none'",
    ),
    (
        "category-of-what-is-not-sexist",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,not sexist,2. derogation,2.1 descriptive attacks,train\n",
        "were 'not sexist', '2. derogation', '2.1 descriptive attacks'",
    ),
    (
        "label-as-long-as-a-post",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,a recipe that has no end and no name,none,none,train\n",
        "were 36 characters, 'none', 'none'",
    ),
    (
        "unknown-split",
        "edos",
        "edos_labelled_aggregated.csv",
        f"{EDOS_HEADER}e-1,soup,not sexist,none,none,validation\n",
        "row 1: split must be one of ['dev', 'test', 'train'], was 'validation'",
    ),
    (
        "unknown-category",
        "hatexplain",
        "092-HateXplain.csv",
        f"{HATEXPLAIN_HEADER}7_kitchen,soup,0,4,0\n",
        "row 1: category must be one of ['0', '1', '2', '3'], was '4'",
    ),
    (
        "post-without-a-split",
        "hatexplain",
        "092-HateXplain.csv",
        f"{HATEXPLAIN_HEADER}8_kitchen,soup,0,3,0\n9_kitchen,soup,0,2,1\n",
        "row 2: post must stand in post_id_divisions.json, was '9_kitchen'",
    ),
    (
        "post-has-no-column",
        "hatexplain",
        "092-HateXplain.csv",
        "text,label,category,id\nsoup,0,0,7_kitchen\n",
        "column '' is missing from its 4 columns",
    ),
    (
        "division-is-gone",
        "hatexplain",
        "post_id_divisions.json",
        '{"train": [], "test": ["7_kitchen"]}',
        "key 'val' is missing",
    ),
    (
        "unknown-label-beside-a-known-one",
        "cad",
        "cad_v1_1_dev.tsv",
        f"{CAD_HEADER}abc\tsoup\tPersonDirectedAbuse,Cooking\n",
        "row 1: labels must be among ['AffiliationDirectedAbuse', 'CounterSpeech', ",
    ),
    ("no-label", "cad", "cad_v1_1_dev.tsv", f"{CAD_HEADER}abc\tsoup\t\n", "row 1: labels must be among"),
    (
        "blank-after-the-comma",
        "cad",
        "cad_v1_1_dev.tsv",
        f"{CAD_HEADER}abc\tsoup\tPersonDirectedAbuse, CounterSpeech\n",
        "were 34 characters",
    ),
    (
        "unknown-part-of-a-post",
        "cad",
        "cad_v1_1_dev.tsv",
        f"{CAD_HEADER}abc\tsoup\tNeutral\nabc-reply\tsoup\tNeutral\n",
        "row 2: id must be letters and digits, with -title or -post at most, was 'abc-reply'",
    ),
    (
        "quoted-tab-is-a-tab",
        "cad",
        "cad_v1_1_dev.tsv",
        f'{CAD_HEADER}abc\t"hot\tsoup"\tNeutral\n',
        "row 1: must have 3 fields, had 4",
    ),
    (
        "unknown-class-of-tweet",
        "davidson",
        "labeled_data.csv",
        f"{DAVIDSON_HEADER}0,3,1,soup\n1,3,3,soup\n",
        "row 2: class must be one of ['0', '1', '2'], was '3'",
    ),
    (
        "supporters-account-has-a-name",
        "isis-supporters",
        "tweets.csv",
        "group,text\n0123abcd,soup\nthe_cook,soup\n",
        "row 2: group must be 8 hexadecimal digits, was 'the_cook'",
    ),
    (
        "supporters-account-is-a-text",
        "isis-supporters",
        "tweets.csv",
        "group,text\nsoup for all who come to the match,0123abcd\n",
        "row 1: group must be 8 hexadecimal digits, was 34 characters",
    ),
    (
        "topic-account-has-a-name",
        "isis-topic",
        "tweets.csv",
        "group,text\n0123abcd,soup\nthe_cook,soup\n",
        "row 2: group must be 8 hexadecimal digits, was 'the_cook'",
    ),
    (
        "topic-account-is-a-text",
        "isis-topic",
        "tweets.csv",
        "group,text\nsoup for all who come to the match,0123abcd\n",
        "row 1: group must be 8 hexadecimal digits, was 34 characters",
    ),
    (
        "call-is-neither-true-nor-false",
        "germeval-2026",
        "c2a_train_26.csv",
        "id;description;c2a\n1;join the bake sale;MAYBE\n",
        "row 1: c2a must be one of ['FALSE', 'TRUE'], was 'MAYBE'",
    ),
    (
        "unknown-attack",
        "germeval-2026",
        "dbo_train_26.csv",
        "id;description;dbo\n2;hot soup;nothing\n3;cold soup;cooking\n",
        "row 2: dbo must be one of ['agitation', 'criticism', 'nothing', 'subversive'], was 'cooking'",
    ),
    (
        "unknown-violence",
        "germeval-2026",
        "vio_train_26.csv",
        "id;description;vio\n2;hot soup;cooking\n",
        "row 1: vio must be one of ['call2violence', 'glorification',",
    ),
    (
        "id-is-no-number",
        "germeval-2026",
        "vio_train_26.csv",
        "id;description;vio\nx;hot soup;nothing\n",
        "row 1: id must be a number, was 'x'",
    ),
    (
        "id-twice-in-a-file",
        "germeval-2026",
        "c2a_train_26.csv",
        "id;description;c2a\n1;join the bake sale;TRUE\n1;join the bake sale;TRUE\n",
        "row 2: id must stand once in a file, was '1' again",
    ),
    (
        "another-text-under-an-id-of-the-first-file",
        "germeval-2026",
        "vio_train_26.csv",
        "id;description;vio\n1;hot soup;nothing\n",
        "row 1: id must have one text in all files, was '1' with another",
    ),
    (
        "contrast-of-nothing",
        "gahd",
        "gahd.csv",
        f"{GAHD_HEADER}a1,hot soup,0,R4,train,\nb2,cold soup,1,R4,test,c3\n",
        "row 2: contrastive_gahd_id must be a gahd_id, was 'c3'",
    ),
    (
        "unknown-split",
        "gahd",
        "gahd.csv",
        f"{GAHD_HEADER}a1,hot soup,0,R1,calibration,\n",
        "row 1: split must be one of ('train', 'dev', 'test'), was 'calibration'",
    ),
    (
        "unknown-round",
        "gahd",
        "gahd.csv",
        f"{GAHD_HEADER}a1,hot soup,0,R5,train,\n",
        "row 1: round must be one of ('R1', 'R2', 'R3', 'R4'), was 'R5'",
    ),
    (
        "german-hate-is-no-flag",
        "gahd",
        "gahd.csv",
        f"{GAHD_HEADER}a1,hot soup,yes,R1,train,\n",
        "row 1: label must be 0 or 1, was 'yes'",
    ),
    (
        "unknown-gold-label",
        "hatecheck",
        "test_suite_cases.csv",
        f"{HATECHECK_HEADER}1,hot soup,harmless,profanity_nh,,-,1\n",
        "row 1: label_gold must be one of ['hateful', 'non-hateful'], was 'harmless'",
    ),
    (
        "emoji-case-is-no-flag",
        "hatemoji-check",
        "test.csv",
        f"{HATEMOJI_CHECK_HEADER}0,hot soup,non-hateful,verb_swap,None,orig,1.0\n",
        "row 1: label_gold must be 0 or 1, was 'non-hateful'",
    ),
    (
        "unknown-german-gold-label",
        "multilingual-hatecheck",
        GERMAN_CASES,
        f"{GERMAN_HEADER}german-1,hot soup,harmless,profanity_nh,,hateful,1\n",
        "row 1: label_gold must be one of ['hateful', 'non-hateful'], was 'harmless'",
    ),
    (
        "annotators-said-neither",
        "multilingual-hatecheck",
        GERMAN_CASES,
        f"{GERMAN_HEADER}german-1,hot soup,hateful,profanity_h,,harmless,1\n",
        "row 1: label_annotated_maj must be one of ['hateful', 'non-hateful'], was 'harmless'",
    ),
]


@pytest.mark.parametrize(
    ("corpus", "file", "content", "complaint"), [pytest.param(*row, id=why) for why, *row in BROKEN]
)
def test_a_malformed_file_is_refused_by_name_and_row(
    tmp_path: Path, corpus: str, file: str, content: str | bytes, complaint: str
) -> None:
    data = written(tmp_path, corpus, **{file: raw(content)})
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


def test_a_carriage_return_alone_is_a_blank_within_a_field_and_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "recipes.csv"
    path.write_bytes(b'a,b\nhot\rsoup,x\r\n"plain\rbread",y\n')
    rows = [(number, row["a"], row["b"]) for number, row in read_csv(path, ("a",))]
    assert rows == [(1, "hot soup", "x"), (2, "plain bread", "y")]


def test_quotation_marks_are_characters_in_a_file_that_quotes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "recipes.tsv"
    path.write_text('a\tb\n"hot" soup\tx\n"plain bread\ty\n"soup"\tz\n', encoding="utf-8")
    rows = [row["a"] for _, row in read_csv(path, ("a",), delimiter="\t", quoted=False)]
    assert rows == ['"hot" soup', '"plain bread', '"soup"']


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
