"""How an encoder is taught, on texts about cooking and sport and a transformer of two small layers."""

from __future__ import annotations

import json
import random
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tocsin.assessment import Tier
from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.example_file import read_examples
from tocsin.models import read_bundle
from tocsin.models.encoder import Session
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.build import Selection
from tocsin.training.dataset import read_corpora
from tocsin.training.encoder.blend import chosen_blend
from tocsin.training.encoder.config import EncoderConfig, read_config
from tocsin.training.encoder.export import Exported, export, save_layout
from tocsin.training.encoder.fit import FittedEncoder, fit_encoder
from tocsin.training.encoder.naming import renamed
from tocsin.training.encoder.network import Network
from tocsin.training.encoder.noise import disturbed
from tocsin.training.encoder.plan import draws, steps
from tocsin.training.encoder.recipe import CHECKPOINTS, LAYOUT, EncoderRun, train_encoder
from tocsin.training.encoder.rows import Collate, EncodedRows, signals_of, targets
from tocsin.training.encoder.spellings import Drawn, hidden, spellings
from tocsin.training.encoder.testing import KilledError, same_weights, stop_after
from tocsin.training.recipe import TEST_ROWS, TrainingRun, train_screen
from tocsin.training.same_rows import ROWS
from tocsin.training.screen import ScreenConfig

YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
COOKING: Final = ["soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "onion", "recipe"]
SPORT: Final = ["goal", "match", "ball", "referee", "team", "stadium", "sprint", "medal", "league", "coach"]
PLAIN: Final = ["the", "and", "then", "with", "yesterday", "quite", "very", "some", "again", "under"]
SEEN: Final = ["soup bread", "goal match", "the soup and the goal", "zorbian", "", "simmer " * 6]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def example(number: int, text: str, corpus: str = "kitchen", **labels: Label) -> Example:
    told = {Signal(name): label for name, label in labels.items()}
    return Example(f"{corpus}:{number}", text, "en", corpus, "CC0-1.0", told)


def dishes(rows: int, seed: int = 1, corpus: str = "kitchen") -> list[Example]:
    """Return texts about cooking, which are positive, and about sport, which are not; few say otherwise."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    found = []
    for number in range(rows):
        words = draw.choices(SPORT if number % 2 else COOKING, k=4) + draw.choices(PLAIN, k=3)
        positive = (number % 2 == 0) != (draw.random() < 1 / 12)
        draw.shuffle(words)
        found.append(example(seed * 10_000 + number, " ".join(words), corpus, hate=YES if positive else NO))
    return found


TRAIN, DEV = dishes(480), dishes(120, seed=2)


@pytest.fixture(scope="module")
def config(toy_backbone: Path, one_torch_thread: None) -> EncoderConfig:
    return EncoderConfig(
        backbone=str(toy_backbone),
        max_tokens=16,
        epochs=2,
        rows_a_step=16,
        learning_rate=3e-3,
        evaluations=4,
        patience=4,
    )


@pytest.fixture(scope="module")
def fitted(config: EncoderConfig, tmp_path_factory: pytest.TempPathFactory) -> FittedEncoder:
    """Return what a training that nothing interrupts comes to."""
    return fit_encoder(TRAIN, DEV, config, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def exported(fitted: FittedEncoder, config: EncoderConfig) -> Exported:
    return export(fitted.classifier, fitted.tokenizer, config.max_tokens)


# Config files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"soup = 1", r"soup: .*, was 1; known are name, backbone, languages, .*seed$", id="unknown-key"
        ),
        pytest.param(b"max_tokens = 7", r"max_tokens: .* 8, was 7$", id="too-small"),
        pytest.param(b"epochs = inf", r"epochs: .*, was inf$", id="without-end"),
        pytest.param(b'epochs = "many"', r"epochs: .*, was 'many'$", id="no-number"),
        pytest.param(
            b'languages = ["en", "English"]', r"languages\.1: .*, was 'English'$", id="inside-a-list"
        ),
        pytest.param(
            b"noisy = 0.5\nrenamed = 0.4\nunnamed = 0.3",
            r"unnamed: .*noisy, renamed and unnamed must be 1 at most together, were 1\.2, was 0\.3$",
            id="more-than-all-draws",
        ),
        pytest.param(b"epochs: 3", r"must be TOML, was not: ", id="no-TOML"),
        pytest.param(b"name = '\xff'", r"must be TOML, was not: ", id="no-UTF-8"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_by_file_and_key(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.toml"
    path.write_bytes(content)

    with pytest.raises(CorpusError, match=message) as refused:
        read_config(path)

    assert str(refused.value).startswith(f"{path}: ")


def test_a_config_that_is_missing_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"tiny\.toml: cannot be read: No such file"):
        read_config(tmp_path / "tiny.toml")


def test_a_config_says_what_differs_from_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text('epochs = 0.5\nlanguages = ["en", "de"]\n', encoding="utf-8")

    assert read_config(path) == EncoderConfig(epochs=0.5, languages=("en", "de"))


def test_records_call_a_backbone_by_its_name_and_never_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()

    assert EncoderConfig(backbone="maker/model").known_as == "maker/model"
    assert EncoderConfig(backbone=str(tmp_path / "tiny")).known_as == "tiny"
    assert EncoderConfig(backbone=str(tmp_path / "tiny"), name="toy").known_as == "toy"


# Plan

CORPORA = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 40), min_size=1).map(
    lambda sizes: [name for name, size in sizes.items() for _ in range(size)]
)


@given(corpora=CORPORA, epochs=st.floats(0.1, 4), temperature=st.floats(0, 1), seed=st.integers(0, 2**31))
def test_a_corpus_is_drawn_by_its_tempered_size_and_its_rows_equally_often(
    corpora: list[str], epochs: float, temperature: float, seed: int
) -> None:
    found = draws(corpora, epochs, temperature, seed)
    times, sizes = Counter(found.tolist()), Counter(corpora)
    whole = sum(size**temperature for size in sizes.values())
    for name, size in sizes.items():
        each = [times[row] for row, corpus in enumerate(corpora) if corpus == name]

        assert abs(sum(each) - epochs * len(corpora) * size**temperature / whole) <= 0.5
        assert max(each) - min(each) <= 1


@given(corpora=CORPORA, seed=st.integers(0, 2**31))
def test_no_row_is_drawn_again_before_all_of_its_corpus_were(corpora: list[str], seed: int) -> None:
    names = np.array(corpora)
    found = draws(corpora, 3, 0.5, seed)
    for name, size in Counter(corpora).items():
        own = found[names[found] == name]
        rounds = [own[first : first + size].tolist() for first in range(0, len(own), size)]

        assert all(len(set(one)) == len(one) for one in rounds)


def test_every_corpus_is_there_from_the_beginning_to_the_end() -> None:
    names = np.array(["large"] * 900 + ["small"] * 100)
    found = names[draws(names.tolist(), 2, 1, 5)]

    assert [int((part == "small").sum()) for part in np.split(found, 10)] == pytest.approx([20] * 10, abs=3)


def test_draws_are_the_same_for_one_seed_and_others_for_another() -> None:
    corpora = ["a"] * 50 + ["b"] * 20
    once, again, other = (draws(corpora, 2, 0.5, seed).tolist() for seed in (1, 1, 2))

    assert once == again != other


@given(
    lengths=st.lists(st.integers(1, 128), min_size=1, max_size=60),
    turns=st.integers(1, 300),
    rows=st.integers(1, 8),
    seed=st.integers(0, 2**31),
)
def test_every_draw_is_in_one_step_and_no_step_has_more_rows_than_it_may(
    lengths: list[int], turns: int, rows: int, seed: int
) -> None:
    drawn = np.arange(turns) % len(lengths)
    found = list(steps(drawn, np.array(lengths), rows, seed))

    assert sorted(place for step in found for place in step) == list(range(turns))
    assert {len(step) for step in found} <= set(range(1, rows + 1))
    assert found == list(steps(drawn, np.array(lengths), rows, seed))


@given(lengths=st.lists(st.integers(1, 128), min_size=1, max_size=160), seed=st.integers(0, 2**31))
def test_rows_of_like_length_share_a_step(lengths: list[int], seed: int) -> None:
    """Of as many rows as are sorted together, no step's are between the shortest and longest of another."""
    found = steps(np.arange(len(lengths)), np.array(lengths), 4, seed)
    spans = sorted((min(told), max(told)) for step in found if (told := [lengths[place] for place in step]))

    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_rows_stay_near_the_turn_they_were_drawn_at() -> None:
    lengths = np.random.default_rng(3).integers(1, 128, 4_000)
    found = np.array([place for step in steps(np.arange(4_000), lengths, 10, 3) for place in step])

    assert np.abs(found - np.arange(4_000)).max() < 400


# Targets

SETTINGS: Final = EncoderConfig(presumed_weight=0.3, positive_power=0.5, positive_most=8)


def labelled(corpus: str = "kitchen", signal: str = "hate", **counts: int) -> list[Example]:
    """Return as many rows of each label as `counts` says."""
    names = [Label[name.upper()] for name, count in counts.items() for _ in range(count)]
    return [example(number, "soup", corpus, **{signal: label}) for number, label in enumerate(names)]


def weights(rows: Sequence[Example], **changes: Any) -> dict[Label, set[float]]:
    """Return what rows with each label count for hate."""
    _, found, _ = targets(rows, (HATE,), (), SETTINGS.model_copy(update=changes))
    return {
        label: {
            round(float(one), 4)
            for one, row in zip(found[:, 0], rows, strict=True)
            if row.label(HATE) is label
        }
        for label in {row.label(HATE) for row in rows}
    }


def test_what_is_unknown_counts_nothing_and_what_is_presumed_a_little() -> None:
    rows = labelled(positive=4, negative=4, presumed_negative=4, unknown=4)

    assert weights(rows) == {YES: {1}, NO: {1}, PRESUMED: {0.3}, UNKNOWN: {0}}


@pytest.mark.parametrize(
    ("negatives", "changes", "expected"),
    [
        pytest.param(36, {}, 3, id="the-root-of-how-many-more-negatives-there-are"),
        pytest.param(36, {"positive_power": 1}, 8, id="at-most-so-much"),
        pytest.param(36, {"positive_power": 0}, 1, id="as-much-as-others-if-so-wanted"),
        pytest.param(2, {}, 1, id="never-less-than-a-negative"),
    ],
)
def test_a_rare_positive_counts_more_up_to_a_bound(
    negatives: int, changes: dict[str, float], expected: float
) -> None:
    rows = labelled(positive=4, negative=negatives, presumed_negative=90)

    assert weights(rows, **changes) == {YES: {expected}, NO: {1}, PRESUMED: {0.3}}


def test_an_intercept_is_for_gold_rows_of_a_corpus_that_labels_both_ways() -> None:
    rows = [
        *labelled("kitchen", positive=2, negative=2, presumed_negative=1),
        *labelled("larder", negative=2),
        *labelled("pantry", positive=1, negative=1, unknown=1),
    ]
    _, _, shares = targets(rows, (HATE,), ("kitchen", "larder", "pantry"), SETTINGS)

    assert shares[:, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 3, 3, 0]


def test_targets_are_those_of_each_signal_and_smoothed_if_so_wanted() -> None:
    rows = [example(1, "soup", hate=YES, call_to_action=NO), example(2, "goal", hate=NO)]
    said, counted, shares = targets(rows, (HATE, CALL), (), SETTINGS.model_copy(update={"smoothing": 0.1}))

    np.testing.assert_allclose(said[[0, 0, 1], [0, 1, 0]], [0.9, 0.1, 0.1])
    assert counted[1, 1] == 0
    assert not shares.any()
    assert said.shape == counted.shape == shares.shape == (2, 2)


def test_a_signal_is_taught_where_there_are_gold_rows_of_both_classes() -> None:
    rows = [
        *labelled(positive=1, negative=1),
        *labelled(signal="threat", positive=1, presumed_negative=9),
        *labelled(signal="grievance", negative=9),
        *labelled(signal="call_to_action", positive=1, negative=1),
    ]

    assert signals_of(rows) == (CALL, HATE)


def test_a_batch_is_filled_up_with_padding_that_nobody_reads() -> None:
    rows = EncodedRows(
        [[np.array([5, 6, 7])], [np.arange(9)]],
        np.array([[1], [0]], np.float32),
        np.array([[1], [2]], np.float32),
        np.array([[0], [1]]),
    )
    batch = Collate(rows, padding=99)([rows[1], rows[0]])

    assert batch["input_ids"].shape == batch["attention_mask"].shape == (2, 16)
    assert batch["attention_mask"].sum(dim=1).tolist() == [9, 3]
    assert batch["input_ids"][1].tolist() == [5, 6, 7] + [99] * 13
    assert (batch["labels"].tolist(), batch["weights"].tolist()) == ([[0], [1]], [[2], [1]])
    assert batch["corpus"].tolist() == [[1], [0]]


# Spellings

SENTENCE: Final = " ".join([*COOKING, *SPORT, *PLAIN])


@given(seed=st.integers(0, 2**31))
def test_a_disturbed_text_keeps_its_words_or_halves_of_them_in_order(seed: int) -> None:
    found, whole = disturbed(SENTENCE, np.random.default_rng(seed)), SENTENCE.split()
    words = [word for word in found.split(" ") if word.isascii()]  # fillers are not
    spelt = str.maketrans("431057", "aeiost")

    assert len(whole) <= len(words) <= 2 * len(whole)
    if len(words) == len(whole):
        assert [word[0].translate(spelt) for word in words] == [word[0] for word in whole]
    assert disturbed(SENTENCE, np.random.default_rng(seed)) == found


def test_about_a_third_of_the_words_is_disturbed_and_each_kind_comes_up() -> None:
    found = [disturbed(SENTENCE, np.random.default_rng(seed)) for seed in range(400)]
    kept = [len(set(SENTENCE.split()) & set(text.split())) / 30 for text in found]

    assert 0.65 < np.mean(kept) < 0.85
    assert any("*" in text for text in found)
    assert any("🔥" in text for text in found)
    assert any(character.isdigit() for text in found for character in text)


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a  b"], ids=["nothing", "a-blank", "one-letter", "two-blanks"]
)
def test_what_is_too_short_to_disturb_keeps_its_letters(text: str) -> None:
    for seed in range(50):
        found = disturbed(text, np.random.default_rng(seed))
        letters = "".join(character for character in found if character.isalnum())

        assert letters.replace("4", "a") == text.replace(" ", "")


