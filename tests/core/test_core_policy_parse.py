import hashlib
from pathlib import Path

import pytest

from tocsin.errors import PolicyError
from tocsin.policy import (
    All,
    Any,
    Leaf,
    PolicyDocument,
    Severity,
    Target,
    TargetKind,
    parse_policy,
    read_policy,
)
from tocsin.signals import Signal

MEBIBYTE = 1 << 20
MOST_LEVELS = 16
RULE = {"title": '"Cooking"', "when": '"hate"', "severity": '"low"', "review": "0.1", "urgent": "0.2"}
VERSION = 'version = "1"\n'
SIGNALS = ", ".join(Signal)
TARGETS = '"fpr 0.05", "recall 0.8", "precision 0.5", "budget 1%" or a number from 0 to 1'


def rule(name: str = "soup", /, **changes: str | None) -> str:
    """Return one policy in TOML, with some values changed, or left out where None."""
    keys = {key: value for key, value in (RULE | changes).items() if value is not None}
    return "\n".join([f"[policies.{name}]", *(f"{key} = {value}" for key, value in keys.items()), ""])


def rule_without(key: str) -> str:
    left_out: dict[str, str | None] = {key: None}
    return rule(**left_out)


def parse(text: str) -> PolicyDocument:
    return parse_policy(text.encode(), "kitchen.toml")


def nested(levels: int) -> str:
    return '{ any = ["hate", ' * levels + '"threat"' + "] }" * levels


def chain(length: int) -> str:
    """Return policies of which each asks for what the next one does."""
    links = [rule(f"p{place}", when=f'{{ policy = "p{place + 1}" }}') for place in range(length)]
    return VERSION + "".join(links) + rule(f"p{length}")


def test_a_file_becomes_a_document() -> None:
    found = parse(
        VERSION
        + "prevalence = 0.01\n"
        + rule(
            requires='["threat"]',
            may_concern='["House rule 4"]',
            when='{ all = ["hate", { any = ["threat", "grievance"] }] }',
            review='"fpr 0.05"',
        )
    )
    (policy,) = found.policies

    assert (found.source, found.version, found.prevalence) == ("kitchen.toml", "1", 0.01)
    assert (policy.name, policy.title, policy.severity) == ("soup", "Cooking", Severity.LOW)
    assert policy.when == All((Leaf(Signal.HATE), Any((Leaf(Signal.THREAT), Leaf(Signal.GRIEVANCE)))))
    assert policy.review == Target(TargetKind.FPR, 0.05)
    assert policy.urgent == Target(TargetKind.NUMBER, 0.2)
    assert policy.requires == {Signal.THREAT}
    assert policy.may_concern == ("House rule 4",)
    assert policy.signals == {Signal.HATE, Signal.THREAT, Signal.GRIEVANCE}


def test_what_may_be_left_out_is_empty() -> None:
    found = parse(VERSION + rule())

    assert found.prevalence is None
    assert found.policies[0].requires == frozenset()
    assert found.policies[0].may_concern == ()


def test_policies_keep_the_order_of_the_file() -> None:
    found = parse(VERSION + rule("soup") + rule("bread") + rule("salad"))

    assert [policy.name for policy in found.policies] == ["soup", "bread", "salad"]


def test_the_digest_is_that_of_the_bytes() -> None:
    content = (VERSION + rule()).encode()

    assert parse_policy(content, "a").digest == "sha256:" + hashlib.sha256(content).hexdigest()
    assert parse_policy(content + b"\n", "a").digest != parse_policy(content, "a").digest
    assert parse_policy(content, "a").stamp == parse_policy(content, "b").stamp


def test_a_byte_order_mark_is_skipped_and_stays_in_the_digest() -> None:
    content = b"\xef\xbb\xbf" + (VERSION + rule()).encode()
    found = parse_policy(content, "kitchen.toml")

    assert found.version == "1"
    assert found.digest == "sha256:" + hashlib.sha256(content).hexdigest()


def test_a_policy_asks_for_what_another_one_asks_for() -> None:
    found = parse(
        VERSION
        + rule("meal", when='{ all = [{ policy = "soup" }, { policy = "bread" }] }')
        + rule("soup", when='{ any = ["hate", "threat"] }', requires='["threat"]')
        + rule("bread", when='{ policy = "soup" }')
    )
    soup = Any((Leaf(Signal.HATE), Leaf(Signal.THREAT)))

    assert [policy.when for policy in found.policies] == [All((soup, soup)), soup, soup]


