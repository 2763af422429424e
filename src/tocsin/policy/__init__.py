"""Policies: rules of a platform over signals, from a file that a policy lead edits."""

from tocsin.policy.document import Policy, PolicyDocument, Severity
from tocsin.policy.expression import All, Any, Expression, Leaf
from tocsin.policy.fitted import Fitted, LanguageFit, LevelFit, LevelName, with_fitted
from tocsin.policy.implying import implied
from tocsin.policy.parse import (
    DOCUMENT_KEYS,
    POLICY_KEYS,
    default_policy,
    parse_policy,
    policy_bytes,
    policy_rules,
    read_policy,
)
from tocsin.policy.target import Target, TargetKind

__all__ = [
    "DOCUMENT_KEYS",
    "POLICY_KEYS",
    "All",
    "Any",
    "Expression",
    "Fitted",
    "LanguageFit",
    "Leaf",
    "LevelFit",
    "LevelName",
    "Policy",
    "PolicyDocument",
    "Severity",
    "Target",
    "TargetKind",
    "default_policy",
    "implied",
    "parse_policy",
    "policy_bytes",
    "policy_rules",
    "read_policy",
    "with_fitted",
]
