"""Policies: rules of a platform over signals, from a file that a policy lead edits."""

from tocsin.policy.document import Policy, PolicyDocument, Severity
from tocsin.policy.expression import All, Any, Expression, Leaf
from tocsin.policy.parse import DOCUMENT_KEYS, POLICY_KEYS, default_policy, parse_policy, read_policy
from tocsin.policy.target import Target, TargetKind

__all__ = [
    "DOCUMENT_KEYS",
    "POLICY_KEYS",
    "All",
    "Any",
    "Expression",
    "Leaf",
    "Policy",
    "PolicyDocument",
    "Severity",
    "Target",
    "TargetKind",
    "default_policy",
    "parse_policy",
    "read_policy",
]
