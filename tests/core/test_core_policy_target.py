import math

import pytest

from tocsin.policy import Target, TargetKind


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        pytest.param("fpr 0.05", TargetKind.FPR, 0.05, id="fpr"),
        pytest.param("recall 0.8", TargetKind.RECALL, 0.8, id="recall"),
        pytest.param("precision 0.5", TargetKind.PRECISION, 0.5, id="precision"),
        pytest.param("budget 0.01", TargetKind.BUDGET, 0.01, id="budget"),
        pytest.param("budget 1%", TargetKind.BUDGET, 0.01, id="percent"),
        pytest.param("fpr 0.5%", TargetKind.FPR, 0.005, id="fraction-of-a-percent"),
        pytest.param("fpr .05", TargetKind.FPR, 0.05, id="no-leading-zero"),
        pytest.param(" fpr 0.05 ", TargetKind.FPR, 0.05, id="blanks-around"),
        pytest.param(0.25, TargetKind.NUMBER, 0.25, id="number"),
        pytest.param(0, TargetKind.NUMBER, 0.0, id="least-number"),
        pytest.param(1, TargetKind.NUMBER, 1.0, id="greatest-number"),
    ],
)
def test_a_target_is_a_rate_to_keep_or_a_number(written: object, kind: TargetKind, value: float) -> None:
    target = Target.parse(written)

    assert target.kind is kind
    assert target.value == pytest.approx(value)
    assert type(target.value) is float


@pytest.mark.parametrize("kind", [kind for kind in TargetKind if kind is not TargetKind.NUMBER])
@pytest.mark.parametrize("value", ["0", "0.0", "1", "100%", "150%"])
def test_a_rate_lies_strictly_between_0_and_1(kind: TargetKind, value: str) -> None:
    with pytest.raises(ValueError, match=f"^a {kind} must be above 0 and below 1, was '{kind} {value}'$"):
        Target.parse(f"{kind} {value}")


@pytest.mark.parametrize("written", [-0.1, 1.1, 5, math.inf, -math.inf, math.nan, 10**400])
def test_a_number_lies_between_0_and_1(written: float) -> None:
    with pytest.raises(ValueError, match=f"^a threshold must be between 0 and 1, was {written!r}$"):
        Target.parse(written)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(True, id="bool-is-no-number"),
        pytest.param(None, id="nothing"),
        pytest.param([0.5], id="list"),
        pytest.param({"fpr": 0.5}, id="table"),
        pytest.param("", id="empty"),
        pytest.param("0.05", id="number-as-text"),
        pytest.param("number 0.05", id="a-number-has-no-name"),
        pytest.param("fpr", id="no-value"),
        pytest.param("fpr0.05", id="no-blank"),
        pytest.param("fpr  0.05", id="two-blanks"),
        pytest.param("FPR 0.05", id="capitals"),
        pytest.param("fpr -0.05", id="negative"),
        pytest.param("fpr 5e-2", id="exponent"),
        pytest.param("fpr 0,05", id="comma"),
        pytest.param("fpr 1.", id="nothing-after-the-point"),
        pytest.param("fpr 0.05 urgent", id="something-after-it"),
        pytest.param("f1 0.9", id="unknown-kind"),
    ],
)
def test_anything_else_is_an_error_that_shows_every_form(written: object) -> None:
    with pytest.raises(ValueError, match=r"^must be ") as caught:
        Target.parse(written)

    message = str(caught.value)
    assert message.endswith(f", was {written!r}")
    assert all(kind in message for kind in TargetKind)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param("fpr 0.050", "fpr 0.05", id="rate"),
        pytest.param("budget 1%", "budget 0.01", id="percent"),
        pytest.param(0.25, "0.25", id="number"),
    ],
)
def test_a_target_is_shown_in_its_shortest_form(written: object, shown: str) -> None:
    assert str(Target.parse(written)) == shown
