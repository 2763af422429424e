"""From traffic to a fitted policy file to a scan, as an operator goes."""

import gzip
import json
import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.models.thresholds import allowed_errors
from tocsin.policy import read_policy

WORDS = {
    "cooking": ("soup", "bread", "oven", "butter", "garlic", "onion", "recipe", "simmer"),
    "sport": ("goal", "match", "ball", "referee", "team", "stadium", "medal", "league"),
    "plain": ("the", "a", "and", "then", "with", "yesterday", "quite", "very", "some", "again"),
}
RULES = """# our rules
version = "7"

[policies.soup]  # what the kitchen is about
title = "Cooking"
when = { any = ["hate", "call_to_action"] }
severity = "low"
review = "budget 5%"
urgent = "budget 1%"
"""


def posts(rows: int, seed: int) -> list[str]:
    """Return harmless posts, a third of them about cooking."""
    draw = random.Random(seed)  # noqa: S311 - reproducible toy data
    return [" ".join(_words(draw)) for _ in range(rows)]


def _words(draw: random.Random) -> list[str]:
    kind = "cooking" if draw.random() < 0.3 else "sport"
    words = draw.choices(WORDS[kind], k=draw.randint(1, 4)) + draw.choices(WORDS["plain"], k=6)
    draw.shuffle(words)
    return words