def test_a_named_group_becomes_another_and_the_same_one_everywhere() -> None:
    text = "german bread, turkish soup and more german bread at the church"
    for seed in range(20):
        found = renamed(text, np.random.default_rng(seed))
        assert found is not None
        words = found.split()
        assert words[0] == words[6] != "german"
        assert words[2] != "turkish"
        assert words[-1] in {"mosque", "synagogue", "temple"}
        assert (words[1], words[3:6], words[7:10]) == (
            "bread,",
            ["soup", "and", "more"],
            ["bread", "at", "the"],
        )


@pytest.mark.parametrize(
    "text", ["hot soup", "germanic goulash", ""], ids=["no-group", "part-of-a-word", "nothing"]
)
def test_a_text_that_names_no_group_has_no_other_name(text: str) -> None:
    assert renamed(text, np.random.default_rng(1)) is None


def test_another_name_is_the_same_for_one_seed() -> None:
    once, again = (renamed("german bread", np.random.default_rng(7)) for _ in range(2))

    assert once == again


@dataclass
class Words:
    """Stand for a tokenizer: an id a word, in the order they came up."""

    seen: list[str] = field(default_factory=lambda: ["[PAD]", "[MASK]"])
    pad_token_id: int | None = 0
    mask_token: str | None = "[MASK]"  # noqa: S105 - no password
    mask_token_id: int | None = 1
    all_special_ids: list[int] = field(default_factory=lambda: [0, 1])

    def __call__(self, text: list[str], *, truncation: bool, max_length: int) -> dict[str, list[list[int]]]:
        assert truncation
        self.seen += [word for one in text for word in one.split() if word not in self.seen]
        return {"input_ids": [[self.seen.index(word) for word in one.split()][:max_length] for one in text]}


