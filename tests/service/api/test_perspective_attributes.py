from __future__ import annotations

import pytest

from tocsin.errors import SettingsError
from tocsin.models import Scorer
from tocsin.service.api import ServeSettings, serve_settings
from tocsin.service.api.perspective import caveats
from tocsin.service.api.perspective.attributes import ATTRIBUTES, answered
from tocsin.service.api.testing import make_app
from tocsin.signals import Signal


def test_every_signal_answers_for_an_attribute() -> None:
    assert set(ATTRIBUTES.values()) == set(Signal)
    assert len(ATTRIBUTES) == len(Signal) + 3


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("TOXICITY", id="Perspective's most asked for"),
        pytest.param("ATTACK_ON_AUTHOR", id="one of a newspaper's"),
        pytest.param("SPICINESS", id="one that Perspective never had"),
    ],
)
def test_an_attribute_is_mapped_on_demand_alone(name: str) -> None:
    assert name not in answered(ServeSettings())
    assert answered(serve_settings(perspective_map=f"{name}=hate"))[name] is Signal.HATE


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("THREAT", "THREAT always stands for the signal threat", id="Perspective's own"),
        pytest.param("GRIEVANCE", "GRIEVANCE always stands for the signal grievance", id="an extension"),
        pytest.param("toxicity", "must be capitals and underscores, was 'toxicity'", id="small letters"),
        pytest.param("TOXICITY-2", "must be capitals and underscores", id="something behind"),
        pytest.param("", "must be capitals and underscores, was ''", id="no name"),
    ],
)
def test_a_mapping_that_is_none_stops_the_server_at_its_start(
    shipped_scorer: Scorer, name: str, said: str
) -> None:
    settings = ServeSettings(perspective_map={name: Signal.HATE})

    with pytest.raises(SettingsError, match=said):
        make_app(shipped_scorer, settings)
    with pytest.raises(SettingsError, match=said):
        caveats(settings)


def test_the_start_warns_of_what_coral_does_by_itself() -> None:
    said = "\n".join(caveats(ServeSettings()))

    assert "fails open" in said
    assert "IDENTITY_ATTACK or THREAT" in said
    assert "withholds" in said
    assert "nudge must be off" in said
    assert "TOXICITY" not in said


def test_the_start_says_what_a_mapped_attribute_is_and_is_not() -> None:
    settings = ServeSettings(perspective_map={"TOXICITY": Signal.HATE, "INSULT": Signal.THREAT})
    mapped = [line for line in caveats(settings) if "is answered with" in line]

    assert [line.split()[1] for line in mapped] == ["INSULT", "TOXICITY"]
    assert "the signal hate" in mapped[1]
    assert Signal.HATE.question in mapped[1]
    assert "not what Perspective's TOXICITY measured" in mapped[1]


def test_feedback_without_a_box_stops_the_server_at_its_start(shipped_scorer: Scorer) -> None:
    with pytest.raises(SettingsError, match="feedback must have a box"):
        make_app(shipped_scorer, ServeSettings(feedback=True))
