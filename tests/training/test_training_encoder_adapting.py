"""How a backbone learns the words of texts before any label, on texts about cooking and sport."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, PreTrainedModel

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.encoder.adapting import Adapted, adapt, settings
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.guessing import NOTHING, Guesser, hide
from tocsin.training.encoder.network import read_tokenizer
from tocsin.training.encoder.testing import KilledError, same_weights, stop_after, tiny_backbone

DISHES: Final = [
    ["hot", "soup"],
    ["fresh", "bread"],
    ["sharp", "knife"],
    ["red", "onion"],
    ["green", "salad"],
]


def pairs(rows: int, seed: int = 1) -> list[Example]:
    """Return texts that say the same two words over and over; of half of them nothing is known."""
    draw = random.Random(seed)  # noqa: S311 - toy data
    return [
        Example(
            f"kitchen:{number}",
            " ".join(draw.choice(DISHES) * 4),
            "en",
            "kitchen",
            "CC0-1.0",
            {Signal.HATE: Label.UNKNOWN if number % 2 else Label.NEGATIVE},
        )
        for number in range(rows)
    ]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, one_torch_thread: None) -> EncoderConfig:
    words = [word for pair in DISHES for word in pair]
    folder = tiny_backbone(tmp_path_factory.mktemp("backbone"), words)
    return EncoderConfig(
        backbone=str(folder),
        max_tokens=16,
        rows_a_step=16,
        adapt_epochs=10,
        adapt_rate=3e-3,
        adapt_masked=0.3,
    )


@pytest.fixture(scope="module")
def adapted(config: EncoderConfig, tmp_path_factory: pytest.TempPathFactory) -> Adapted:
    """Return what an adaptation that nothing interrupts comes to."""
    return adapt(pairs(160), config, tmp_path_factory.mktemp("work"))


def backbone(folder: Path) -> PreTrainedModel:
    found: PreTrainedModel = AutoModel.from_pretrained(folder)
    return found


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(backbone(folder).state_dict())


def test_a_backbone_learns_which_words_go_together(adapted: Adapted) -> None:
    losses = [one["loss"] for one in adapted.losses]
    first, last = losses[0], sum(losses[-10:]) / 10

    assert first > 2.5  # it knows nothing: about as many nats as a choice among all tokens
    assert last < 1.45  # less than a choice among the five words that may stand at a place: 1.6


def test_what_comes_out_is_a_backbone_like_the_one_that_went_in(
    adapted: Adapted, config: EncoderConfig
) -> None:
    before, after = weights(Path(config.backbone)), weights(adapted.folder)
    told = config.model_copy(update={"backbone": str(adapted.folder)})
    texts = [row.text for row in pairs(5)]

    assert {name: one.shape for name, one in before.items()} == {
        name: one.shape for name, one in after.items()
    }
    assert not torch.equal(
        before["encoder.layer.0.output.dense.weight"], after["encoder.layer.0.output.dense.weight"]
    )
    assert read_tokenizer(told)(texts)["input_ids"] == read_tokenizer(config)(texts)["input_ids"]
    assert AutoModelForSequenceClassification.from_pretrained(adapted.folder).num_labels == 2


def test_labels_and_their_absence_change_nothing_of_an_adaptation(
    adapted: Adapted, config: EncoderConfig, tmp_path: Path
) -> None:
    others = [replace(row, labels={Signal.THREAT: Label.POSITIVE}) for row in pairs(160)]

    assert same_weights(backbone(adapt(others, config, tmp_path).folder), backbone(adapted.folder))


@pytest.mark.parametrize("lines", [pytest.param(20, id="early"), pytest.param(85, id="late")])
def test_an_adaptation_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    adapted: Adapted, config: EncoderConfig, tmp_path: Path, lines: int
) -> None:
    with pytest.raises(KilledError):
        adapt(pairs(160), config, tmp_path, stop_after(lines, ""))
    told: list[str] = []
    found = adapt(pairs(160), config, tmp_path, told.append)

    assert 0 < len(told) < 100
    assert "step 1 of" not in "".join(told)
    assert same_weights(backbone(found.folder), backbone(adapted.folder))
    assert (found.losses, found.backbone_sha256) == (adapted.losses, adapted.backbone_sha256)


def test_an_adaptation_that_has_ended_is_not_done_again(adapted: Adapted, config: EncoderConfig) -> None:
    told: list[str] = []
    again = adapt(pairs(160), config, adapted.folder.parent, told.append)

    assert again == adapted
    assert told == []


def test_progress_is_told_without_a_text(config: EncoderConfig, tmp_path: Path) -> None:
    told: list[str] = []
    adapt(pairs(40), config.model_copy(update={"adapt_epochs": 0.5}), tmp_path, told.append)

    assert told[0] == "adapting the backbone to 40 texts"
    assert len(told) > 1
    assert not set(" ".join(told).split()) & {word for pair in DISHES for word in pair}


def test_texts_in_other_languages_teach_nothing(config: EncoderConfig, tmp_path: Path) -> None:
    german = [replace(row, language="de") for row in pairs(10)]

    with pytest.raises(CorpusError, match="adapt_epochs above 0 needs texts in its languages, had none"):
        adapt(german, config, tmp_path)


@pytest.mark.parametrize(
    ("changes", "another"),
    [
        pytest.param({"seed": 1, "epochs": 9, "matched": 1, "averaged": 0.5}, False, id="fine-tuning"),
        pytest.param({"adapt_epochs": 3}, True, id="how-long"),
        pytest.param({"adapt_masked": 0.2}, True, id="how-many-words"),
        pytest.param({"backbone": "other"}, True, id="what-it-begins-with"),
    ],
)
def test_experiments_that_differ_in_their_fine_tuning_alone_share_an_adapted_backbone(
    changes: dict[str, Any], another: bool
) -> None:
    assert (settings(EncoderConfig(**changes)) != settings(EncoderConfig())) is another


# Hiding and guessing


@dataclass
class Tokens:
    """Stand for a tokenizer of a hundred tokens, of which two are special."""

    mask_token_id: int = 1
    all_special_ids: list[int] = field(default_factory=lambda: [0, 1])

    def __len__(self) -> int:
        return 100


def test_a_share_of_the_words_is_asked_for_and_most_of_them_are_hidden() -> None:
    ids = torch.tensor([[0, 5, 6, 7, 8, 0]]).repeat(8_000, 1)
    torch.manual_seed(3)
    shown, labels = hide(ids, 0.2, Tokens())
    asked = labels != NOTHING
    hidden, kept = shown[asked] == 1, shown[asked] == ids[asked]

    assert not asked[:, [0, 5]].any()
    assert float(asked[:, 1:5].float().mean()) == pytest.approx(0.2, abs=0.01)
    assert torch.equal(labels[asked], ids[asked])
    assert torch.equal(shown[~asked], ids[~asked])
    assert float(hidden.float().mean()) == pytest.approx(0.8, abs=0.02)
    assert float(kept.float().mean()) == pytest.approx(0.1, abs=0.02)


def test_at_least_one_word_is_asked_for() -> None:
    for seed in range(50):
        torch.manual_seed(seed)
        _, labels = hide(torch.tensor([[0, 5, 6, 0]]), 1e-6, Tokens())
        assert int((labels != NOTHING).sum()) == 1


def test_no_word_is_asked_for_where_there_is_none() -> None:
    ids = torch.tensor([[0, 0]])
    shown, labels = hide(ids, 0.5, Tokens())

    assert torch.equal(shown, ids)
    assert (labels == NOTHING).all()


def test_guesses_are_judged_by_the_words_that_are_asked_for_alone(config: EncoderConfig) -> None:
    guesser = Guesser(AutoModel.from_pretrained(config.backbone)).eval()
    ids = torch.tensor([[2, 5, 6, 3], [2, 7, 8, 3]])
    told = {"attention_mask": torch.ones_like(ids)}
    one = torch.full_like(ids, NOTHING)
    one[0, 1] = 5
    other = one.clone()
    other[1, 2] = 8
    with torch.no_grad():
        first, both = guesser.loss(told, ids, one), guesser.loss(told, ids, other)
        second = guesser.loss(told, ids, torch.where(other == one, NOTHING, other))

    assert float(both) == pytest.approx((float(first) + float(second)) / 2, abs=1e-3)


def test_biases_and_norms_of_a_guesser_do_not_decay(config: EncoderConfig) -> None:
    guesser = Guesser(AutoModel.from_pretrained(config.backbone))
    matrices, rest = guesser.groups(1e-3, 0.1)

    assert (matrices["weight_decay"], rest["weight_decay"]) == (0.1, 0.0)
    assert {one.ndim for one in matrices["params"]} == {2}
    assert {one.ndim for one in rest["params"]} == {1}
    assert len(matrices["params"]) + len(rest["params"]) == len(list(guesser.parameters()))
