"""The compliance file: what is wrong in it is told by file, key and rule, before anything rests on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.compliance.terms import COUNTRIES, EU
from tocsin.service.review.compliance.testing import TOKEN, kitchen_file
from tocsin.service.review.making import make_desk
from tocsin.service.review.records import Ground
from tocsin.service.review.settings import review_settings


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    found = read_compliance(kitchen_file(tmp_path, port=4_711))

    assert found.statements is not None
    assert found.statements.policies["soup"].category == "STATEMENT_CATEGORY_VIOLENCE"
    assert found.statements.ground_of(Ground.INCOMPATIBLE, "Kitchen rule 4") is not None
    assert found.statements.ground_of(Ground.ILLEGAL, "Kitchen rule 4") is None
    assert found.database is not None
    assert (found.database.url.port, found.database.token) == (4_711, TOKEN)
    assert TOKEN not in repr(found)
    assert (found.preservation and found.preservation.months) == 6
    assert (found.retention and found.retention.hourly) is False


@pytest.mark.parametrize(("named", "countries"), [("EU", EU), ("EEA", COUNTRIES)])
def test_a_union_stands_for_its_countries(tmp_path: Path, named: str, countries: tuple[str, ...]) -> None:
    found = read_compliance(kitchen_file(tmp_path, {'["AT", "DE"]': f'"{named}"'}))

    assert found.statements is not None
    assert tuple(found.statements.territorial_scope) == countries


def test_an_empty_file_asks_for_nothing(tmp_path: Path) -> None:
    found = read_compliance(kitchen_file(tmp_path, text=""))

    assert (found.statements, found.database, found.preservation, found.retention) == (None,) * 4


LONG = '"' + "x" * 2_001 + '"'
WRONG = [
    pytest.param(
        '["AT", "DE"]',
        '["AT", "US"]',
        "statements.territorial_scope.1: must be one of AT, ",
        id="a country elsewhere",
    ),
    pytest.param(
        '["AT", "DE"]',
        "[]",
        "statements.territorial_scope: List should have at least 1",
        id="no country",
    ),
    pytest.param(
        '["AT", "DE"]',
        '["AT", "AT"]',
        "statements.territorial_scope: must name each once",
        id="a country twice",
    ),
    pytest.param(
        'orders = "other_notification"',
        "",
        "statements.orders: Field required",
        id="what becomes of orders",
    ),
    pytest.param(
        '"STATEMENT_CATEGORY_VIOLENCE"',
        '"VIOLENCE"',
        "policies.soup.category: must be one of STATEMENT_",
        id="category",
    ),
    pytest.param(
        ', "KEYWORD_HATE_SPEECH"]',
        ', "KEYWORD_TERRORIST_CONTENT"]',
        (
            "policies.soup: keywords: KEYWORD_TERRORIST_CONTENT"
            " must stand under STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"
        ),
        id="a keyword of another category",
    ),
    pytest.param(
        "The post was looked at in full.",
        "Ask cook@kitchen.example.",
        "policies.soup.facts: must hold no personal data, holds what looks like an e-mail address",
        id="an e-mail address in facts",
    ),
    pytest.param(
        "A notice pointed at the post.",
        "@ladle pointed at it.",
        "facts_by_source.notice: must hold no personal data, holds what looks like a handle",
        id="a handle in facts of one source",
    ),
    pytest.param(
        "{ notice =",
        "{ rumour =",
        "policies.soup.facts_by_source.rumour",
        id="a source that there is not",
    ),
    pytest.param(
        '"The kitchen rules ask for hot soup."',
        LONG,
        "incompatible_explanation: String should have at most 2000 characters",
        id="an explanation that is too long",
    ),
    pytest.param(
        'also_illegal = "No"',
        'also_illegal = "Perhaps"',
        "statements.grounds.0.also_illegal: Input should",
        id="perhaps",
    ),
    pytest.param(
        "https://kitchen.example/rules",
        "http://kitchen.example",
        "statements.grounds.0.url: must be an https",
        id="http",
    ),
    pytest.param(
        'text = "Soup Act, § 2"',
        'text = "Kitchen rule 4"\nwarm = 1',
        "grounds.1.warm: is no key here",
        id="an unknown key",
    ),
    pytest.param(
        'ground = "illegal"',
        'ground = "impolite"',
        "statements.grounds.1.ground: Input should be",
        id="a ground unknown",
    ),
    pytest.param(
        'visibility_other = ["Shown',
        'visibility_other = ["www.a.b',
        "visibility_other.0: must hold no",
        id="an address",
    ),
    pytest.param(
        "confirmed_days = 365",
        "confirmed_days = 0",
        "retention.confirmed_days: Input should be greater",
        id="no days",
    ),
    pytest.param(
        "dismissed_days = 30",
        "dismissed_days = 0.5",
        "retention.dismissed_days: Input should be a valid",
        id="half a day",
    ),
    pytest.param(
        'policies = ["soup"]',
        "months = 5",
        "preservation.months: Input should be greater",
        id="fewer than six months",
    ),
    pytest.param(
        "[retention]",
        "[retentoin]",
        "retentoin: is no key here",
        id="a table unknown",
    ),
    pytest.param(
        "[retention]",
        "[retention",
        "must be TOML in UTF-8",
        id="no TOML",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_what_is_wrong_is_told_by_file_key_and_rule(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = kitchen_file(tmp_path, {old: new})

    with pytest.raises(SettingsError) as error:
        read_compliance(file)
    assert str(error.value).startswith(f"{file}: ")
    assert told in str(error.value)
    assert "cook@" not in str(error.value)


def test_a_database_without_statements_has_nothing_to_take(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="database: must stand with statements"):
        read_compliance(kitchen_file(tmp_path, text="", port=4_711))


@pytest.mark.parametrize(
    ("url", "allow", "told"),
    [
        ("http://transparency.example/api", "", "must be https"),
        ("https://10.0.0.7/api", "", "must be globally routable"),
        ("https://cook:salt@transparency.example/", "", "must hold no user or password"),
        ("https://transparency.example/", 'allow = ["kitchen"]', "allow: must hold networks"),
        ("https://transparency.example/", 'ca_file = "absent.pem"', "must hold certificates"),
    ],
)
def test_statements_lead_nowhere_else(tmp_path: Path, url: str, allow: str, told: str) -> None:
    kitchen_file(tmp_path, port=1)
    file = tmp_path / "compliance.toml"
    text = file.read_text("utf-8").partition("[database]")[0]
    file.write_text(f'{text}\n[database]\nurl = "{url}"\ntoken_file = "dsa.token"\n{allow}\n', "utf-8")

    with pytest.raises(SettingsError, match=told) as error:
        read_compliance(file)
    assert "salt" not in str(error.value)


@pytest.mark.parametrize("token", ["short", "a token with blanks", "Löffel-und-Schüssel"])
def test_a_token_is_one_word_and_never_shown(tmp_path: Path, token: str) -> None:
    file = kitchen_file(tmp_path, port=1)
    (tmp_path / "dsa.token").write_text(token, "utf-8")

    with pytest.raises(SettingsError, match="must hold a token") as error:
        read_compliance(file)
    assert token not in str(error.value)


def test_a_token_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = kitchen_file(tmp_path, port=1)
    (tmp_path / "dsa.token").chmod(0o644)

    with pytest.raises(SettingsError, match="readable by its owner alone"):
        read_compliance(file)


def test_a_server_does_not_start_where_a_policy_has_no_words(tmp_path: Path) -> None:
    settings = review_settings(
        database=f"sqlite:///{tmp_path}/review.sqlite", compliance=kitchen_file(tmp_path)
    )
    make_desk(settings, tmp_path, policies=frozenset({"soup"})).close()

    with pytest.raises(
        SettingsError, match=r"statements\.policies: must have a table .* has none for 'stew'"
    ):
        make_desk(settings, tmp_path, policies=frozenset({"soup", "stew"}))
