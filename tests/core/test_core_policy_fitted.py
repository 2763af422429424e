import hashlib
from pathlib import Path

import pytest

from tocsin.errors import PolicyError
from tocsin.policy import (
    Fitted,
    LanguageFit,
    LevelFit,
    parse_policy,
    policy_bytes,
    policy_rules,
    with_fitted,
)

RULES = b"""# our own words
version = "7"

[policies.soup]  # kitchen
title = "Cooking"
when = "hate"
severity = "low"
review = "budget 5%"
urgent = "budget 1%"
"""
DIGEST = "sha256:" + "0" * 64


def level(threshold: float = 0.4, reached: int = 3) -> LevelFit:
    return LevelFit(threshold=threshold, reached=reached)


def table(policy: str = "soup") -> Fitted:
    english = LanguageFit(
        rows=1_000, duplicates=9, policies={policy: {"review": level(), "urgent": level(1 / 3, 1)}}
    )
    return Fitted(
        bundle=DIGEST,
        policy="sha256:" + hashlib.sha256(RULES).hexdigest(),
        confidence=0.95,
        assume_language="none",
        max_characters=20_480,
        languages={"de": LanguageFit(rows=4, duplicates=0), "en": english},
    )


def rules_of(content: bytes) -> bytes:
    return policy_rules(content, "kitchen.toml")


def refused(content: bytes) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        parse_policy(content, "kitchen.toml")
    return caught.value


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(RULES, id="as-an-editor-leaves-it"),
        pytest.param(RULES.rstrip(), id="no-line-feed-at-the-end"),
        pytest.param(RULES + b"# the end", id="a-comment-without-a-line-feed"),
        pytest.param(RULES + b"\n\n", id="blank-lines-at-the-end"),
        pytest.param(b"\xef\xbb\xbf" + RULES, id="byte-order-mark"),
        pytest.param(RULES.replace(b"\n", b"\r\n"), id="line-ends-of-windows"),
        pytest.param(
            RULES.replace(b'"Cooking"', b'"""\n[fitted]\nCooking"""'), id="a-title-that-looks-like-the-table"
        ),
        pytest.param(RULES + b"# [fitted]\n", id="a-comment-that-looks-like-the-table"),
    ],
)
def test_what_is_written_is_the_operators_text_to_the_byte_and_one_table(rules: bytes) -> None:
    content = with_fitted(rules, table())
    found = parse_policy(content, "kitchen.toml")

    assert content.startswith(rules)
    assert rules_of(content) == rules
    assert found.fitted == table()
    assert found.digest == "sha256:" + hashlib.sha256(content).hexdigest()
    assert found.rules_digest == parse_policy(rules, "kitchen.toml").digest


def test_a_file_without_the_table_is_all_rules() -> None:
    found = parse_policy(RULES, "kitchen.toml")

    assert rules_of(RULES) == RULES
    assert (found.fitted, found.rules_digest) == (None, found.digest)


@pytest.mark.parametrize(
    "name", ["soup-1", "hot soup", 'so"up', "so.up", "süppe \N{POT OF FOOD}", "so\x7fup\t"]
)
def test_a_policy_may_have_any_name(name: str) -> None:
    found = parse_policy(with_fitted(RULES, table(name)), "kitchen.toml").fitted

    assert found is not None
    assert found.languages["en"].level(name, "review") == level()
    assert found.languages["en"].level("bread", "review") is None


def test_a_threshold_is_read_as_the_very_number_that_was_fitted() -> None:
    found = parse_policy(with_fitted(RULES, table()), "kitchen.toml").fitted

    assert found is not None
    assert found.languages["en"].policies["soup"]["urgent"].threshold == 1 / 3


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(with_fitted(RULES, table()) + b"[policies.bread]\n", id="a-table-after-it"),
        pytest.param(b"fitted = {}\n" + RULES, id="a-key-before-the-rules"),
        pytest.param(RULES + b'["fitted"]\n', id="quoted"),
    ],
)
def test_a_table_that_cannot_be_cut_off_is_refused(content: bytes) -> None:
    error = refused(content)

    assert (error.key, error.why) == (
        "fitted",
        "must stand last in the file, as `tocsin thresholds fit` writes it",
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(b"rows = 1000", b"rows = 2", "fitted.languages.en: ", id="more-reached-than-rows"),
        pytest.param(b"duplicates = 9", b"duplicates = 9999", "fitted.languages.en: ", id="more-copies"),
        pytest.param(b"threshold = 0.4", b"threshold = 1.4", "soup.review.threshold: ", id="above-1"),
        pytest.param(b"threshold = 0.4", b"threshold = nan", "soup.review.threshold: ", id="no-number"),
        pytest.param(b"reached = 3", b'reached = "3"', "soup.review.reached: ", id="text-for-a-number"),
        pytest.param(b"soup.review", b"soup.sooner", "policies.soup.sooner", id="unknown-level"),
        pytest.param(b"max_characters = 20480\n", b"", "fitted.max_characters: ", id="missing"),
        pytest.param(b"confidence", b"shoe_size", "fitted.", id="unknown-key"),
        pytest.param(b'"none"', b'"English"', "fitted.assume_language: ", id="no-language"),
        pytest.param(b"sha256:0", b"sha256:x", "fitted.bundle: ", id="no-digest"),
    ],
)
def test_a_damaged_table_is_an_error_that_names_file_and_key(before: bytes, after: bytes, says: str) -> None:
    whole = with_fitted(RULES, table())
    assert before in whole
    error = str(refused(whole.replace(before, after)))

    assert error.startswith("kitchen.toml: fitted.")
    assert says in error
    assert "\n" not in error


def test_no_text_and_no_id_can_be_in_it() -> None:
    assert set(Fitted.model_fields) == {
        *("bundle", "tier", "policy", "confidence", "assume_language", "max_characters", "languages")
    }
    assert set(LanguageFit.model_fields) == {"rows", "duplicates", "policies"}
    assert set(LevelFit.model_fields) == {"threshold", "reached"}


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "soup.toml").write_bytes(RULES)

    assert policy_bytes(tmp_path / "soup.toml") == RULES
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        policy_bytes(tmp_path / "bread.toml")
