"""What is written of copies and lists is what is there."""

import re
from pathlib import Path

import pytest

from tocsin.service.audit.known.grouping import LEAST_SHINGLES
from tocsin.service.audit.known.hash_list import LONGEST_LABEL, TITLE
from tocsin.service.audit.known.keying import LEAST_KEY_BYTES, NORMALISER
from tocsin.service.audit.known.parts import BY, KEYS
from tocsin.service.audit.known.records import (
    ClusterRecord,
    CountRecord,
    ExampleRecord,
    HashAlgorithm,
    KnownRecord,
    ListRecord,
    MatchRecord,
    MethodRecord,
    Step,
    TimesRecord,
    ValueRecord,
    ValuesRecord,
)
from tocsin.service.audit.record import Record
from tocsin.service.audit.sampling.design import CopiesRecord, CopyRecord
from tocsin.service.likeness import NEAR, SKETCH

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "reference" / "audit.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to" / "audit.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_field_has_a_line_of_its_own_in_order() -> None:
    told = SECTIONS["Copies"].partition("| field | what |")[2]

    assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE) == list(KnownRecord.model_fields)


@pytest.mark.parametrize(
    ("section", "record"),
    [
        *(("Copies", record) for record in (ClusterRecord, CountRecord, ExampleRecord, ListRecord)),
        *(("Copies", record) for record in (MatchRecord, MethodRecord, TimesRecord)),
        *(("Copies", record) for record in (ValueRecord, ValuesRecord)),
        *(("The sample", record) for record in (CopiesRecord, CopyRecord)),
    ],
)
def test_every_field_within_is_named(section: str, record: type[Record]) -> None:
    assert set(record.model_fields) <= set(re.findall(r"`(\w+)`", SECTIONS[section]))


def test_every_column_and_word_is_named() -> None:
    named = re.findall(r"`([\w-]+)`", SECTIONS["Copies"])

    assert {*KEYS, "copy", "near", "known", "known_by", *BY, *Step, *HashAlgorithm} <= set(named)


def test_numbers_are_those_of_the_code() -> None:
    assert TITLE in SECTIONS["Lists of hashes"]
    assert f"# normaliser: {NORMALISER}\n" in SECTIONS["Lists of hashes"]
    assert f"at most {LONGEST_LABEL} printable characters" in SECTIONS["Lists of hashes"]
    assert f"fewer than {LEAST_SHINGLES} different runs of five" in HOW_TO
    assert f"at least {NEAR:.0%} of their runs of five" in HOW_TO
    assert f"fewer than {SKETCH} different ones" in HOW_TO
    assert f"a secret of at least {LEAST_KEY_BYTES} bytes" in HOW_TO
