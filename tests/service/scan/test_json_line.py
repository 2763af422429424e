import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.assessment import (
    Assessment,
    Level,
    ModelStamp,
    PolicyResult,
    PolicyStamp,
    Reason,
    Span,
    Status,
    Tier,
)
from tocsin.item import Item
from tocsin.service.scan.json_line import json_line
from tocsin.service.scan.testing import WordAssessor
from tocsin.signals import Signal

SCORES = st.one_of(st.none(), st.integers(0, 1), st.floats(0, 1), st.floats(0, 1e-5), st.floats(-9, 9))
NAMES = st.text(max_size=8)  # quotes, controls, other scripts
MISSING = st.lists(st.sampled_from(Signal), max_size=3).map(tuple)
ASSESSMENTS = st.builds(
    Assessment,
    id=NAMES,
    status=st.sampled_from(Status),
    reason=st.none() | st.sampled_from(Reason),
    language=NAMES,
    signals=st.dictionaries(st.sampled_from(Signal), SCORES),
    policies=st.lists(
        st.builds(PolicyResult, NAMES, SCORES, st.none() | st.sampled_from(Level), st.booleans(), MISSING),
        max_size=3,
    ).map(tuple),
    priority=SCORES,
    tier=st.none() | st.sampled_from(Tier),
    spans=st.lists(
        st.builds(Span, st.integers(0), st.integers(0), st.sampled_from(Signal), st.floats(-9, 9)), max_size=2
    ).map(tuple),
    model=st.builds(ModelStamp, NAMES, NAMES, NAMES),
    policy=st.builds(PolicyStamp, NAMES, NAMES),
)


def judged() -> Assessment:
    return WordAssessor({"soup": 0.9}).assess([Item("p-1", "soup")])[0]


@given(ASSESSMENTS, st.none() | NAMES)
def test_a_line_is_what_json_makes_of_the_documented_fields(answer: Assessment, text: str | None) -> None:
    shown: dict[str, Any] = {} if text is None else {"text": text}

    assert json_line(answer, text) == json.dumps(answer.to_dict() | shown)


@pytest.mark.parametrize(
    "score",
    [pytest.param(np.float64(0.25), id="a float of NumPy shows its type"), pytest.param(1, id="an integer")],
)
def test_a_score_that_is_no_plain_float_is_a_plain_number(score: float) -> None:
    answer = replace(judged(), priority=score, signals={Signal.HATE: score})

    assert json_line(answer) == json.dumps(answer.to_dict())


def test_policies_that_differ_in_what_is_the_same_in_most_rows_are_told_apart() -> None:
    answer = judged()
    (result,) = answer.policies
    others = [
        replace(result, certified=not result.certified),
        replace(result, missing=(Signal.HATE,)),
        replace(result, name="another"),
        result,
    ]

    for other in others:
        changed = replace(answer, policies=(other,))
        assert json_line(changed) == json.dumps(changed.to_dict())