def jsonl(texts: list[str], language: str = "en") -> bytes:
    records = [{"id": f"p-{row}", "text": text, "language": language} for row, text in enumerate(texts)]
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traffic") / "march.jsonl"
    path.write_bytes(jsonl(posts(4_000, 1)))
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "soup.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def fit(bundle: Path, policy: Path, *arguments: str | Path, stdin: bytes = b"") -> Result:
    return run("thresholds", "fit", "--policy", policy, "--bundle", bundle, *arguments, stdin=stdin)


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_a_policy_fitted_on_traffic_keeps_its_budget_on_the_traffic_after_it(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    assert fit(toy_bundle, policy, "--traffic", traffic).exit_code == 0
    fresh = tmp_path / "april.jsonl"
    fresh.write_bytes(jsonl(posts(8_000, 2)))
    scanned = run("scan", fresh, "--policy", tmp_path / "soup.fitted.toml", "--bundle", toy_bundle, "--json")
    results = [json.loads(line)["policies"][0] for line in scanned.stdout.splitlines()]

    assert len(results) == 8_000
    assert all(result["certified"] for result in results)
    for levels, budget in (({"review", "urgent"}, 0.05), ({"urgent"}, 0.01)):
        share = sum(result["level"] in levels for result in results) / len(results)
        assert budget / 3 < share <= budget + 3 * math.sqrt(budget / len(results))


def test_the_file_is_the_operators_own_with_one_table_more(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    result = fit(toy_bundle, policy, "--traffic", traffic, "--out", tmp_path / "new.toml")
    written = (tmp_path / "new.toml").read_text(encoding="utf-8")

    assert result.exit_code == 0
    assert policy.read_text(encoding="utf-8") == RULES
    assert written.startswith(RULES + "\n[fitted]\n")
    assert not {*WORDS["cooking"], *WORDS["sport"]} & set(written.partition("[fitted]")[2].split())
    assert "p-1" not in written
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == ["new.toml", "soup.toml"]


def test_fitting_again_replaces_the_table_in_place(toy_bundle: Path, policy: Path, traffic: Path) -> None:
    in_place = ("--out", policy, "--force")
    first = told(fit(toy_bundle, policy, "--traffic", traffic, *in_place, "--json"))
    once = policy.read_bytes()
    again = told(fit(toy_bundle, policy, "--traffic", traffic, *in_place, "--json"))

    assert policy.read_bytes() == once
    assert first == again
    assert first["digest"] == read_policy(policy).digest


def test_a_table_that_went_stale_or_was_damaged_is_replaced_too(
    toy_bundle: Path, policy: Path, traffic: Path
) -> None:
    policy.write_text(RULES + "\n[fitted]\nsoup = 5\n", encoding="utf-8")

    assert fit(toy_bundle, policy, "--traffic", traffic, "--out", policy, "--force").exit_code == 0
    assert run("policy", "check", policy, "--bundle", toy_bundle).exit_code == 0


def test_an_edit_after_the_fit_is_noticed(toy_bundle: Path, policy: Path, traffic: Path) -> None:
    fit(toy_bundle, policy, "--traffic", traffic, "--out", policy, "--force")
    policy.write_text(policy.read_text(encoding="utf-8").replace("budget 5%", "budget 50%"), encoding="utf-8")

    error = run("policy", "check", policy, "--bundle", toy_bundle).exception
    assert f"{policy}: fitted.policy: must be the digest of the file without this table" in str(error)


def test_what_is_printed_are_the_thresholds_and_what_they_rest_on(
    toy_bundle: Path, policy: Path, traffic: Path
) -> None:
    found = told(fit(toy_bundle, policy, "--traffic", traffic, "--dry-run", "--json"))
    review, urgent = found["thresholds"]

    assert (found["out"], found["digest"], found["rejected"], found["unscorable"]) == (None, None, 0, {})
    assert found["rows"] == {"en": 4_000}
    assert (review["level"], review["target"], review["certified"]) == ("review", "budget 0.05", True)
    assert (review["rows"], urgent["rows"]) == (4_000, 4_000)
    assert 0 < urgent["reached"] <= allowed_errors(4_000, 0.01)
    assert urgent["reached"] < review["reached"] <= allowed_errors(4_000, 0.05)
    assert urgent["threshold"] > review["threshold"]


def test_a_dry_run_writes_nothing_and_needs_no_free_name(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    (tmp_path / "soup.fitted.toml").write_text("mine", encoding="utf-8")
    result = fit(toy_bundle, policy, "--traffic", traffic, "--dry-run")

    assert result.exit_code == 0
    assert "4,000 rows scored; nothing is written" in result.stdout
    assert (tmp_path / "soup.fitted.toml").read_text(encoding="utf-8") == "mine"


def test_a_check_shows_budgets_with_threshold_rows_and_what_is_certified(
    toy_bundle: Path, policy: Path, traffic: Path
) -> None:
    found = told(fit(toy_bundle, policy, "--traffic", traffic, "--out", policy, "--force", "--json"))
    checked = run("policy", "check", policy, "--bundle", toy_bundle)
    shown = " ".join(checked.stdout.split())

    for record in found["thresholds"]:
        ground = f"{record['reached']} of 4000 score ≥ {record['threshold']:.6f}"
        assert f"{record['level']} at {record['target']}, en yes {ground}" in shown
    assert "budget: decided are rows of the platform's traffic" in shown
    as_json = json.loads(run("policy", "check", policy, "--bundle", toy_bundle, "--json").stdout)
    assert as_json["thresholds"] == found["thresholds"]


def test_a_check_of_a_file_without_budgets_says_nothing_of_them(toy_bundle: Path, policy: Path) -> None:
    policy.write_text(RULES.replace('"budget 5%"', "0.5").replace('"budget 1%"', "0.9"), encoding="utf-8")

    assert "budget" not in run("policy", "check", policy, "--bundle", toy_bundle).stdout


def test_traffic_may_come_packed_in_every_format_and_from_several_files(
    toy_bundle: Path, policy: Path, tmp_path: Path
) -> None:
    texts = posts(1_200, 3)
    records = "".join(f"{json.dumps({'body': text, 'tag': 'en'})}\n" for text in texts[:400])
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(records.encode()))
    table = "body,tag\n" + "".join(f"{text},en\n" for text in texts[400:800])
    (tmp_path / "b.csv").write_text(table, encoding="utf-8")
    pq.write_table(pa.table({"body": texts[800:], "tag": ["en"] * 400}), tmp_path / "c.parquet")
    several = [f"--traffic={tmp_path / name}" for name in ("a.jsonl.gz", "b.csv", "c.parquet")]
    columns = ("--text-column", "body", "--language-column", "tag")
    together = told(fit(toy_bundle, policy, *several, *columns, "--dry-run", "--json"))
    (tmp_path / "all.jsonl").write_bytes(jsonl(texts))
    alone = told(fit(toy_bundle, policy, f"--traffic={tmp_path / 'all.jsonl'}", "--dry-run", "--json"))

    assert together == alone
    assert together["rows"] == {"en": 1_200}


def test_traffic_may_come_from_standard_input(toy_bundle: Path, policy: Path) -> None:
    options = ("--traffic", "-", "--format", "jsonl", "--dry-run", "--json")

    assert told(fit(toy_bundle, policy, *options, stdin=jsonl(posts(1_000, 4))))["rows"] == {"en": 1_000}


def test_what_cannot_be_scored_is_counted_apart_and_no_traffic_of_a_budget(
    toy_bundle: Path, policy: Path
) -> None:
    stdin = jsonl(posts(1_000, 4)) + jsonl(["", "Suppe", "Brot"], "de")
    options = ("--traffic", "-", "--format", "jsonl", "--dry-run")
    found = told(fit(toy_bundle, policy, *options, "--json", stdin=stdin))

    assert (found["rows"], found["unscorable"]) == ({"en": 1_000}, {"empty": 1, "language": 2})
    shown = fit(toy_bundle, policy, *options, stdin=stdin).stdout
    assert "unscorable: 1 empty, 2 language. They wait in a queue of their own" in shown


def test_many_copies_are_a_caveat_here_and_in_a_check(toy_bundle: Path, policy: Path, tmp_path: Path) -> None:
    (tmp_path / "copies.jsonl").write_bytes(jsonl(posts(1_000, 5) + ["hot soup"] * 250))
    fitted = fit(toy_bundle, policy, "--traffic", tmp_path / "copies.jsonl")
    checked = run("policy", "check", tmp_path / "soup.fitted.toml", "--bundle", toy_bundle)

    for result in (fitted, checked):
        assert "en: 20% of the rows repeat another's text." in result.stdout


def test_a_budget_that_ties_leave_unused_is_named(toy_bundle: Path, policy: Path) -> None:
    stdin = jsonl(["hot soup"] * 1_000)
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl", "--dry-run", stdin=stdin)

    assert "review, en: only 0 of the" in result.stdout
    assert "many rows share one score" in " ".join(result.stdout.split())


def test_few_copies_are_none(toy_bundle: Path, policy: Path) -> None:
    stdin = jsonl(posts(1_000, 5) + ["hot soup"] * 90)
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl", "--dry-run", stdin=stdin)

    assert "repeat" not in result.stdout
    assert "has room for" not in result.stdout


MORE = """
[policies.bread]
title = "Baking"
when = "hate"
severity = "low"
review = "budget 5%"
urgent = "budget 0.1%"

[policies.gravel]
title = "No kitchen"
when = "threat"
severity = "low"
review = "budget 5%"
urgent = 0.9
"""


def test_a_policy_that_cannot_be_fitted_is_null_and_said_aloud_while_the_others_work(
    toy_bundle: Path, policy: Path, tmp_path: Path
) -> None:
    policy.write_text(RULES + MORE, encoding="utf-8")
    (tmp_path / "posts.jsonl").write_bytes(jsonl(posts(1_000, 6)))
    result = fit(toy_bundle, policy, "--traffic", tmp_path / "posts.jsonl")
    scanned = run(
        "scan",
        tmp_path / "posts.jsonl",
        "--policy",
        tmp_path / "soup.fitted.toml",
        "--bundle",
        toy_bundle,
        "--json",
    )
    levels = {
        policy["name"]: policy["level"] for policy in json.loads(scanned.stdout.splitlines()[0])["policies"]
    }

    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "tocsin: null, because not fitted: bread in en: 1,000 rows of traffic, takes 2,995",
        "tocsin: null, because not fitted: gravel in en: the bundle has no threat",
    ]
    assert "null: not fitted in this language" in " ".join(result.stdout.split())
    assert levels["soup"] is not None
    assert (levels["bread"], levels["gravel"]) == (None, None)


def test_a_scan_of_the_traffic_itself_reaches_what_the_fit_said(
    toy_bundle: Path, policy: Path, traffic: Path
) -> None:
    policy.write_text(
        RULES.replace("budget 5%", "budget 70%").replace("budget 1%", "fpr 0.005"), encoding="utf-8"
    )
    given = ("--traffic", traffic, "--out", policy, "--force", "--json")
    (review,) = told(fit(toy_bundle, policy, *given))["thresholds"]
    scanned = run("scan", traffic, "--policy", policy, "--bundle", toy_bundle, "--json").stdout.splitlines()
    levels = [json.loads(line)["policies"][0]["level"] for line in scanned]

    assert levels.count("urgent") > 0
    assert levels.count("urgent") + levels.count("review") == review["reached"]
    assert review["reached"] == allowed_errors(4_000, 0.7)