@pytest.mark.parametrize(
    ("labels", "other"),
    [
        pytest.param({"hate": NO}, True, id="harmless"),
        pytest.param({"hate": NO, "threat": PRESUMED}, True, id="harmless-as-far-as-anybody-said"),
        pytest.param({"hate": YES}, False, id="positive"),
        pytest.param({"hate": NO, "call_to_action": YES}, False, id="positive-for-another-signal"),
        pytest.param({"hate": PRESUMED}, False, id="nobody-judged-it"),
        pytest.param({"hate": UNKNOWN}, False, id="contested"),
    ],
)
def test_another_group_is_named_in_harmless_rows_alone(labels: dict[str, Label], other: bool) -> None:
    rows = [example(number, "hot german soup", **labels) for number in range(20)]
    for written, _, another, _ in spellings(rows, Words(), EncoderConfig(renamed=1, noisy=0)):
        assert (another.tolist() != written.tolist()) is other


def test_spellings_that_are_not_wanted_are_as_it_was_written() -> None:
    rows = [example(1, "hot german soup", hate=NO)]
    ((written, noisy, other, none),) = spellings(rows, Words(), EncoderConfig(renamed=0, noisy=0))

    assert written.tolist() == noisy.tolist() == other.tolist() == none.tolist()


@pytest.mark.parametrize("label", [YES, NO, PRESUMED], ids=["positive", "harmless", "nobody-judged-it"])
def test_the_group_that_any_row_names_can_be_hidden_and_nothing_else_of_it(label: Label) -> None:
    rows = [example(1, "hot german soup", hate=label), example(2, "hot onion soup", hate=label)]
    words = Words()
    (named, plain) = spellings(rows, words, EncoderConfig(renamed=0, noisy=0, unnamed=0.5))

    assert [words.seen[place] for place in named[3]] == ["hot", "[MASK]", "soup"]
    assert plain[3].tolist() == plain[0].tolist()


