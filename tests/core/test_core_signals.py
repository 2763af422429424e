import re
from collections.abc import MutableMapping
from typing import cast

import pytest

from tocsin.signals import QUESTIONS, Signal


def test_a_signal_is_its_own_name_on_every_wire() -> None:
    assert f"{Signal.CALL_TO_ACTION}" == "call_to_action"
    assert Signal("call_to_action") is Signal.CALL_TO_ACTION


def test_names_on_the_wire_never_change() -> None:
    assert [signal.value for signal in Signal] == [
        "incitement",
        "threat",
        "glorification",
        "call_to_action",
        "grievance",
        "dehumanisation",
        "hate",
        "extremism",
    ]


def test_every_signal_has_a_question() -> None:
    assert list(QUESTIONS) == list(Signal)


@pytest.mark.parametrize("signal", list(Signal))
def test_a_question_completes_the_sentence_about_the_text(signal: Signal) -> None:
    assert re.fullmatch(r"[a-z]+s .*[^.]", signal.question)


def test_questions_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        cast(MutableMapping[Signal, str], QUESTIONS)[Signal.HATE] = "is about soup"


def test_an_unknown_signal_is_an_error() -> None:
    with pytest.raises(ValueError, match="'soup' is not a valid Signal"):
        Signal("soup")
