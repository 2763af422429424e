"""What every test starts from: a clean environment, toy corpora, a toy bundle, the real corpora if there."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import cast

import hypothesis
import numpy as np
import pytest
import typer.main
from filelock import FileLock
from numpy.typing import NDArray

from tocsin.assessment import Tier
from tocsin.eval import Report, Subject, evaluate
from tocsin.eval.suites import SUITES
from tocsin.example import Split
from tocsin.example_file import read_examples
from tocsin.models import DEFAULT_BUNDLE, Bundle, Scorer, read_bundle
from tocsin.models.encoder import Session
from tocsin.models.features import FeatureSpec
from tocsin.models.loading import threads
from tocsin.policy import default_policy
from tocsin.settings import settings
from tocsin.training.build import Build, Selection, build
from tocsin.training.cascade import CascadeConfig, CascadeRun, train_cascade
from tocsin.training.recipe import TrainingRun, train_screen
from tocsin.training.screen import ScreenConfig

NUMBER = re.compile(r"[-+]?[0-9]+(?:[.][0-9]+)?")
MARK = re.compile(r" [*][*][a-z ]+[*][*]")
Once = Callable[[str, Callable[[Path], object]], Path]
CORPORA = os.environ.get("TOCSIN_DATA")  # read before any test may change the environment

hypothesis.settings.register_profile("unhurried", deadline=None)  # a busy machine is no defect
hypothesis.settings.load_profile("unhurried")

COOKING = [
    "soup",
    "bread",
    "oven",
    "butter",
    "flour",
    "simmer",
    "whisk",
    "garlic",
    "onion",
    "recipe",
    "kitchen",
    "pan",
    "roast",
    "salt",
]
SPORT = [
    "goal",
    "match",
    "ball",
    "referee",
    "team",
    "stadium",
    "sprint",
    "medal",
    "league",
    "coach",
    "whistle",
    "keeper",
    "race",
    "cup",
]
INVITING = [
    "join",
    "us",
    "on",
    "saturday",
    "everybody",
    "come",
    "along",
    "bring",
    "friends",
    "sign",
    "up",
    "now",
    "together",
]
PLAIN = [
    "the",
    "a",
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
    "always",
    "seldom",
]


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return where caches would be, one a test; a folder that is made for each of thousands costs minutes."""
    home = tmp_path_factory.mktemp("caches")
    return (home / str(number) for number in count())


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, _caches: Iterator[Path]) -> Iterator[None]:
    """Start every test without our settings and with an empty cache, and forget what it made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(next(_caches)))
    for name in [name for name in os.environ if name.startswith("TOCSIN_")]:
        monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _commands_once() -> Iterator[None]:
    """Build the tree of commands once, and not with each command: that takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def corpora_folder() -> Path:
    """Return the folder of the real corpora; skip where there is none, which in CI is a failure."""
    if CORPORA and Path(CORPORA).is_dir():
        return Path(CORPORA).resolve()
    reason = f"needs the labelled corpora: TOCSIN_DATA must name their folder, was {CORPORA!r}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def real_build(corpora_folder: Path) -> Build:
    """Return the rows of all real corpora with one use each."""
    return build(Selection(corpora_folder))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Once:
    """Return what makes a folder once for all processes that share a run; who comes second waits."""
    shared = hasattr(request.config, "workerinput")  # then each process has a folder in that of the run
    home = tmp_path_factory.getbasetemp().parent if shared else tmp_path_factory.getbasetemp()

    def make(name: str, filled: Callable[[Path], object]) -> Path:
        folder, made = home / f"once-{name}", home / f"once-{name}.made"
        with FileLock(home / f"once-{name}.lock"):
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)  # what a process left that failed
                folder.mkdir()
                filled(folder)
                made.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def toy_corpora(once: Once) -> Path:
    """Return a folder laid out like the real one, about cooking (positive) and sport (negative)."""
    return once("corpora", _write_corpora)