def test_a_tokenizer_that_hides_nothing_leaves_groups_named() -> None:
    rows = [example(1, "hot german soup", hate=NO)]
    words = Words(mask_token=None, mask_token_id=None)
    ((written, *_, none),) = spellings(rows, words, EncoderConfig(renamed=0, noisy=0, unnamed=0.5))

    assert none.tolist() == written.tolist()


def test_spellings_are_drawn_as_often_as_is_asked() -> None:
    nothing, none = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int64)
    rows = EncodedRows([[np.array([kind]) for kind in range(4)]], nothing, nothing, none)
    drawn = Drawn.of(np.zeros(20_000, np.int64), rows, EncoderConfig(noisy=0.2, renamed=0.1, unnamed=0.3))
    shares = np.bincount([int(drawn[turn][1][0]) for turn in range(len(drawn))]) / len(drawn)

    np.testing.assert_allclose(shares, [0.4, 0.2, 0.1, 0.3], atol=0.015)


def test_a_share_of_the_tokens_is_hidden_and_special_ones_never_are() -> None:
    ids = torch.tensor([[0, 1, 5, 6]]).repeat(5_000, 1)
    found = hidden(Words(), EncoderConfig(masked=0.2))(ids)

    assert (found[:, :2] == ids[:, :2]).all()
    assert float((found[:, 2:] == 1).float().mean()) == pytest.approx(0.2, abs=0.02)
    assert hidden(Words(), EncoderConfig(masked=0))(ids) is ids
    assert hidden(Words(mask_token_id=None), EncoderConfig())(ids) is ids


# Training


def test_an_encoder_learns_cooking_from_sport(fitted: FittedEncoder, exported: Exported) -> None:
    """Dev mislabels one text in twelve, so that looks differ: its AUROC cannot come near 1."""
    texts = [row.text for row in dishes(400, seed=9)]
    cooking = [bool(set(text.split()) & set(COOKING)) for text in texts]
    margins = told_by(fitted, texts)[:, 0]

    assert fitted.signals == (HATE,)
    assert roc_auc_score(cooking, margins) > 0.95
    assert max(look["quality"] for look in fitted.looks) > 0.85
    assert [set(look) for look in fitted.looks] == [{"step", "quality", "hate/kitchen"}] * len(fitted.looks)


def told_by(fitted: FittedEncoder, texts: Sequence[str]) -> Floats:
    """Return the margins that torch makes of normalised texts."""
    rows = [fitted.tokenizer(text, truncation=True, max_length=16, return_tensors="pt") for text in texts]
    with torch.no_grad():
        return np.array([fitted.classifier(**row).logits[0].numpy() for row in rows], np.float64)


def read_by(graph: bytes, fitted: FittedEncoder, texts: Sequence[str]) -> Floats:
    """Return the margins that a graph makes of normalised texts."""
    session = Session(Path("encoder.onnx"), graph, len(fitted.signals))
    rows = [fitted.tokenizer(text, truncation=True, max_length=16)["input_ids"] for text in texts]
    return np.array([session.margins(np.array(row)) for row in rows])


