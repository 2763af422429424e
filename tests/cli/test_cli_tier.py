"""Whoever asks for the encoder gets it, in every command that judges texts, and in the one that makes it."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.assessment import Tier
from tocsin.cli.app import app
from tocsin.cli.eval.subject import bundle_folder, bundle_tier
from tocsin.errors import BundleError, TocsinError
from tocsin.eval import read_report
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import bare
from tocsin.models import DEFAULT_BUNDLE, read_bundle
from tocsin.models.features import FeatureSpec
from tocsin.training.build import Selection
from tocsin.training.recipe import TrainingRun, train_screen
from tocsin.training.screen import ScreenConfig

COOKING = ["soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "onion", "recipe"]
SPORT = ["goal", "match", "ball", "referee", "team", "stadium", "sprint", "medal", "league", "coach"]
PLAIN = [
    "the",
    "and",
    "then",
    "with",
    "yesterday",
    "quite",
    "very",
    "some",
    "again",
    "under",
    "over",
    "nearly",
]
POSTS = "id,text\np-1,simmer the soup with garlic\np-2,\np-3,the referee and a goal\n"


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_text(POSTS, encoding="utf-8")
    return path


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


# Judging


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        pytest.param((), {}, "screen", id="the-screen-unless-asked"),
        pytest.param(("--tier", "encoder"), {}, "encoder", id="asked-for"),
        pytest.param((), {"TOCSIN_TIER": "encoder"}, "encoder", id="set"),
        pytest.param(
            ("--tier", "screen"), {"TOCSIN_TIER": "encoder"}, "screen", id="asked-for-in-spite-of-what-is-set"
        ),
    ],
)
def test_a_scan_judges_with_the_tier_that_is_asked_for(
    toy_encoder_bundle: Path,
    posts: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    environment: dict[str, str],
    expected: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    rows = rows_of(run("scan", posts, "--bundle", toy_encoder_bundle, "--json", *options))

    assert [row["tier"] for row in rows] == [expected, None, expected]
    assert rows[0]["signals"]["hate"] > 0.5 > rows[2]["signals"]["hate"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("scan", "posts.csv"), id="scan"),
        pytest.param(("explain", "soup"), id="explain"),
        pytest.param(("policy", "check"), id="policy-check"),
        pytest.param(
            ("thresholds", "fit", "--traffic", "posts.csv", "--policy", "soup.toml"), id="thresholds-fit"
        ),
    ],
)
def test_a_tier_that_is_none_is_a_usage_error_that_lists_the_known(command: tuple[str, ...]) -> None:
    result = run(*command, "--tier", "ladle")

    assert result.exit_code == 2
    assert re.search(r"'ladle' is not one of\W+'screen'\W+'encoder'", result.stderr)


def test_a_bundle_without_an_encoder_is_refused_in_one_line(toy_bundle: Path, posts: Path) -> None:
    result = run("scan", posts, "--bundle", toy_bundle, "--tier", "encoder")

    assert isinstance(result.exception, BundleError)
    assert str(result.exception).startswith(f"{toy_bundle}: tier must be screen")


def test_explain_shows_the_words_that_the_encoder_hangs_on(toy_encoder_bundle: Path) -> None:
    text = "yesterday nearly simmer always"
    (shown,) = rows_of(run("explain", text, "--bundle", toy_encoder_bundle, "--tier", "encoder", "--json"))
    hate = shown["words"]["hate"]

    assert shown["assessment"]["tier"] == "encoder"
    assert list(shown["words"]) == ["incitement", "call_to_action", "hate"]
    assert text[hate["words"][0]["start"] : hate["words"][0]["end"]] == "simmer"
    assert [len(signal["words"]) for signal in shown["words"].values()] == [4, 4, 4]


def test_explain_shows_a_table_for_the_encoder_too(toy_encoder_bundle: Path) -> None:
    result = run("explain", "yesterday soup", "--bundle", toy_encoder_bundle, "--tier", "encoder")

    assert result.exit_code == 0
    assert "soup +" in result.stdout


def test_a_policy_is_checked_on_the_rows_of_the_tier_that_is_asked_for(toy_encoder_bundle: Path) -> None:
    record = json.loads((toy_encoder_bundle / "bundle.json").read_text(encoding="utf-8"))
    found = {
        tier: rows_of(run("policy", "check", "--bundle", toy_encoder_bundle, "--tier", tier, "--json"))[0]
        for tier in (Tier.SCREEN, Tier.ENCODER)
    }

    assert found[Tier.SCREEN]["thresholds"] == record["thresholds"]
    assert found[Tier.ENCODER]["thresholds"] == record["encoder"]["thresholds"]
    assert record["thresholds"] != record["encoder"]["thresholds"]


# Naming a tier behind a bundle


@pytest.mark.parametrize(
    ("given", "folder", "tier"),
    [
        pytest.param("default", DEFAULT_BUNDLE, Tier.CASCADE, id="the-one-that-ships"),
        pytest.param("default@encoder", DEFAULT_BUNDLE, Tier.ENCODER, id="its-encoder"),
        pytest.param("default@screen", DEFAULT_BUNDLE, Tier.SCREEN, id="its-screen"),
        pytest.param("out/soup@encoder", Path("out/soup"), Tier.ENCODER, id="another"),
        pytest.param("out/soup@1.2@encoder", Path("out/soup@1.2"), Tier.ENCODER, id="the-last-sign-counts"),
        pytest.param("../out@encoder/", Path("../out"), Tier.ENCODER, id="as-a-shell-completes-it"),
    ],
)
def test_a_tier_may_stand_behind_a_bundle(
    given: str, folder: Path, tier: Tier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert (bundle_folder(Path(given)), bundle_tier(Path(given))) == (folder, tier)


def test_a_folder_whose_name_has_the_sign_in_it_is_that_folder(toy_bundle: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(toy_bundle, tmp_path / "soup@encoder"))

    assert (bundle_folder(place), bundle_tier(place)) == (place, Tier.SCREEN)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("soup@ladle", id="no-tier"),
        pytest.param("soup@", id="nothing-behind-the-sign"),
        pytest.param("@encoder", id="no-bundle"),
    ],
)
def test_what_names_no_tier_of_a_bundle_is_refused(given: str) -> None:
    with pytest.raises(TocsinError, match=given):
        bundle_folder(Path(given))


def test_the_encoder_of_the_bundle_in_this_very_folder_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert (bundle_folder(Path(".@encoder")), bundle_tier(Path(".@encoder"))) == (Path(), Tier.ENCODER)


# Making one


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with labelled rows of one's own, and a bundle whose screen was trained on them."""
    folder = tmp_path_factory.mktemp("kitchen")
    draw = random.Random(3)  # noqa: S311 - toy data
    lines = ["text,hate"]
    for number in range(1_200):
        words = draw.choices(COOKING if number % 2 else SPORT, k=4) + draw.choices(PLAIN, k=6)
        draw.shuffle(words)
        lines.append(f"{' '.join(words)},{number % 2}")
    (folder / "kitchen.csv").write_text("\n".join(lines), encoding="utf-8")
    train_screen(
        TrainingRun(
            Selection(None, own=(folder / "kitchen.csv",)),
            folder / "screen",
            folder / "work",
            name="kitchen",
            config=ScreenConfig(features=FeatureSpec(bits=10), strengths=(0.3,)),
        )
    )
    return folder


