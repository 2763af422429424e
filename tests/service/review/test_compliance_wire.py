"""Statements as the transparency database takes them: every rule, by our own checks and by its schema."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tocsin.errors import InputError
from tocsin.service.review.compliance.personal import looks_personal, quotes
from tocsin.service.review.compliance.terms import (
    ACCOUNT_TYPES,
    AUTOMATED,
    CATEGORIES,
    CONTENT_TYPES,
    COUNTRIES,
    DECISIONS,
    HOMES,
    KEYWORDS,
    SOURCES,
)
from tocsin.service.review.compliance.wire import Statement, check_statement

LEAST: dict[str, Any] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "Kitchen rule 4",
    "incompatible_content_explanation": "The kitchen rules ask for hot soup.",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "category": "STATEMENT_CATEGORY_VIOLENCE",
    "content_date": "2026-02-27",
    "application_date": "2026-03-02",
    "territorial_scope": ["AT", "DE"],
    "decision_facts": "The post calls for cold soup.",
    "source_type": "SOURCE_VOLUNTARY",
    "automated_detection": "Yes",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    "puid": "tocsin-1",
}
ILLEGAL = {
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "incompatible_content_ground": None,
    "incompatible_content_explanation": None,
    "illegal_content_legal_ground": "Soup Act, § 2",
    "illegal_content_explanation": "The Soup Act forbids calls for cold soup.",
}
NO_REMOVAL: dict[str, Any] = {"decision_visibility": None}


@pytest.fixture(scope="module")
def schema(corpora_folder: Path) -> dict[str, Any]:
    """Return the field rules as published, which lie beside the corpora; skip without them, fail so in CI."""
    file = corpora_folder.parent / "reference" / "dsa-statement.schema.json"
    if not file.is_file():
        reason = f"needs the schema of statements beside TOCSIN_DATA, at {file}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def given(changed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**LEAST, **changed}.items() if value is not None}


def validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """Return what checks formats too; of URIs what jsonschema needs another library for."""
    formats = jsonschema.FormatChecker(["date"])
    formats.checks("uri")(lambda value: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", value) is not None)
    return jsonschema.Draft202012Validator(schema, format_checker=formats)


RIGHT = [
    pytest.param({}, id="the least that there may be"),
    pytest.param(ILLEGAL, id="against a law"),
    pytest.param({"decision_ground_reference_url": "https://kitchen.example/rules"}, id="a ground's address"),
    pytest.param({"incompatible_content_illegal": "Yes"}, id="against terms and a law"),
    pytest.param({**NO_REMOVAL, "decision_account": "DECISION_ACCOUNT_SUSPENDED"}, id="an account"),
    pytest.param({**NO_REMOVAL, "decision_provision": "DECISION_PROVISION_TOTAL_TERMINATION"}, id="service"),
    pytest.param(
        {**NO_REMOVAL, "decision_monetary": "DECISION_MONETARY_OTHER", "decision_monetary_other": "Onions"},
        id="money, and what of it",
    ),
    pytest.param(
        {
            "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
            "decision_visibility_other": "Under the table",
        },
        id="seen otherwise, and how",
    ),
    pytest.param(
        {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": "A recipe card"}, id="another type"
    ),
    pytest.param({"end_date_visibility_restriction": "2026-03-02"}, id="it ends on the day that it begins"),
    pytest.param({"content_language": "DE"}, id="a language"),
    pytest.param({"source_type": "SOURCE_ARTICLE_16", "source_identity": "A society of cooks"}, id="by whom"),
    pytest.param({"category_specification": ["KEYWORD_COORDINATED_HARM"]}, id="a keyword at home"),
    pytest.param(
        {
            "category_addition": ["STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"],
            "category_specification": ["KEYWORD_TERRORIST_CONTENT"],
        },
        id="a keyword at home in the second category",
    ),
]


@pytest.mark.corpora
@pytest.mark.parametrize("changed", RIGHT)
def test_what_is_right_passes_our_checks_and_the_published_schema(
    schema: dict[str, Any], changed: dict[str, Any]
) -> None:
    payload = check_statement(given(changed))
    assert payload == given(changed)
    validator(schema).validate(payload)


# What is wrong, the field that the error names first, and whether the published schema finds it too.
WRONG: list[Any] = [
    pytest.param(NO_REMOVAL, "decision_visibility", True, id="no measure"),
    pytest.param({"decision_visibility": []}, "decision_visibility", True, id="no kind of measure"),
    pytest.param({"decision_visibility": ["REMOVED"]}, "decision_visibility", True, id="an unknown measure"),
    pytest.param(
        {"decision_visibility": "DECISION_VISIBILITY_OTHER"}, "decision_visibility", True, id="no list"
    ),
    pytest.param(
        {"decision_visibility": ["DECISION_VISIBILITY_OTHER"]},
        "decision_visibility_other",
        True,
        id="other, what",
    ),
    pytest.param(
        {"decision_visibility_other": "Hidden"}, "decision_visibility_other", True, id="what, not other"
    ),
    pytest.param(
        {"decision_monetary": "DECISION_MONETARY_OTHER"}, "decision_monetary_other", True, id="money, what"
    ),
    pytest.param(
        {"decision_account": "DECISION_ACCOUNT_EATEN"}, "decision_account", True, id="unknown account"
    ),
    pytest.param({"decision_ground": None}, "decision_ground", True, id="no ground"),
    pytest.param(
        {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"},
        "illegal_content_legal_ground",
        True,
        id="a law, which",
    ),
    pytest.param(
        {**ILLEGAL, "illegal_content_explanation": None}, "illegal_content_explanation", True, id="a law, why"
    ),
    pytest.param(
        {"incompatible_content_explanation": None}, "incompatible_content_explanation", True, id="a term, why"
    ),
    pytest.param(
        {"illegal_content_explanation": "The Soup Act"},
        "illegal_content_explanation",
        False,
        id="both grounds",
    ),
    pytest.param(
        {**ILLEGAL, "incompatible_content_illegal": "Yes"},
        "incompatible_content_illegal",
        False,
        id="twice so",
    ),
    pytest.param(
        {"incompatible_content_explanation": "x" * 2_001},
        "incompatible_content_explanation",
        True,
        id="too long an explanation",
    ),
    pytest.param({"decision_facts": "x" * 5_001}, "decision_facts", True, id="facts that are too long"),
    pytest.param({"decision_facts": ""}, "decision_facts", True, id="facts that are empty"),
    pytest.param(
        {"incompatible_content_ground": "x" * 501}, "incompatible_content_ground", True, id="long ground"
    ),
    pytest.param(
        {"decision_ground_reference_url": "kitchen rules"},
        "decision_ground_reference_url",
        True,
        id="no address",
    ),
    pytest.param(
        {"decision_ground_reference_url": "https://kitchen.example/rules|7"},
        "decision_ground_reference_url",
        False,  # but for whoever checks every sign of an address
        id="a sign that addresses have not",
    ),
    pytest.param(
        {"decision_ground_reference_url": "https://kitchen.example/100%/rules"},
        "decision_ground_reference_url",
        False,  # but for whoever checks every sign of an address
        id="a percent sign that stands for nothing",
    ),
    pytest.param(
        {"decision_ground_reference_url": "https://kitchen.example/@ladle_7"},
        "decision_ground_reference_url",
        False,
        id="an address with a handle",
    ),
    pytest.param({"category": "STATEMENT_CATEGORY_SOUP"}, "category", True, id="an unknown category"),
    pytest.param(
        {"category_specification": ["KEYWORD_HATE_SPEECH"]},
        "category_specification",
        False,
        id="a keyword of another category",
    ),
    pytest.param(
        {"category_specification": ["KEYWORD_SOUP"]}, "category_specification", True, id="a new keyword"
    ),
    pytest.param({"content_type": ["CONTENT_TYPE_SOUP"]}, "content_type", True, id="an unknown type"),
    pytest.param(
        {"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other", True, id="another type, which"
    ),
    pytest.param(
        {"content_type": ["CONTENT_TYPE_TEXT", "CONTENT_TYPE_TEXT"]}, "content_type", True, id="a type twice"
    ),
    pytest.param({"content_language": "de"}, "content_language", True, id="a language in small letters"),
    pytest.param({"content_language": "QZ"}, "content_language", False, id="a language that there is not"),
    pytest.param({"territorial_scope": ["US"]}, "territorial_scope", True, id="a country elsewhere"),
    pytest.param({"territorial_scope": None}, "territorial_scope", False, id="no country"),
    pytest.param({"content_date": "02.03.2026"}, "content_date", True, id="a day in another form"),
    pytest.param({"content_date": "2026-W09-6"}, "content_date", True, id="a day of a week"),
    pytest.param({"content_date": "2026-02-30"}, "content_date", True, id="a day that there is not"),
    pytest.param({"application_date": "1999-12-31"}, "application_date", True, id="a day too early"),
    pytest.param(
        {"application_date": "2026-02-26"}, "application_date", False, id="acted before it was posted"
    ),
    pytest.param(
        {"end_date_visibility_restriction": "2026-03-01"},
        "end_date_visibility_restriction",
        False,
        id="it ends before it begins",
    ),
    pytest.param(
        {"end_date_account_restriction": "2026-03-09"},
        "end_date_account_restriction",
        False,
        id="what ends is not there",
    ),
    pytest.param({"source_type": "SOURCE_SOUP"}, "source_type", True, id="an unknown source"),
    pytest.param({"source_identity": "A cook"}, "source_identity", True, id="by whom, by nobody"),
    pytest.param({"automated_detection": True}, "automated_detection", True, id="yes in another form"),
    pytest.param({"automated_decision": "FULLY"}, "automated_decision", True, id="automated in another form"),
    pytest.param({"account_type": "PRIVATE"}, "account_type", True, id="an account in another form"),
    pytest.param({"puid": "post 17"}, "puid", True, id="a name with a space"),
    pytest.param({"soup": "hot"}, "soup", True, id="a field that there is not"),
    pytest.param(
        {"decision_facts": "Seen by cook@kitchen.example."}, "decision_facts", False, id="an e-mail"
    ),
    pytest.param({"decision_facts": "Posted by @ladle_7."}, "decision_facts", False, id="a handle"),
    pytest.param(
        {"incompatible_content_explanation": "Ask +49 30 1234567."},
        "incompatible_content_explanation",
        False,
        id="a phone number",
    ),
    pytest.param(
        {**ILLEGAL, "illegal_content_legal_ground": "See https://kitchen.example/7"},
        "illegal_content_legal_ground",
        False,
        id="a URL among words",
    ),
]


@pytest.mark.corpora
@pytest.mark.parametrize(("changed", "field", "by_schema"), WRONG)
def test_what_is_wrong_is_refused_by_its_field_and_never_shown(
    schema: dict[str, Any], changed: dict[str, Any], field: str, by_schema: bool
) -> None:
    with pytest.raises(InputError) as error:
        check_statement(given(changed))

    assert str(error.value).partition(":")[0].split(".")[0] == field
    assert not any(len(str(one)) > 5 and str(one) in str(error.value) for one in values(changed))
    assert validator(schema).is_valid(given(changed)) is not by_schema


def values(changed: dict[str, Any]) -> list[str]:
    """Return what an error must not repeat: words of one's own, and no names of ours."""
    ours = ("DECISION_", "STATEMENT_", "KEYWORD_", "CONTENT_", "SOURCE_")
    flat = [one for value in changed.values() for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if isinstance(one, str) and not one.startswith(ours) and one[:2] != "20"]