@pytest.mark.parametrize("looks", [pytest.param(1, id="early"), pytest.param(3, id="late")])
def test_a_training_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    fitted: FittedEncoder, config: EncoderConfig, tmp_path: Path, looks: int
) -> None:
    with pytest.raises(KilledError):
        fit_encoder(TRAIN, DEV, config, tmp_path, stop_after(looks))
    told: list[str] = []
    found = fit_encoder(TRAIN, DEV, config, tmp_path, told.append)

    assert len([line for line in told if "dev AUROC" in line]) == len(fitted.looks) - looks
    assert same_weights(found.classifier, fitted.classifier)
    assert found.looks == fitted.looks


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="at-its-last-step"),
        pytest.param({"evaluations": 12, "patience": 2}, id="because-dev-got-no-better"),
    ],
)
def test_a_training_that_has_ended_is_not_done_again(
    config: EncoderConfig, tmp_path: Path, changes: dict[str, int]
) -> None:
    ending = config.model_copy(update=changes)
    before = fit_encoder(TRAIN, DEV, ending, tmp_path)
    told: list[str] = []
    after = fit_encoder(TRAIN, DEV, ending, tmp_path, told.append)

    assert [line for line in told if "loss" in line] == []
    assert after.looks == before.looks
    assert same_weights(after.classifier, before.classifier)


def test_a_training_that_was_killed_gives_up_when_it_would_have(
    config: EncoderConfig, tmp_path: Path
) -> None:
    impatient = config.model_copy(update={"evaluations": 12, "patience": 2})
    whole = fit_encoder(TRAIN, DEV, impatient, tmp_path / "whole")
    with pytest.raises(KilledError):
        fit_encoder(TRAIN, DEV, impatient, tmp_path / "killed", stop_after(len(whole.looks) - 1))
    found = fit_encoder(TRAIN, DEV, impatient, tmp_path / "killed")

    assert len(whole.looks) < 12
    assert found.looks == whole.looks