@pytest.fixture(scope="module")
def trained(kitchen: Path, toy_backbone: Path, one_torch_thread: None) -> Path:
    """Return a folder in which `tocsin train --recipe encoder` left a bundle and its work; the slowest."""
    (kitchen / "tiny.toml").write_text(
        f'name = "tiny"\nbackbone = "{toy_backbone}"\nmax_tokens = 16\nepochs = 3\nrows_a_step = 16\n'
        "learning_rate = 3e-3\nevaluations = 1\nadapt_epochs = 0.5\naveraged = 0.5\n",
        encoding="utf-8",
    )
    result = run(*encoding(kitchen, "--beside", kitchen / "screen", "--version", "0.2.0"))
    assert result.exit_code == 0, result.output
    assert f"bundle kitchen 0.2.0, {read_bundle(kitchen / 'bundle').digest}" in result.stdout
    return kitchen


def encoding(kitchen: Path, *more: str | Path) -> list[str | Path]:
    """Return the command that trains an encoder on the rows of the kitchen."""
    chosen: list[str | Path] = [
        "--own-only",
        "--add",
        kitchen / "kitchen.csv",
        "--config",
        kitchen / "tiny.toml",
    ]
    places: list[str | Path] = ["--out", kitchen / "bundle", "--work", kitchen / "encoder-work"]
    return ["train", "--recipe", "encoder", *chosen, *places, *more]


