"""From traffic to a clearing rule to a scan, as an operator goes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.models.cascade import read_refit
from tocsin.settings import settings

WORDS = {
    "cooking": ("soup", "bread", "oven", "butter", "garlic", "onion", "recipe", "simmer"),
    "sport": ("goal", "match", "ball", "referee", "team", "stadium", "medal", "league"),
    "plain": ("the", "a", "and", "then", "with", "yesterday", "quite", "very", "some", "again"),
}


def posts(rows: int) -> list[str]:
    """Return harmless posts, a third of them about cooking."""
    draw = random.Random(4)  # noqa: S311 - reproducible toy data
    kinds = ["cooking" if draw.random() < 0.3 else "sport" for _ in range(rows)]
    return [
        " ".join(draw.choices(WORDS[kind], k=draw.randint(2, 4)) + draw.choices(WORDS["plain"], k=5))
        for kind in kinds
    ]


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traffic") / "march.jsonl"
    rows = [{"id": f"p-{row}", "text": text, "language": "en"} for row, text in enumerate(posts(900))]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_show_says_what_is_cleared_and_on_what_ground(toy_cascade_bundle: Path) -> None:
    usual = told(run("cascade", "show", "--bundle", toy_cascade_bundle, "--json"))
    more = told(run("cascade", "show", "--bundle", toy_cascade_bundle, "--loss", "0.2", "--json"))
    page = run("cascade", "show", "--bundle", toy_cascade_bundle)

    assert usual["fitted_to"] is None
    assert usual["languages"]["en"]["loss"] == 0.02
    assert more["languages"]["en"]["cleared"] > usual["languages"]["en"]["cleared"]
    assert more["languages"]["en"]["flagged"] == usual["languages"]["en"]["flagged"]
    assert page.exit_code == 0
    assert "the bundle's own rows" in page.stdout
    assert f"{usual['languages']['en']['flagged']:,}" in page.stdout


@pytest.mark.parametrize("loss", ["0", "1", "2", "-0.1"])
@pytest.mark.parametrize("command", [("show",), ("refit", "--traffic", "nowhere.txt", "--dry-run")])
def test_a_loss_that_is_no_share_is_wrong_usage_before_anything_is_read(
    toy_cascade_bundle: Path, command: tuple[str, ...], loss: str
) -> None:
    found = run("cascade", *command, "--bundle", toy_cascade_bundle, "--loss", loss)

    assert found.exit_code == 2
    assert "--loss must be above 0 and below 1" in " ".join(found.output.split())


def test_a_rule_for_a_server_counts_its_moderations_in(
    toy_cascade_bundle: Path, traffic: Path, tmp_path: Path
) -> None:
    given = ("--traffic", traffic, "--bundle", toy_cascade_bundle, "--loss", "0.2", "--quiet", "--json")

    alone = told(run("cascade", "refit", *given, "--dry-run"))
    served = told(run("cascade", "refit", *given, "--moderations", "--out", tmp_path / "clearing.json"))

    assert served["languages"]["en"]["flagged"] >= alone["languages"]["en"]["flagged"]
    assert len(read_refit(tmp_path / "clearing.json").beside) == 1


def test_commands_that_clear_nothing_do_not_mind_a_rule_of_another_policy(
    toy_cascade_bundle: Path, traffic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "soup.toml"
    rules.write_text(
        'version = "7"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\nseverity = "low"\n'
        'review = "budget 5%"\nurgent = 1.0\n'
    )
    out = tmp_path / "clearing.json"
    given = ("--traffic", traffic, "--bundle", toy_cascade_bundle, "--quiet")
    told(run("cascade", "refit", *given, "--out", out, "--json"))
    monkeypatch.setenv("TOCSIN_CASCADE_REFIT", str(out))
    settings.cache_clear()

    fitted = run("thresholds", "fit", *given, "--policy", rules, "--dry-run", "--json")
    checked = run("policy", "check", rules.with_name("other.toml"), "--bundle", toy_cascade_bundle)

    assert "must be that in use" not in str(fitted.exception) + str(checked.exception)
    assert "takes 1,000" in str(fitted.exception)  # 900 rows are too few for a budget: no other complaint


def test_show_says_where_nothing_may_be_cleared(toy_cascade_bundle: Path) -> None:
    page = run("cascade", "show", "--bundle", toy_cascade_bundle, "--loss", "0.0001")

    assert page.exit_code == 0
    assert "nothing is cleared" in " ".join(page.stdout.split())
    assert "takes 29,956" in " ".join(page.stdout.split())


def test_a_bundle_without_a_cascade_has_nothing_to_show(toy_encoder_bundle: Path) -> None:
    found = run("cascade", "show", "--bundle", toy_encoder_bundle)

    assert found.exit_code == 1
    assert "tier must be one of screen, encoder, was cascade" in str(found.exception)


def test_a_rule_fitted_to_traffic_is_written_and_used_by_a_scan(
    toy_cascade_bundle: Path, traffic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "clearing.json"
    given = ("--traffic", traffic, "--bundle", toy_cascade_bundle, "--loss", "0.2", "--quiet")

    dry = told(run("cascade", "refit", *given, "--out", out, "--dry-run", "--json"))
    assert not out.exists()
    wet = told(run("cascade", "refit", *given, "--out", out, "--json"))

    rule = read_refit(out)
    english = wet["languages"]["en"]
    assert (dry["out"], dry["digest"], dry["languages"]) == (None, None, wet["languages"])
    assert wet["out"] == str(out)
    assert wet["digest"].startswith("sha256:")
    assert (english["rows"], english["loss"]) == (900, 0.2)
    assert 0 < english["cleared"] < 900
    assert rule.languages["en"].threshold == english["threshold"]
    text = out.read_text()
    assert not any(word in text for word in ("soup", "p-1", "march"))

    monkeypatch.setenv("TOCSIN_CASCADE_REFIT", str(out))
    settings.cache_clear()
    shown = told(run("cascade", "show", "--bundle", toy_cascade_bundle, "--json"))
    scanned = run("scan", traffic, "--bundle", toy_cascade_bundle, "--json", "--quiet")
    tiers = [json.loads(line)["tier"] for line in scanned.stdout.splitlines()]
    assert shown["languages"]["en"] == english
    assert shown["fitted_to"] == str(out)
    assert 0 < tiers.count("screen") <= english["cleared"]
    assert tiers.count("encoder") >= 900 - english["cleared"]


def test_a_report_says_what_became_of_every_row(toy_cascade_bundle: Path, tmp_path: Path) -> None:
    rows = [
        {"text": "soup"},
        {"text": "soup"},
        {"text": ""},
        {"text": "Aujourd'hui nous préparons une soupe, demain nous irons au stade.", "language": "fr"},
    ]
    file = tmp_path / "few.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows) + "no json\n", encoding="utf-8")

    found = run(
        "cascade",
        "refit",
        "--traffic",
        file,
        "--bundle",
        toy_cascade_bundle,
        "--dry-run",
        "--json",
        "--quiet",
    )
    page = run("cascade", "refit", "--traffic", file, "--bundle", toy_cascade_bundle, "--dry-run", "--quiet")

    report = json.loads(found.stdout)
    assert found.exit_code == page.exit_code == 3
    assert report["languages"]["en"]["rows"] == 1
    assert report["languages"]["en"]["threshold"] is None
    assert (report["copies"], report["rejected"]) == (1, 1)
    assert report["unscorable"] == {"empty": 1, "language": 1}
    assert "rejected: 1 rows" in " ".join(page.stdout.split())


def test_a_file_that_is_there_is_replaced_only_when_told_so(
    toy_cascade_bundle: Path, traffic: Path, tmp_path: Path
) -> None:
    out = tmp_path / "clearing.json"
    out.write_text("ours")

    kept = run("cascade", "refit", "--traffic", traffic, "--bundle", toy_cascade_bundle, "--out", out)
    own = run("cascade", "refit", "--traffic", traffic, "--bundle", toy_cascade_bundle, "--out", traffic)

    assert (kept.exit_code, own.exit_code) == (1, 2)
    assert "must not be there yet" in str(kept.exception)
    assert out.read_text() == "ours"