def test_a_checkpoint_that_was_not_written_whole_is_passed_over(
    fitted: FittedEncoder, config: EncoderConfig, tmp_path: Path
) -> None:
    with pytest.raises(KilledError):
        fit_encoder(TRAIN, DEV, config, tmp_path, stop_after(2))
    _, latest = sorted(tmp_path.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    (latest / "trainer_state.json").unlink()

    found = fit_encoder(TRAIN, DEV, config, tmp_path)
    assert same_weights(found.classifier, fitted.classifier)


def test_progress_is_told_without_a_text(config: EncoderConfig, tmp_path: Path) -> None:
    told: list[str] = []
    fit_encoder(TRAIN, DEV, config.model_copy(update={"epochs": 0.2}), tmp_path, told.append)

    assert told[0] == "tokenising 480 rows"
    assert not [line for line in told if set(line.split()) & {*COOKING, *SPORT}]


def test_rows_of_other_languages_teach_nothing(config: EncoderConfig, tmp_path: Path) -> None:
    german = [replace(row, language="de") for row in TRAIN]

    with pytest.raises(CorpusError, match="at least one signal with positive and negative rows, had none"):
        fit_encoder(german, DEV, config, tmp_path)


def test_a_backbone_that_is_none_is_refused_by_its_name(config: EncoderConfig, tmp_path: Path) -> None:
    nowhere = config.model_copy(update={"backbone": str(tmp_path / "ladle")})

    with pytest.raises(CorpusError, match=r"backbone must be .*, was '.*ladle'"):
        fit_encoder(TRAIN, DEV, nowhere, tmp_path)
    with pytest.raises(CorpusError, match=r"backbone must be .*, was '.*ladle'"):
        Network.of(nowhere, (HATE,), 1)


# Export


def test_the_exact_graph_says_what_torch_says(fitted: FittedEncoder, exported: Exported) -> None:
    texts = [*SEEN, *(row.text for row in DEV)]

    np.testing.assert_allclose(read_by(exported.exact, fitted, texts), told_by(fitted, texts), atol=1e-3)


def test_whole_numbers_change_little_of_what_the_graph_says_and_less_of_the_order(
    fitted: FittedEncoder, exported: Exported
) -> None:
    texts = [row.text for row in DEV]
    exact, whole = (read_by(graph, fitted, texts)[:, 0] for graph in (exported.exact, exported.graph))

    assert len(exported.graph) < len(exported.exact)
    assert np.abs(whole - exact).max() < 0.1 * np.ptp(exact)
    assert np.corrcoef(whole, exact)[0, 1] > 0.99


def test_the_special_tokens_are_those_around_a_text(fitted: FittedEncoder, exported: Exported) -> None:
    ids = fitted.tokenizer("soup bread")["input_ids"]

    assert (exported.prefix, exported.suffix) == ((ids[0],), (ids[-1],))


def test_the_hugging_face_layout_says_what_the_exact_graph_says(
    fitted: FittedEncoder, exported: Exported, tmp_path: Path
) -> None:
    from transformers import pipeline

    save_layout(tmp_path, fitted.classifier, fitted.tokenizer)
    judge = pipeline("text-classification", model=str(tmp_path), top_k=None, function_to_apply="none")
    texts = [normalise(row.text) for row in DEV]
    told: Any = judge(texts)

    assert {label["label"] for row in told for label in row} == {"hate"}
    np.testing.assert_allclose(
        np.array([row[0]["score"] for row in told]), read_by(exported.exact, fitted, texts)[:, 0], atol=1e-3
    )


def test_training_twice_makes_the_same_graph_to_the_byte(
    fitted: FittedEncoder, exported: Exported, config: EncoderConfig, tmp_path: Path
) -> None:
    again = fit_encoder(TRAIN, DEV, config, tmp_path)
    found = export(again.classifier, again.tokenizer, config.max_tokens)

    assert again.looks == fitted.looks
    assert found.graph == exported.graph
    assert found.tokenizer == exported.tokenizer


def test_a_graph_tells_nothing_of_the_machine_that_made_it(exported: Exported) -> None:
    assert b"site-packages" not in exported.graph
    assert b"export.py" not in exported.graph


def test_windows_as_short_as_a_config_may_ask_for_are_exported(fitted: FittedEncoder) -> None:
    assert export(fitted.classifier, fitted.tokenizer, 8).graph


# Blend


@dataclass(frozen=True)
class Told:
    """Stand for an encoder whose margins are known."""

    signals: tuple[Signal, ...]
    known: dict[str, float]

    def margins(self, texts: Sequence[str]) -> Floats:
        return np.array([[self.known[text]] * len(self.signals) for text in texts])


def screen_of(rows: Sequence[Example], folder: Path) -> Screen:
    """Return a screen that was taught by rows of one's own."""
    return read_bundle(screened(rows, folder)).screen


def screened(rows: Sequence[Example], folder: Path) -> Path:
    """Train a bundle with a screen on rows of one's own; return its folder."""
    run = TrainingRun(
        own(rows, folder),
        folder / "bundle",
        folder / "work",
        config=ScreenConfig(FeatureSpec(bits=10), (0.3,)),
    )
    train_screen(run)
    return folder / "bundle"


def own(rows: Sequence[Example], folder: Path) -> Selection:
    """Write rows to a file of one's own, each with a number that makes it like no other."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(4)  # noqa: S311 - toy data
    lines = [f"{row.text} {draw.randrange(10**12)},{int(row.label(HATE) is YES)}" for row in rows]
    (folder / "own.csv").write_text("\n".join(["text,hate", *lines]), encoding="utf-8")
    return Selection(None, own=(folder / "own.csv",))


def test_the_screen_has_a_say_where_it_knows_better_and_none_where_the_encoder_does(tmp_path: Path) -> None:
    screen, luck = screen_of(dishes(1_000), tmp_path), np.random.default_rng(2)
    right = {row.text: float(row.label(HATE) is YES) for row in DEV}
    guessed = {text: float(luck.random()) for text in right}

    assert chosen_blend(Told((HATE,), right), screen, DEV) == {HATE: 0}
    assert chosen_blend(Told((HATE,), guessed), screen, DEV)[HATE] > 0


def test_a_signal_that_the_screen_lacks_or_dev_cannot_tell_is_the_encoders_own(tmp_path: Path) -> None:
    screen = screen_of(dishes(1_000), tmp_path)
    guessed = {row.text: float(place) for place, row in enumerate(DEV)}

    assert chosen_blend(Told((CALL, HATE), guessed), screen, DEV[:12]) == {HATE: 0}


# Recipe


def test_the_bundle_holds_the_encoder_that_was_trained_and_the_screen_beside_it(
    toy_encoder_bundle: Path, toy_bundle: Path, toy_corpora: Path
) -> None:
    found = read_bundle(toy_encoder_bundle, tier=Tier.ENCODER)
    told = found.manifest.encoder
    assert told is not None
    assert found.encoder is not None

    assert (told.backbone, told.max_tokens, told.stride) == ("tiny", 16, 10)
    assert told.outputs == tuple(told.signals) == (Signal.INCITEMENT, CALL, HATE)
    assert told.signals[CALL].corpora == ("collective-action",)
    assert told.languages == {"en"}
    assert (toy_encoder_bundle / "screen.safetensors").read_bytes() == (
        toy_bundle / "screen.safetensors"
    ).read_bytes()


def test_a_bundle_with_an_encoder_tells_how_it_was_trained_and_that_nobody_measured_it(
    toy_encoder_bundle: Path, toy_bundle: Path
) -> None:
    before, after = (
        json.loads((one / "training.json").read_bytes()) for one in (toy_bundle, toy_encoder_bundle)
    )
    told = after.pop("encoder")

    assert after == before
    assert (told["recipe"], told["config"]["backbone"]) == ("encoder", "tiny")
    assert set(told["calibration_rows"]) == {"gab-hate-corpus", "collective-action"}
    assert told["looks"][-1]["quality"] > 0.8
    assert "do not use it" in (toy_encoder_bundle / "encoder-card.md").read_text(encoding="utf-8")


def test_what_training_leaves_behind_is_for_nobody_else_to_read(
    toy_encoder_bundle: Path, toy_bundle: Path
) -> None:
    work = toy_encoder_bundle.parent / "work"

    assert stat.S_IMODE(work.stat().st_mode) == 0o700
    assert {path.name for path in work.iterdir()} == {CHECKPOINTS, LAYOUT, TEST_ROWS}
    assert read_examples(work / TEST_ROWS) == read_examples(toy_bundle.parent / "work" / TEST_ROWS)
    told = json.loads((toy_encoder_bundle / "training.json").read_bytes())
    assert json.loads((work / LAYOUT / ROWS).read_bytes()) == {name: told[name] for name in ("files", "kept")}


def test_no_file_of_the_bundle_holds_a_text_of_its_corpora(
    toy_encoder_bundle: Path, toy_corpora: Path
) -> None:
    texts = {row.text for row in read_corpora(toy_corpora, ("gab-hate-corpus", "collective-action"))}
    for path in toy_encoder_bundle.iterdir():
        content = path.read_bytes()
        held = sum(text.encode() in content for text in texts)
        assert (path.name, held) == (path.name, 0)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param(dishes(900, seed=5), "others", id="other-rows"),
        pytest.param(dishes(1_000)[:-1], "one", id="one-row-less"),
    ],
)
def test_a_screen_that_was_trained_on_other_rows_is_refused_before_anything_is_trained(
    config: EncoderConfig, tmp_path: Path, rows: list[Example], why: str
) -> None:
    beside = screened(dishes(1_000), tmp_path / "beside")
    out, work = tmp_path / "bundle", tmp_path / "work"

    with pytest.raises(
        CorpusError, match="screen must have been trained on the same rows, was not"
    ) as refused:
        train_encoder(EncoderRun(own(rows, tmp_path / why), beside, out, work, config))

    assert str(refused.value).startswith(f"{beside}: ")
    assert not out.exists()
    assert not work.exists()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        pytest.param(None, "it has none", id="says-nothing"),
        pytest.param(b'{"files": {}, "kept": {}}', "was not", id="other-rows"),
        pytest.param(b"no JSON", "cannot be read: Expecting value.*", id="no-JSON"),
    ],
)
def test_a_teacher_that_may_have_seen_other_rows_is_refused_before_anything_is_trained(
    config: EncoderConfig, tmp_path: Path, told: bytes | None, message: str
) -> None:
    rows, teacher, work = dishes(1_000), tmp_path / "teacher", tmp_path / "work"
    teacher.mkdir()
    if told is not None:
        (teacher / ROWS).write_bytes(told)
    taught = config.model_copy(update={"teachers": (str(teacher),), "taught": 0.5})
    run = EncoderRun(
        own(rows, tmp_path / "rows"), screened(rows, tmp_path / "beside"), tmp_path / "out", work, taught
    )

    with pytest.raises(CorpusError, match=rf"teacher must have been trained on the same rows, .*{message}$"):
        train_encoder(run)

    assert not work.exists()
