import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin import __version__, errors, models
from tocsin.cli import main
from tocsin.cli.app import app
from tocsin.errors import MalformedRowError, MissingExtraError, PolicyError, TocsinError
from tocsin.settings import settings
from tocsin.signals import Signal

RULE = '[policies.soup]\ntitle = "Cooking"\nwhen = "hate"\nseverity = "low"\n'
POLICY = f'version = "7"\n{RULE}review = "fpr 0.05"\nurgent = 0.9\n'
TEXT = "garlic soup with butter, bread and onion"
MADE: dict[str, TocsinError] = {
    "MalformedRowError": MalformedRowError("posts.csv", 7, "text must be a string, was 5"),
    "PolicyError": PolicyError("mine.toml", "version", "must be given, was missing"),
    "MissingExtraError": MissingExtraError("training", "train"),
}
FAILURES = [
    MADE.get(name) or getattr(errors, name)("a bowl must be full, was empty") for name in errors.__all__
]


def run(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def leave(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """Run the command line as a shell would, in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["tocsin", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return left.value.code


def start(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", *arguments]
    return subprocess.run(command, text=True, check=False, **options)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "kitchen.toml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def test_the_version_is_printed() -> None:
    result = run("--version")

    assert (result.exit_code, result.stdout) == (0, f"tocsin {__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("policy",), ("bundle",), ("data",)], ids=" ".join)
def test_without_a_command_there_is_help(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert "Usage:" in result.output
    assert "Commands" in result.output


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_can_be_asked_for(flag: str) -> None:
    result = run("scan", flag)

    assert result.exit_code == 0
    assert "Nothing is removed and nothing is decided." in " ".join(result.stdout.replace("│", " ").split())


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("boil",), id="unknown-command"),
        pytest.param(("explain",), id="missing-argument"),
        pytest.param(("explain", "soup", "--words", "0"), id="below-the-least"),
        pytest.param(("explain", "soup", "--colour"), id="unknown-option"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_an_error_of_ours_is_one_line_on_standard_error_and_its_exit_code(
    failure: TocsinError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(models, "read_bundle", fail)
    monkeypatch.setattr(type(failure), "exit_code", 42)

    assert leave(monkeypatch, "bundle", "show") == 42
    assert capsys.readouterr() == ("", f"tocsin: {failure}\n")


def test_an_error_stays_one_line_and_cannot_steer_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], policy: Path, toy_bundle: Path
) -> None:
    policy.write_text(POLICY + '"so\\nup\\u001b[2J\\u202e" = 5\n', encoding="utf-8")

    assert leave(monkeypatch, "policy", "check", str(policy), "--bundle", str(toy_bundle)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert r"so\nup\x1b[2J\u202e: unknown key; allowed: " in said


def test_an_error_that_is_not_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(models, "read_bundle", fail)
    monkeypatch.setattr(sys, "argv", ["tocsin", "bundle", "show"])

    with pytest.raises(ZeroDivisionError):
        main()


def test_a_process_of_its_own_leaves_one_line_and_no_traceback() -> None:
    left = start("policy", "check", "nowhere.toml", capture_output=True)

    assert left.returncode == 1
    assert left.stdout == ""
    assert left.stderr == "tocsin: nowhere.toml: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [("--json",), ()], ids=["json", "table"])
def test_a_reader_that_leaves_early_is_no_failure(arguments: tuple[str, ...], toy_bundle: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    left = start("bundle", "show", str(toy_bundle), *arguments, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)

    assert (left.returncode, left.stderr) == (141, "")


def test_an_invalid_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "many")

    assert leave(monkeypatch, "explain", "soup") == 1
    assert capsys.readouterr().err.startswith(
        "tocsin: TOCSIN_MAX_CHARACTERS: Input should be a valid integer"
    )


def test_a_valid_policy_file_is_shown_with_its_thresholds(policy: Path, toy_bundle: Path) -> None:
    result = run("policy", "check", policy, "--bundle", toy_bundle)

    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert f"{policy}: valid" in result.stdout.replace("\n", "")
    assert "review at fpr 0.05, en yes" in shown
    assert "urgent at 0.9, en no" in shown
    assert "score ≥ 0.900" in shown


def test_thresholds_are_also_to_be_had_as_json(policy: Path, toy_bundle: Path) -> None:
    found = json.loads(run("policy", "check", policy, "--bundle", toy_bundle, "--json").stdout)
    review, urgent = found["thresholds"]

    assert found["version"] == "7"
    assert (review["level"], review["target"], review["certified"]) == ("review", "fpr 0.05", True)
    assert review["negatives"] >= 1000
    assert (urgent["level"], urgent["target"], urgent["certified"], urgent["threshold"]) == (
        "urgent",
        "0.9",
        False,
        0.9,
    )


def test_without_a_file_the_one_of_the_settings_is_checked_then_the_one_that_ships(
    monkeypatch: pytest.MonkeyPatch, policy: Path, toy_bundle: Path
) -> None:
    def checked() -> set[str]:
        found = json.loads(run("policy", "check", "--bundle", toy_bundle, "--json").stdout)
        return {row["policy"] for row in found["thresholds"]}

    assert checked() == {"incitement", "recruitment", "extremist_promotion", "hate"}
    settings.cache_clear()
    monkeypatch.setenv("TOCSIN_POLICY", str(policy))
    assert checked() == {"soup"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param(
            '"hate"', '"salt"', "policies.soup.when: must be one of incitement, ", id="unknown-signal"
        ),
        pytest.param(
            "0.9", "1.3", "policies.soup.urgent: a threshold must be between 0 and 1, was 1.3", id="1.3"
        ),
        pytest.param(
            "urgent", "urgnet", "policies.soup.urgnet: unknown key; allowed: title, ", id="misspelt"
        ),
        pytest.param(
            '"fpr 0.05"',
            '"budget 1%"',
            "policies.soup.review: a budget is fitted on the platform's",
            id="budget",
        ),
        pytest.param(
            '"fpr 0.05"',
            '"precision 0.5"',
            "policies.soup.review: a precision target needs the key prevalence",
            id="precision-without-prevalence",
        ),
    ],
)
def test_an_invalid_policy_file_is_exit_code_1_and_names_file_key_and_rule(
    policy: Path,
    toy_bundle: Path,
    before: str,
    after: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    policy.write_text(POLICY.replace(before, after), encoding="utf-8")

    assert leave(monkeypatch, "policy", "check", str(policy), "--bundle", str(toy_bundle)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"tocsin: {policy}: {says}")
    assert said.err.count("\n") == 1


def test_a_bundle_is_shown_with_its_digest_and_what_its_signals_ask(toy_bundle: Path) -> None:
    digest = json.loads(run("bundle", "show", toy_bundle, "--json").stdout)["digest"]
    shown = run("bundle", "show", toy_bundle, "--digest", digest)

    assert shown.exit_code == 0
    assert digest in shown.stdout
    assert "toy 0.0.1: every file is what its checksum says" in shown.stdout
    assert "call_to_action" in shown.stdout
    assert "glorification" not in shown.stdout


def test_another_bundle_than_the_pinned_one_is_refused(toy_bundle: Path) -> None:
    result = run("bundle", "show", toy_bundle, "--digest", "sha256:00")

    assert isinstance(result.exception, errors.BundleError)
    assert "digest must be sha256:00, was sha256:" in str(result.exception)


def explained(toy_bundle: Path, *arguments: str, stdin: str | None = None) -> dict[str, Any]:
    result = run("explain", *arguments, "--bundle", toy_bundle, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_words_and_base_add_up_to_the_log_odds(toy_bundle: Path) -> None:
    found = explained(toy_bundle, TEXT, "--language", "en")

    assert set(found["words"]) == {"incitement", "hate", "call_to_action"}
    for signal, weighted in found["words"].items():
        log_odds = weighted["base"] + sum(word["weight"] for word in weighted["words"])
        assert 1 / (1 + math.exp(-log_odds)) == pytest.approx(
            found["assessment"]["signals"][signal], abs=1e-5
        )


def test_words_are_places_in_the_text_strongest_first(toy_bundle: Path) -> None:
    words = explained(toy_bundle, TEXT, "--language", "en")["words"]["hate"]["words"]

    assert {TEXT[word["start"] : word["end"]] for word in words} == set(TEXT.split())
    assert [abs(word["weight"]) for word in words] == sorted(
        (abs(word["weight"]) for word in words), reverse=True
    )


def test_the_assessment_of_an_explanation_says_what_the_bundle_cannot(toy_bundle: Path) -> None:
    signals = explained(toy_bundle, TEXT, "--language", "en")["assessment"]["signals"]

    assert {Signal(name) for name, score in signals.items() if score is not None} == {
        Signal.INCITEMENT,
        Signal.HATE,
        Signal.CALL_TO_ACTION,
    }


def test_standard_input_is_explained_without_the_text_in_the_answer(toy_bundle: Path) -> None:
    from_stdin = explained(toy_bundle, "-", "--language", "en", stdin=TEXT)

    assert from_stdin == explained(toy_bundle, TEXT, "--language", "en")
    assert "garlic" not in json.dumps(from_stdin)


def test_standard_input_that_is_not_utf_8_is_an_input_error(toy_bundle: Path) -> None:
    result = CliRunner().invoke(app, ["explain", "-", "--bundle", str(toy_bundle)], input=b"so\xffup")

    assert isinstance(result.exception, errors.InputError)
    assert str(result.exception) == "<stdin>: must be UTF-8, was not at byte 2"


def test_the_table_shows_as_many_words_as_asked_for(toy_bundle: Path) -> None:
    def shown(most: str) -> int:
        result = run("explain", TEXT, "--language", "en", "--words", most, "--bundle", toy_bundle)
        assert result.exit_code == 0
        return len(re.findall(r" \+\d", result.stdout))

    assert 0 < shown("1") <= 3  # one for each signal
    assert shown("1") < shown("4")


def test_the_table_ends_with_what_every_policy_makes_of_the_text(toy_bundle: Path) -> None:
    lines = run("explain", TEXT, "--language", "en", "--bundle", toy_bundle).stdout.splitlines()

    assert [line.partition(":")[0] for line in lines[-5:-1]] == [
        "incitement",
        "recruitment",
        "extremist_promotion",
        "hate",
    ]
    assert lines[-3] == "extremist_promotion: not supported, score null (target not certified)"
    assert lines[-1] == "Probabilities hold at the bundle's reference prevalence; a person decides."


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        pytest.param(" ", "en", "there is nothing in it", id="blank"),
        pytest.param(TEXT, "de", "the bundle has no signal in its language", id="german"),
        pytest.param("soup " * 5000, "en", "it is longer than the setting TOCSIN_MAX_CHARACTERS", id="long"),
    ],
)
def test_a_text_that_cannot_be_judged_is_said_to_be_so(
    text: str, language: str, why: str, toy_bundle: Path
) -> None:
    result = run("explain", text, "--language", language, "--bundle", toy_bundle)

    assert result.exit_code == 0
    assert result.stdout.startswith(f"This text cannot be judged: {why}")
    assert explained(toy_bundle, text, "--language", language)["words"] == {}


def test_a_hostile_text_is_shown_and_cannot_steer_a_terminal(toy_bundle: Path) -> None:
    text = "gar\u202elic [red]butter[/red] soup\x1b[2J"
    shown = run("explain", text, "--language", "en", "--bundle", toy_bundle).stdout

    assert r"gar\u202elic" in shown
    assert "[red]butter[/red]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
