"""How weights are averaged over a training, on texts about cooking and sport."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tocsin.signals import Signal
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.fit import FittedEncoder, fit_encoder
from tocsin.training.encoder.network import Network, parameter_groups
from tocsin.training.encoder.testing import KilledError, dishes, same_weights, stop_after
from tocsin.training.encoder.trainer import Averaging

TRAIN, DEV = dishes(320, 1, wrong=1 / 12), dishes(120, 2, wrong=1 / 12)


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
        averaged=0.9,
    )


@pytest.fixture(scope="module")
def fitted(config: EncoderConfig, tmp_path_factory: pytest.TempPathFactory) -> FittedEncoder:
    """Return what a training that nothing interrupts comes to."""
    return fit_encoder(TRAIN, DEV, config, tmp_path_factory.mktemp("work"))


def test_an_average_learns_and_is_other_than_the_weights_it_is_of(
    fitted: FittedEncoder, config: EncoderConfig, tmp_path: Path
) -> None:
    plain = fit_encoder(TRAIN, DEV, config.model_copy(update={"averaged": 0}), tmp_path)

    assert max(look["quality"] for look in fitted.looks) > 0.85
    assert not same_weights(fitted.classifier, plain.classifier)
    assert [look["step"] for look in fitted.looks] == [look["step"] for look in plain.looks]
    assert [look["quality"] for look in fitted.looks] != [look["quality"] for look in plain.looks]


@pytest.mark.parametrize("looks", [pytest.param(1, id="early"), pytest.param(3, id="late")])
def test_a_training_that_was_killed_averages_as_if_it_had_not_been(
    fitted: FittedEncoder, config: EncoderConfig, tmp_path: Path, looks: int
) -> None:
    with pytest.raises(KilledError):
        fit_encoder(TRAIN, DEV, config, tmp_path, stop_after(looks))
    found = fit_encoder(TRAIN, DEV, config, tmp_path)

    assert same_weights(found.classifier, fitted.classifier)
    assert found.looks == fitted.looks


def test_a_training_that_has_ended_gives_the_average_back(
    fitted: FittedEncoder, config: EncoderConfig, tmp_path: Path
) -> None:
    for _ in range(2):
        found = fit_encoder(TRAIN, DEV, config, tmp_path)
        assert same_weights(found.classifier, fitted.classifier)


def test_an_average_judges_and_the_weights_learn(config: EncoderConfig) -> None:
    network = Network.of(config, (Signal.HATE,), 1)
    ids = torch.tensor([[2, 9, 10, 3]])
    told = torch.ones_like(ids)
    with torch.no_grad():
        before = network.eval()(ids, told)
        network.classifier.get_parameter("classifier.bias").add_(5)
        judged, learnt = network.eval()(ids, told), network.train()(ids, told)
        network.eval().step_average(0.25)
        moved = network(ids, told)

    assert torch.equal(judged, before)
    assert float(learnt - before) == pytest.approx(5, abs=0.05)
    assert float(moved - before) == pytest.approx(1.25, abs=0.05)
    assert network.judge is network.average


def test_nothing_of_an_average_is_learnt(config: EncoderConfig) -> None:
    network = Network.of(config, (Signal.HATE,), 1)
    learnt = {id(one) for group in parameter_groups(network, config) for one in group["params"]}

    assert network.average is not None
    assert not learnt & {id(one) for one in network.average.parameters()}
    assert {id(one) for one in network.classifier.parameters()} < learnt


def test_without_an_average_the_weights_judge(config: EncoderConfig) -> None:
    network = Network.of(config.model_copy(update={"averaged": 0}), (Signal.HATE,), 1)

    assert network.average is None
    assert network.judge is network.classifier


@pytest.mark.parametrize(
    ("taken", "kept"),
    [
        pytest.param(7, None, id="not-its-turn"),
        pytest.param(8, (9 / 18) ** 8, id="early-it-remembers-little"),
        pytest.param(80_000, 0.99**8, id="late-as-much-as-is-asked"),
    ],
)
def test_an_average_remembers_more_the_longer_training_goes_on(taken: int, kept: float | None) -> None:
    moves: list[float] = []
    network = SimpleNamespace(step_average=moves.append)
    Averaging(network, 0.99).on_step_end(None, SimpleNamespace(global_step=taken), None)  # type: ignore[arg-type]

    assert moves == ([] if kept is None else [pytest.approx(1 - kept)])
