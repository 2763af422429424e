import dataclasses
import json
import math
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import pytest

from tocsin.assessment import (
    Assessment,
    Level,
    ModelStamp,
    PolicyResult,
    PolicyStamp,
    Reason,
    Span,
    Status,
    Tier,
)
from tocsin.errors import PolicyError, SettingsError
from tocsin.policy import DOCUMENT_KEYS, POLICY_KEYS, Severity, Target, TargetKind, parse_policy
from tocsin.settings import Settings, settings
from tocsin.signals import QUESTIONS, Signal

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
SMALLEST = {
    "version": '"1"',
    "title": '"Cooking"',
    "when": '"hate"',
    "severity": '"low"',
    "review": "0.1",
    "urgent": "0.2",
}


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return what stands between a heading and the next of its rank, or above."""
    found = re.search(rf"^(#+) {heading}\n(.*?)(?=^#{{1,2}} |\Z)", page(name), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no heading {heading}"
    return found[2]


def rows(name: str, heading: str) -> dict[str, list[str]]:
    """Return the cells of the table under a heading, by the name in its first column."""
    lines = [line for line in section(name, heading).splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    found = {first.strip("` "): rest for first, *rest in cells}
    assert len(found) == len(lines), f"{name}, {heading}: a row stands twice"
    return found


def values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def fields(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


UNTOLD = {"checked", "standing"}  # which no document has
DOCUMENT = [name for name in fields(Assessment) if name not in UNTOLD]


@pytest.mark.parametrize(
    ("name", "heading", "names"),
    [
        pytest.param("policy.md", "Top level", DOCUMENT_KEYS, id="keys-of-the-file"),
        pytest.param("policy.md", "A policy", POLICY_KEYS, id="keys-of-a-policy"),
        pytest.param("policy.md", "Targets", values(TargetKind), id="targets"),
        pytest.param("policy.md", "Severity", values(Severity), id="severities"),
        pytest.param("assessment.md", "Fields", DOCUMENT, id="fields"),
        pytest.param("assessment.md", "Status", values(Status), id="statuses"),
        pytest.param("assessment.md", "Reason", values(Reason), id="reasons"),
        pytest.param("assessment.md", "Signals", values(Signal), id="signals"),
        pytest.param("assessment.md", "Policies", fields(PolicyResult), id="fields-of-a-policy"),
        pytest.param("assessment.md", "Level", values(Level), id="levels"),
        pytest.param("assessment.md", "Tier", [Tier.SCREEN, Tier.ENCODER], id="tiers"),
        pytest.param("assessment.md", "Spans", fields(Span), id="fields-of-a-span"),
        pytest.param("assessment.md", "Model", fields(ModelStamp), id="fields-of-the-model"),
        pytest.param("assessment.md", "Policy", fields(PolicyStamp), id="fields-of-the-policy"),
        pytest.param(
            "settings.md",
            "Settings",
            [f"TOCSIN_{name}".upper() for name in Settings.model_fields],
            id="settings",
        ),
    ],
)
def test_a_table_of_the_reference_lists_what_there_is_and_nothing_else(
    name: str, heading: str, names: Iterable[str]
) -> None:
    assert list(rows(name, heading)) == list(names)


def test_the_reference_lists_every_form_of_an_expression() -> None:
    forms = list(rows("policy.md", "What a policy asks for"))

    assert forms == ['"SIGNAL"', "{ any = [...] }", "{ all = [...] }", '{ policy = "NAME" }']
    for signal in Signal:
        assert f"`{signal}`" in section("policy.md", "What a policy asks for")


@pytest.mark.parametrize("key", [key for key in (*DOCUMENT_KEYS, *POLICY_KEYS) if key != "policies"])
def test_the_reference_says_truly_which_keys_must_be_given(key: str) -> None:
    given = {name: value for name, value in SMALLEST.items() if name != key}
    top = [f"{name} = {given.pop(name)}" for name in list(given) if name in DOCUMENT_KEYS]
    text = "\n".join([*top, "[policies.soup]", *(f"{name} = {value}" for name, value in given.items())])
    documented = (rows("policy.md", "Top level") | rows("policy.md", "A policy"))[key][0]

    if documented == "no":
        assert parse_policy(text.encode(), "kitchen.toml").policies
        return
    assert documented == "yes"
    with pytest.raises(PolicyError, match=rf"{key}: must be given, was missing$"):
        parse_policy(text.encode(), "kitchen.toml")


def test_the_reference_gives_every_severity_its_weight() -> None:
    documented = {name: float(cells[0]) for name, cells in rows("policy.md", "Severity").items()}

    assert documented == {severity.value: severity.weight for severity in Severity}


@pytest.mark.parametrize("kind", TargetKind)
def test_the_reference_shows_every_target_as_it_is_written(kind: TargetKind) -> None:
    written = json.loads(rows("policy.md", "Targets")[kind][0].strip("`"))

    assert Target.parse(written).kind is kind


def test_the_rows_that_a_rate_takes_are_right() -> None:
    rate, count = 0.001, 2_995

    assert f'`"fpr {rate}"` takes {count:,} negatives' in section("policy.md", "What certified means")
    assert count == math.ceil(math.log(0.05) / math.log1p(-rate))


def test_every_example_of_a_policy_file_is_valid() -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", page("policy.md"), re.MULTILINE | re.DOTALL)

    assert examples
    for example in examples:
        assert parse_policy(example.encode(), "policy.md").policies


def test_the_reference_asks_every_signals_question() -> None:
    documented = {name: cells[0].rstrip(" |") for name, cells in rows("assessment.md", "Signals").items()}

    assert documented == {signal.value: question for signal, question in QUESTIONS.items()}


def test_the_example_of_an_assessment_has_every_field_in_order() -> None:
    found = re.search(r"^```json\n(.*?)^```", page("assessment.md"), re.MULTILINE | re.DOTALL)
    assert found
    example = json.loads(found[1])

    assert list(example) == DOCUMENT
    assert list(example["signals"]) == values(Signal)
    assert list(example["policies"][0]) == fields(PolicyResult)
    assert list(example["spans"][0]) == fields(Span)
    assert list(example["model"]) == fields(ModelStamp)
    assert list(example["policy"]) == fields(PolicyStamp)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_reference_gives_every_setting_its_default_and_its_limits(name: str) -> None:
    default, allowed, *_ = rows("settings.md", "Settings")[f"TOCSIN_{name}".upper()]
    field = Settings.model_fields[name]

    assert default == ("–" if field.default is None else f"`{field.default}`")
    for rule in field.metadata:
        for limit in ("ge", "le"):
            assert not hasattr(rule, limit) or f"{getattr(rule, limit):,}" in allowed


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_example_of_a_setting_is_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, _, value = (
        rows("settings.md", "Settings")[f"TOCSIN_{name}".upper()][3].strip("` |").partition("=")
    )
    monkeypatch.setenv(variable, value)

    assert variable == f"TOCSIN_{name}".upper()
    assert str(getattr(settings(), name)) == value != str(Settings.model_fields[name].default)


def test_the_reference_quotes_the_error_of_a_setting_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "0")

    with pytest.raises(SettingsError) as caught:
        settings()

    assert f"`tocsin: {caught.value}`" in page("settings.md")