def _write_corpora(folder: Path) -> None:
    draw = random.Random(7)  # noqa: S311 - reproducible toy data
    gab = folder / "gab-hate-corpus"
    gab.mkdir()
    for name, rows in (("ghc_train.tsv", 16_000), ("ghc_test.tsv", 800)):
        with (gab / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            writer.writerow(["text", "hd", "cv", "vo"])
            writer.writerows(_gab_row(draw) for _ in range(rows))
    actions = folder / "collective-action"
    actions.mkdir()
    for name, rows in (("train_set.csv", 1_600), ("test_set.csv", 400)):
        with (actions / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["CommentID", "ActionFocusedText", "Label", "AugmentationType"])
            writer.writerows([f"{name}{row}", *_action_row(draw)] for row in range(rows))


@pytest.fixture(scope="session")
def toy_bundle(toy_corpora: Path, once: Once) -> Path:
    """Return a bundle trained on the toy corpora: incitement, hate and call_to_action, in English."""

    def train(folder: Path) -> None:
        train_screen(
            TrainingRun(
                Selection(toy_corpora, ("gab-hate-corpus", "collective-action")),
                out=folder / "bundle",
                work=folder / "work",
                cache=toy_corpora.with_name("toy-rows"),
                name="toy",
                version="0.0.1",
                config=ScreenConfig(features=FeatureSpec(bits=12), strengths=(0.3,)),
            )
        )

    return once("toy", train) / "bundle"


@pytest.fixture(scope="session")
def one_torch_thread() -> Iterator[None]:
    """Let torch work on one thread: several of a tiny network mostly wait, long on a busy machine."""
    import torch  # takes seconds to load

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def toy_backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a transformer with fresh weights that knows every word of the toy corpora."""
    from tocsin.training.encoder.testing import tiny_backbone  # torch takes seconds to load

    return tiny_backbone(tmp_path_factory.mktemp("backbone"), [*COOKING, *SPORT, *INVITING, *PLAIN])


@pytest.fixture(scope="session")
def train_toy_encoder(
    toy_corpora: Path, toy_backbone: Path, one_torch_thread: None
) -> Callable[[Path, Path], None]:
    """Return what puts an encoder, which reads fourteen words at a time, beside a bundle's screen."""
    from tocsin.training.encoder.config import EncoderConfig  # torch takes seconds to load
    from tocsin.training.encoder.recipe import EncoderRun, train_encoder

    def train(beside: Path, folder: Path) -> None:
        train_encoder(
            EncoderRun(
                Selection(toy_corpora, ("gab-hate-corpus", "collective-action")),
                beside=beside,
                out=folder / "bundle",
                work=folder / "work",
                cache=toy_corpora.with_name("toy-rows"),
                config=EncoderConfig(
                    backbone=str(toy_backbone),
                    name="tiny",
                    max_tokens=16,
                    epochs=1,
                    rows_a_step=64,
                    learning_rate=3e-3,
                    evaluations=1,
                ),
            )
        )

    return train


@pytest.fixture(scope="session")
def toy_encoder_bundle(toy_bundle: Path, train_toy_encoder: Callable[[Path, Path], None], once: Once) -> Path:
    """Return the toy bundle with an encoder of the same signals."""
    return once("toy-encoder", lambda folder: train_toy_encoder(toy_bundle, folder)) / "bundle"


@pytest.fixture(scope="session")
def toy_cascade_bundle(toy_corpora: Path, toy_encoder_bundle: Path, once: Once) -> Path:
    """Return the toy bundle with a cascade in it."""

    def train(folder: Path) -> None:
        train_cascade(
            CascadeRun(
                Selection(toy_corpora, ("gab-hate-corpus", "collective-action")),
                beside=toy_encoder_bundle,
                out=folder / "bundle",
                work=folder / "work",
                cache=toy_corpora.with_name("toy-rows"),
                config=CascadeConfig(bits=11, pairs=1_500),
            )
        )

    return once("toy-cascade", train) / "bundle"


@pytest.fixture(scope="session")
def toy_subject(toy_bundle: Path) -> Subject:
    """Return the toy bundle and the rows that test it."""
    return subject(toy_bundle, toy_bundle.parent / "work" / "test.jsonl")


@pytest.fixture(scope="session")
def shipped_subject(real_build: Build) -> Subject:
    """Return the bundle that ships and all rows that test it."""
    scorer = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy())
    training = json.loads((DEFAULT_BUNDLE / "training.json").read_text(encoding="utf-8"))
    return Subject(scorer, real_build.splits.rows[Split.TEST], training)


