import hashlib
from importlib import resources

import pytest

from tocsin.policy import All, Any, Leaf, Policy, Severity, TargetKind, default_policy
from tocsin.signals import Signal

POLICIES = {policy.name: policy for policy in default_policy().policies}


def test_four_policies_ship() -> None:
    assert list(POLICIES) == ["incitement", "recruitment", "extremist_promotion", "hate"]


def test_what_ships_is_stamped_with_the_digest_of_its_file() -> None:
    content = (resources.files("tocsin.policy") / "default.toml").read_bytes()

    assert default_policy().stamp.digest == "sha256:" + hashlib.sha256(content).hexdigest()
    assert default_policy().source == "default.toml"


def test_what_ships_expects_few_positives() -> None:
    assert default_policy().prevalence == 0.01


def test_recruitment_is_null_without_a_call_to_action() -> None:
    extremist = (Signal.GLORIFICATION, Signal.EXTREMISM, Signal.HATE, Signal.GRIEVANCE)

    assert POLICIES["recruitment"].requires == {Signal.CALL_TO_ACTION}
    assert POLICIES["recruitment"].when == All(
        (Leaf(Signal.CALL_TO_ACTION), Any(tuple(Leaf(signal) for signal in extremist)))
    )


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_policy_that_ships_is_bounded_by_false_positives_and_points_to_law(policy: Policy) -> None:
    assert policy.review.kind is policy.urgent.kind is TargetKind.FPR
    assert policy.urgent.value < policy.review.value
    assert policy.may_concern


@pytest.mark.parametrize(
    ("severity", "weight"),
    [(Severity.LOW, 0.25), (Severity.MEDIUM, 0.5), (Severity.HIGH, 0.75), (Severity.CRITICAL, 1.0)],
)
def test_a_severity_has_a_weight(severity: Severity, weight: float) -> None:
    assert severity.weight == weight


def test_severities_stand_in_order_and_never_silence_a_policy() -> None:
    weights = [severity.weight for severity in Severity]

    assert weights == sorted(weights)
    assert min(weights) > 0
    assert max(weights) == 1  # a priority stays within [0, 1]
