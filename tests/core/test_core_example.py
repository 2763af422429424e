import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal

TEXTS = st.text(st.characters(exclude_categories=()))
EXAMPLES = st.builds(
    Example,
    id=TEXTS,
    text=TEXTS,
    language=st.sampled_from(["en", "de", "und"]),
    corpus=st.just("kitchen"),
    licence=st.just("CC0-1.0"),
    labels=st.dictionaries(st.sampled_from(Signal), st.sampled_from(Label)),
    group=st.none() | TEXTS,
    partners=st.lists(TEXTS).map(tuple),
    split=st.none() | st.sampled_from(Split),
    weight=st.floats(0, 1),
    inclusion=st.floats(0.01, 1),
    synthetic=st.booleans(),
    attributes=st.dictionaries(TEXTS, TEXTS),
)


def row(**changes: Any) -> dict[str, Any]:
    return (
        Example("e-1", "Stir the soup.", "en", "kitchen", "CC0-1.0", {Signal.HATE: Label.NEGATIVE}).to_dict()
        | changes
    )


@given(EXAMPLES)
def test_an_example_survives_the_way_through_json(example: Example) -> None:
    assert Example.from_dict(json.loads(json.dumps(example.to_dict()))) == example


def test_what_is_written_is_plain() -> None:
    assert row() == {
        "id": "e-1",
        "text": "Stir the soup.",
        "language": "en",
        "corpus": "kitchen",
        "licence": "CC0-1.0",
        "labels": {"hate": "negative"},
        "group": None,
        "partners": [],
        "split": None,
        "weight": 1.0,
        "inclusion": 1.0,
        "synthetic": False,
        "attributes": {},
    }
    assert type(next(iter(row()["labels"]))) is str


def test_a_signal_that_nobody_labelled_is_unknown() -> None:
    example = Example.from_dict(row())

    assert example.label(Signal.HATE) is Label.NEGATIVE
    assert example.label(Signal.THREAT) is Label.UNKNOWN


def test_a_whole_number_is_a_weight() -> None:
    weight = Example.from_dict(row(weight=1)).weight

    assert (type(weight), weight) == (float, 1.0)


@pytest.mark.parametrize("name", list(row()))
def test_a_row_that_lacks_a_field_is_an_error_that_names_it(name: str) -> None:
    cut = row()
    del cut[name]

    with pytest.raises(KeyError, match=name):
        Example.from_dict(cut)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"text": None}, "text must be str, was NoneType", id="null-is-no-text"),
        pytest.param({"id": 5}, "id must be str, was int", id="number-as-id"),
        pytest.param({"labels": [["hate", "positive"]]}, "labels must be dict, was list", id="labels-listed"),
        pytest.param(
            {"labels": {"soup": "positive"}},
            "labels must map one of incitement, threat, .* one does not",
            id="unknown-signal",
        ),
        pytest.param(
            {"labels": {"hate": "maybe"}},
            "labels must map one of incitement, threat, .* one does not",
            id="unknown-label",
        ),
        pytest.param({"group": 5}, "group must be str, was int", id="number-as-group"),
        pytest.param({"partners": "e-2"}, "partners must be list, was str", id="string-is-no-list"),
        pytest.param({"split": ""}, "'' is not a valid Split", id="empty-split"),
        pytest.param({"split": "exam"}, "'exam' is not a valid Split", id="unknown-split"),
        pytest.param({"weight": True}, r"weight must be int \| float, was bool", id="bool-as-number"),
        pytest.param({"synthetic": 1}, r"synthetic must be bool, was int", id="number-as-bool"),
        pytest.param({"weight": "1"}, r"weight must be int \| float, was str", id="text-as-number"),
    ],
)
def test_a_row_with_a_wrong_value_is_an_error_that_says_what_is_allowed(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Example.from_dict(row(**changes))