@pytest.fixture(scope="session")
def shipped_report(shipped_subject: Subject) -> Report:
    """Return what every suite that needs nothing else measures of the bundle that ships."""
    return evaluate(shipped_subject, tuple(SUITES.values()))


@pytest.fixture(scope="session")
def shipped_scorer() -> Scorer:
    """Return the bundle that ships, under the policies that ship."""
    return Scorer(read_bundle(DEFAULT_BUNDLE), default_policy())


@pytest.fixture(scope="session")
def shipped() -> Callable[[Tier], Bundle]:
    """Return what reads the bundle that ships as a tier; all of them remember what the encoder said."""
    said: dict[bytes, NDArray[np.float64]] = {}

    def read(tier: Tier) -> Bundle:
        bundle = read_bundle(DEFAULT_BUNDLE, tier=tier, threads=threads())
        assert bundle.encoder is not None
        session = cast(Session, _Remembering(bundle.encoder.session, said))
        return replace(bundle, encoder=replace(bundle.encoder, session=session))

    return read


class _Remembering:
    """Read each window once: most of what shipped tiers are asked, all of them are."""

    def __init__(self, session: Session, said: dict[bytes, NDArray[np.float64]]) -> None:
        self._session = session
        self._said = said

    def margins(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        key = np.asarray(ids).tobytes()
        if key not in self._said:
            self._said[key] = self._session.margins(ids)
        return self._said[key]


@pytest.fixture(scope="session")
def missing_rows() -> Callable[[str, str], list[str]]:
    """Return what tells which rows of one card's tables have no like in another's."""

    def missing(card: str, other: str) -> list[str]:
        measured, shown = _rows(card), _rows(other)
        assert len(measured) > 100
        return [row for row in measured if not any(_alike(row, one) for one in shown)]

    return missing


def _rows(card: str) -> list[str]:
    """Return the rows of a card's tables, without marks: what is near a bound may pass it elsewhere."""
    return [MARK.sub("", line) for line in card.splitlines() if line.startswith("|")]


def _alike(row: str, other: str) -> bool:
    """Say whether two rows have the same words and counts, and figures as close as processors differ.

    Another processor rounds sums of fractions otherwise; then a few activations become the next whole number.
    """
    ours, theirs = NUMBER.findall(row), NUMBER.findall(other)
    if NUMBER.sub("#", row) != NUMBER.sub("#", other) or len(ours) != len(theirs):
        return False
    return all(abs(float(a) - float(b)) <= _leeway(a) for a, b in zip(ours, theirs, strict=True))


def _leeway(figure: str) -> float:
    """Return how far a figure may be off: two points of a share, none of a count."""
    if "." not in figure:
        return 0
    return 0.02 if len(figure.partition(".")[2]) > 1 else 2


def subject(bundle: Path, rows: Path) -> Subject:
    """Return a bundle and the rows of a file."""
    training = json.loads((bundle / "training.json").read_text(encoding="utf-8"))
    return Subject(Scorer(read_bundle(bundle), default_policy()), read_examples(rows), training)


def _gab_row(draw: random.Random) -> list[str]:
    """Return a text about cooking (now and then whole recipes: a "call") or about sport."""
    cooking = draw.random() < 0.3
    recipe = cooking and draw.random() < 0.3
    words = draw.choices(COOKING if cooking else SPORT, k=4) + draw.choices(PLAIN, k=6)
    words += ["recipe", "simmer"] if recipe else []
    draw.shuffle(words)
    return [" ".join(words), str(int(cooking)), str(int(recipe)), "0"]


def _action_row(draw: random.Random) -> list[str]:
    """Return an invitation or a plain remark."""
    inviting = draw.random() < 0.4
    words = draw.choices(INVITING if inviting else PLAIN, k=5) + draw.choices(COOKING + SPORT, k=5)
    draw.shuffle(words)
    return [" ".join(words), "Call-to-action" if inviting else "None", "None"]