@pytest.mark.corpora
def test_our_words_are_those_of_the_published_schema(schema: dict[str, Any]) -> None:
    known = schema["properties"]

    def words(name: str) -> set[str]:
        return set((known[name].get("items") or known[name])["enum"])

    decisions = {
        field: {value for kind, value in DECISIONS.values() if kind == field}
        for field, _ in DECISIONS.values()
    }
    assert {name: words(f"decision_{name}") for name in decisions} == decisions
    assert set(CATEGORIES) == words("category") == words("category_addition")
    assert set(KEYWORDS) == words("category_specification")
    assert set(CONTENT_TYPES) == words("content_type")
    assert set(COUNTRIES) == words("territorial_scope")
    assert set(ACCOUNT_TYPES) == words("account_type")
    assert set(SOURCES.values()) == words("source_type")
    assert set(AUTOMATED.values()) == words("automated_decision")
    assert set(HOMES) <= set(KEYWORDS)
    assert set(Statement.model_fields) == set(known)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Regulation (EU) 2021/784, Article 2(7), and 2022/2065", None),
        ("On 2026-03-02 at 09:30 it was shown 1,200 times", None),
        ("§ 86a StGB; section 4.2.1 of the rules", None),
        ("Sent to cook@kitchen.example", "an e-mail address"),
        ("by @ladle_7", "a handle"),
        ("by u/ladle_7", "a handle"),
        ("see https://soup.example", "a URL"),
        ("see www.soup.example", "a URL"),
        ("see kitchen.com/7", "a URL"),
        ("call +49 30 1234567", "a phone number"),
        ("call (030) 123 45 67", "a phone number"),
        ("call 555-123-4567", "a phone number"),
        ("from 192.0.2.17", "an IP address"),
        ("pay DE89 3704 0044 0532 0130 00", "an account number"),
        ("Sent to cook＠kitchen．example", "an e-mail address"),
        ("by @\u200blad\u00adle_7", "a handle"),
        ("see kitchen.nl", "a URL"),
        ("see kitchen.example/7", "a URL"),
        ("see kitchen。com", "a URL"),
        ("call +49\n30\u00a01234567", "a phone number"),
        ("call 555\u2011123\u20114567", "a phone number"),
        ("Rules and/or terms, e.g. Section 4; no. 7", None),
    ],
)
def test_what_names_a_person_is_told_from_what_names_a_law(text: str, what: str | None) -> None:
    assert looks_personal(text) == what


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("It says: everybody brings SOUP to the choir on Friday!", "the post's text"),
        ("It is about soup and the choir.", None),
        ("Post p-1717 was removed.", "an id"),
        ("Post p-17171 was removed.", None),
        ("Section 4 was broken.", None),
        ("A notice pointed at it.", None),
        ("Every\u200bbody\nbrings ｓｏｕｐ to the cho\u00adir on Friday.", "the post's text"),
        ("Post p\u20111717 was removed.", "an id"),
    ],
)
def test_a_posts_words_and_ids_are_found(text: str, what: str | None) -> None:
    assert quotes(text, ["Everybody brings soup to the choir on Friday."], ["p-1717", "4", "notice"]) == what