def test_a_reference_takes_over_the_expression_alone() -> None:
    found = parse(VERSION + rule("meal", when='{ policy = "soup" }') + rule("soup", requires='["threat"]'))

    assert [policy.requires for policy in found.policies] == [frozenset(), {Signal.THREAT}]


def test_two_references_to_one_policy_are_no_circle() -> None:
    found = parse(VERSION + rule("meal", when='{ any = [{policy = "soup"}, {policy = "soup"}] }') + rule())

    assert found.policies[0].when == Any((Leaf(Signal.HATE), Leaf(Signal.HATE)))


def test_expressions_may_be_nested_as_deep_as_the_rule_says() -> None:
    assert parse(VERSION + rule(when=nested(MOST_LEVELS))).policies[0].signals == {Signal.HATE, Signal.THREAT}


def test_references_may_be_chained_as_deep_as_the_rule_says() -> None:
    assert parse(chain(MOST_LEVELS)).policies[0].when == Leaf(Signal.HATE)


def test_a_dot_in_a_name_is_no_level() -> None:
    name = '"' + ".".join("abcdefghijklmnopqrstuvwxyz") + '"'

    assert parse(VERSION + rule(name)).policies[0].signals == {Signal.HATE}


@pytest.mark.parametrize(
    ("review", "urgent"),
    [
        pytest.param("0.2", "0.2", id="the-same"),
        pytest.param('"fpr 0.05"', "0.01", id="a-rate-and-a-number-cannot-be-compared"),
        pytest.param('"fpr 0.05"', '"fpr 0.005"', id="a-stricter-rate-is-the-lower-one"),
        pytest.param('"recall 0.8"', '"recall 0.5"', id="what-catches-less-is-stricter"),
    ],
)
def test_urgent_may_be_as_strict_as_review_or_stricter(review: str, urgent: str) -> None:
    assert parse(VERSION + rule(review=review, urgent=urgent)).policies


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        # The file
        pytest.param("", "version", "must be given, was missing", id="empty-file"),
        pytest.param("version 1", "", "must be TOML in UTF-8: ", id="not-toml"),
        pytest.param(VERSION * 2 + rule(), "", "must be TOML in UTF-8: ", id="key-given-twice"),
        pytest.param(VERSION + rule() * 2, "", "must be TOML in UTF-8: ", id="policy-given-twice"),
        pytest.param("version = " + "[" * 5000, "", "must be TOML in UTF-8: ", id="brackets-without-end"),
        pytest.param(
            "version = " + "1" * 5000, "", "must be TOML in UTF-8: ", id="number-too-long-for-python"
        ),
        # The top level
        pytest.param(
            VERSION + 'owner = "cook"\n' + rule(),
            "owner",
            "unknown key; allowed: version, prevalence, policies, fitted",
            id="unknown-top-level-key",
        ),
        pytest.param(rule(), "version", "must be given, was missing", id="no-version"),
        pytest.param(
            "version = 1\n" + rule(), "version", "must be text that is not blank, was 1", id="number"
        ),
        pytest.param(
            'version = " "\n' + rule(),
            "version",
            "must be text that is not blank, was ' '",
            id="blank-version",
        ),
        pytest.param(VERSION, "policies", "must be given, was missing", id="no-policies"),
        pytest.param(
            VERSION + "[policies]",
            "policies",
            "must hold at least one policy, was empty",
            id="policies-empty",
        ),
        pytest.param(
            VERSION + 'policies = ["soup"]', "policies", "must be a table, was ['soup']", id="policies-a-list"
        ),
        pytest.param(
            VERSION + "[policies]\nsoup = 5", "policies.soup", "must be a table, was 5", id="policy-a-number"
        ),
        *(
            pytest.param(
                f"{VERSION}prevalence = {written}\n{rule()}",
                "prevalence",
                f"must be a number above 0 and below 1, was {shown}",
                id=f"prevalence-{written}",
            )
            for written, shown in (
                ("0", "0"),
                ("1", "1"),
                ("-0.1", "-0.1"),
                ("nan", "nan"),
                ("true", "True"),
                ('"0.01"', "'0.01'"),
            )
        ),
        # A policy
        pytest.param(
            VERSION + rule(colour='"red"'),
            "policies.soup.colour",
            "unknown key; allowed: title, when, severity, review, urgent, requires, may_concern",
            id="unknown-policy-key",
        ),
        *(
            pytest.param(
                VERSION + rule_without(key),
                f"policies.soup.{key}",
                "must be given, was missing",
                id=f"no-{key}",
            )
            for key in RULE
        ),
        pytest.param(
            VERSION + rule(title='"  "'),
            "policies.soup.title",
            "must be text that is not blank, was '  '",
            id="title-blank",
        ),
        pytest.param(
            VERSION + rule(title="5"),
            "policies.soup.title",
            "must be text that is not blank, was 5",
            id="title-5",
        ),
        pytest.param(
            VERSION + rule(severity='"huge"'),
            "policies.soup.severity",
            "must be one of low, medium, high, critical; was 'huge'",
            id="severity-unknown",
        ),
        pytest.param(
            VERSION + rule(severity="3"),
            "policies.soup.severity",
            "must be one of low, medium, high, critical; was 3",
            id="severity-a-number",
        ),
        pytest.param(
            VERSION + rule(requires='"hate"'),
            "policies.soup.requires",
            "must be a list, was 'hate'",
            id="requires-not-a-list",
        ),
        pytest.param(
            VERSION + rule(requires='["salt"]'),
            "policies.soup.requires",
            f"must be one of {SIGNALS}; was 'salt'",
            id="requires-unknown-signal",
        ),
        pytest.param(
            VERSION + rule(may_concern='"House rule 4"'),
            "policies.soup.may_concern",
            "must be a list, was 'House rule 4'",
            id="may-concern-not-a-list",
        ),
        pytest.param(
            VERSION + rule(may_concern='[""]'),
            "policies.soup.may_concern",
            "must be text that is not blank, was ''",
            id="may-concern-blank",
        ),
        # Its targets
        *(
            pytest.param(
                VERSION + rule(**{level: written}), f"policies.soup.{level}", says, id=f"{level}-{word}"
            )
            for level in ("review", "urgent")
            for word, written, says in (
                ("above-1", "1.3", "a threshold must be between 0 and 1, was 1.3"),
                ("below-0", "-0.3", "a threshold must be between 0 and 1, was -0.3"),
                ("nan", "nan", "a threshold must be between 0 and 1, was nan"),
                ("bool-as-number", "true", f"must be {TARGETS}, was True"),
                ("unknown-kind", '"luck 0.5"', f"must be {TARGETS}, was 'luck 0.5'"),
                ("rate-of-1", '"fpr 1"', "a fpr must be above 0 and below 1, was 'fpr 1'"),
            )
        ),
        pytest.param(
            VERSION + rule(review="0.5", urgent="0.4"),
            "policies.soup.urgent",
            "must be as strict as review (0.5) or stricter, was 0.4",
            id="urgent-below-review",
        ),
        pytest.param(
            VERSION + rule(review='"fpr 0.005"', urgent='"fpr 0.05"'),
            "policies.soup.urgent",
            "must be as strict as review (fpr 0.005) or stricter, was fpr 0.05",
            id="urgent-lets-more-through-than-review",
        ),
        pytest.param(
            VERSION + rule(review='"recall 0.5"', urgent='"recall 0.8"'),
            "policies.soup.urgent",
            "must be as strict as review (recall 0.5) or stricter, was recall 0.8",
            id="urgent-catches-more-than-review",
        ),
        pytest.param(
            VERSION + rule(review='"precision 0.5"', urgent='"precision 0.2"'),
            "policies.soup.urgent",
            "must be as strict as review (precision 0.5) or stricter, was precision 0.2",
            id="urgent-is-less-precise-than-review",
        ),
        # What it asks for
        pytest.param(
            VERSION + rule(when='"salt"'),
            "policies.soup.when",
            f"must be one of {SIGNALS}; was 'salt'",
            id="unknown-signal",
        ),
        pytest.param(
            VERSION + rule(when='{ all = ["hate", { any = ["salt"] }] }'),
            "policies.soup.when.all.any",
            f"must be one of {SIGNALS}; was 'salt'",
            id="unknown-signal-within",
        ),
        pytest.param(
            VERSION + rule(when="5"), "policies.soup.when", "must be a table, was 5", id="when-a-number"
        ),
        pytest.param(
            VERSION + rule(when='["hate"]'),
            "policies.soup.when",
            "must be a table, was ['hate']",
            id="bare-list",
        ),
        pytest.param(
            VERSION + rule(when='{ none = ["hate"] }'),
            "policies.soup.when.none",
            "unknown key; allowed: any, all, policy",
            id="unknown-key-in-an-expression",
        ),
        pytest.param(
            VERSION + rule(when="{}"),
            "policies.soup.when",
            "must have exactly one of any, all, policy; had none",
            id="none-of-any-all-policy",
        ),
        pytest.param(
            VERSION + rule(when='{ any = ["hate"], all = ["threat"] }'),
            "policies.soup.when",
            "must have exactly one of any, all, policy; had ['all', 'any']",
            id="two-of-any-all-policy",
        ),
        pytest.param(
            VERSION + rule(when="{ any = [] }"),
            "policies.soup.when.any",
            "must have at least one member, was empty",
            id="any-empty",
        ),
        pytest.param(
            VERSION + rule(when="{ all = [] }"),
            "policies.soup.when.all",
            "must have at least one member, was empty",
            id="all-empty",
        ),
        pytest.param(
            VERSION + rule(when='{ any = "hate" }'),
            "policies.soup.when.any",
            "must be a list, was 'hate'",
            id="any-not-a-list",
        ),
        pytest.param(
            VERSION + rule(when=nested(MOST_LEVELS + 1)),
            "policies.soup.when" + ".any" * (MOST_LEVELS + 1),
            f"must be nested at most {MOST_LEVELS} deep",
            id="nested-too-deep",
        ),
        # What it refers to
        pytest.param(
            VERSION + rule(when='{ policy = "bread" }'),
            "policies.soup.when.policy",
            "must be one of soup; was 'bread'",
            id="reference-to-nothing",
        ),
        pytest.param(
            VERSION + rule(when='{ policy = ["bread"] }') + rule("bread"),
            "policies.soup.when.policy",
            "must be one of soup, bread; was ['bread']",
            id="reference-a-list",
        ),
        pytest.param(
            VERSION + rule(when='{ policy = "soup" }'),
            "policies.soup.when.policy",
            "must not refer back to itself: soup -> soup",
            id="reference-to-itself",
        ),
        pytest.param(
            VERSION
            + rule(when='{ any = ["hate", { policy = "bread" }] }')
            + rule("bread", when='{policy="soup"}'),
            "policies.bread.when.policy",
            "must not refer back to itself: soup -> bread -> soup",
            id="reference-cycle",
        ),
        pytest.param(
            VERSION + rule(when='{ policy = "bread" }') + rule("bread", when='{policy="bread"}'),
            "policies.bread.when.policy",
            "must not refer back to itself: soup -> bread -> bread",
            id="reference-to-a-cycle",
        ),
        pytest.param(
            VERSION + rule(when='{ policy = "bread" }') + rule("bread", when=None),
            "policies.bread.when",
            "must be given, was missing",
            id="reference-to-a-policy-that-asks-for-nothing",
        ),
        pytest.param(
            VERSION + "[policies]\nbread = 5\n" + rule(when='{ policy = "bread" }'),
            "policies.bread",
            "must be a table, was 5",
            id="a-number-instead-of-a-policy",
        ),
        pytest.param(
            chain(MOST_LEVELS + 1),
            f"policies.p{MOST_LEVELS + 1}.when",
            f"must be nested at most {MOST_LEVELS} deep",
            id="references-chained-too-deep",
        ),
        pytest.param(
            chain(2000),
            f"policies.p{MOST_LEVELS + 1}.when",
            f"must be nested at most {MOST_LEVELS} deep",
            id="references-chained-without-end",
        ),
    ],
)
def test_a_file_that_breaks_a_rule_is_an_error_with_file_key_and_rule(text: str, key: str, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(text)

    error = caught.value
    assert (error.source, error.key) == ("kitchen.toml", key)
    assert error.why.startswith(says) if says.endswith(": ") else error.why == says
    assert str(error).startswith(f"kitchen.toml: {key}: " if key else "kitchen.toml: ")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'version = "\xff"', id="latin-1"),
        pytest.param('version = "1"'.encode("utf-16"), id="utf-16"),
        pytest.param(b'version = "\xed\xa0\x80"', id="encoded-surrogate"),
        pytest.param(b"\x00", id="nul"),
    ],
)
def test_a_file_that_is_not_utf_8_is_an_error(content: bytes) -> None:
    with pytest.raises(PolicyError, match=r"^kitchen\.toml: must be TOML in UTF-8: "):
        parse_policy(content, "kitchen.toml")


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"
    path.write_text(VERSION + rule(), encoding="utf-8")

    assert read_policy(path) == parse_policy(path.read_bytes(), str(path))


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"

    with pytest.raises(PolicyError) as caught:
        read_policy(path)

    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_a_folder_is_no_policy_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(tmp_path)

    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_file_may_be_as_large_as_the_rule_says_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.toml"
    content = (VERSION + rule()).encode()
    path.write_bytes(content + b"#" * (MEBIBYTE - len(content)))
    assert read_policy(path).version == "1"

    path.write_bytes(path.read_bytes() + b"#")
    with pytest.raises(PolicyError) as caught:
        read_policy(path)

    assert str(caught.value) == f"{path}: must be at most {MEBIBYTE} bytes, was {MEBIBYTE + 1}"