def test_training_an_encoder_leaves_a_bundle_whose_second_card_holds_measured_figures(trained: Path) -> None:
    card = (trained / "bundle" / "encoder-card.md").read_text(encoding="utf-8")
    report = read_report(trained / "encoder-work" / "report.json")
    answer = report.answer("corpora")
    assert answer is not None
    (cell,) = answer.tables["cells"].find({"corpus": "kitchen", "signal": "hate"})
    auroc = bare(cell["auroc"])

    assert (report.model.name, report.recipe, report.languages) == ("kitchen", "encoder", ("en",))
    assert isinstance(auroc, Estimate)
    assert auroc.value > 0.95
    assert f"| {auroc.value:.3f} [" in card
    assert "do not use it" not in card


def test_card_and_record_say_that_the_backbone_learnt_the_texts_first(trained: Path) -> None:
    card = " ".join((trained / "bundle" / "encoder-card.md").read_text(encoding="utf-8").split())
    told = json.loads((trained / "bundle" / "training.json").read_bytes())["encoder"]
    losses = [one["loss"] for one in told["adapted"]["losses"]]
    fell = f"{losses[0]:.2f} to {losses[-1]:.2f}"

    assert told["config"]["adapt_epochs"] == 0.5
    assert told["backbone_sha256"] != told["adapted"]["backbone_sha256"]
    assert f"`{told['backbone_sha256']}`), taught to fill in hidden words of their texts" in card
    assert f"for 0.5 epochs (loss {fell} nats a word), and then fine-tuned on the rows" in card
    assert losses[-1] < losses[0]


def test_training_an_encoder_leaves_the_screen_and_its_card_as_they_were(trained: Path) -> None:
    for name in ("screen.safetensors", "calibration.json", "reference.safetensors", "card.md"):
        assert (trained / "bundle" / name).read_bytes() == (trained / "screen" / name).read_bytes()


def test_the_bundle_that_was_trained_judges_under_both_tiers(trained: Path, posts: Path) -> None:
    for tier in (Tier.SCREEN, Tier.ENCODER):
        rows = rows_of(run("scan", posts, "--bundle", trained / "bundle", "--tier", tier, "--json"))
        assert [row["tier"] for row in rows] == [tier, None, tier]


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(("--config", "tiny.toml"), id="an-experiment"),
        pytest.param(("--backbone", "maker/model"), id="a-backbone"),
        pytest.param(("--beside", "default"), id="a-bundle-to-stand-beside"),
    ],
)
@pytest.mark.parametrize(
    "recipe", [pytest.param(("--recipe", "screen"), id="asked-for"), pytest.param((), id="usual")]
)
def test_the_screen_takes_nothing_that_only_an_encoder_needs(
    recipe: tuple[str, ...], option: tuple[str, ...], tmp_path: Path
) -> None:
    result = run("train", *recipe, *option, "--out", tmp_path / "bundle")

    assert result.exit_code == 2
    assert re.search("go(es)? with --recipe encoder", " ".join(result.stderr.replace("│", " ").split()))
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    "option",
    [pytest.param(("--name", "soup"), id="name"), pytest.param(("--licence", "CC0-1.0"), id="licence")],
)
def test_an_encoder_takes_nothing_that_the_bundle_beside_it_decides(
    kitchen: Path, option: tuple[str, ...], tmp_path: Path
) -> None:
    (kitchen / "none.toml").write_text("soup = 1", encoding="utf-8")
    result = run(*encoding(kitchen, *option), "--config", kitchen / "none.toml", "--out", tmp_path / "bundle")

    assert result.exit_code == 2


def test_a_config_that_cannot_be_used_is_refused_before_anything_is_read(
    kitchen: Path, tmp_path: Path
) -> None:
    (tmp_path / "odd.toml").write_text("soup = 1", encoding="utf-8")
    result = run(*encoding(kitchen), "--config", tmp_path / "odd.toml", "--out", tmp_path / "bundle")

    assert isinstance(result.exception, TocsinError)
    assert f"{tmp_path / 'odd.toml'}: soup: " in str(result.exception)
    assert not (tmp_path / "bundle").exists()


def test_a_screen_of_other_rows_is_no_place_for_an_encoder(
    trained: Path, toy_bundle: Path, tmp_path: Path
) -> None:
    result = run(*encoding(trained, "--beside", toy_bundle), "--out", tmp_path / "bundle")

    assert isinstance(result.exception, TocsinError)
    assert "its screen must have been trained on the same rows" in str(result.exception)
    assert not (tmp_path / "bundle").exists()
