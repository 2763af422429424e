"""A policy file becomes a policy document, or an error that names file, key and rule."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tocsin.errors import PolicyError
from tocsin.policy import expression
from tocsin.policy.document import Policy, PolicyDocument, Severity
from tocsin.policy.expression import Expression, Leaf
from tocsin.policy.fitted import Fitted, without_fitted
from tocsin.policy.target import Target
from tocsin.signals import Signal

__all__ = [
    "DOCUMENT_KEYS",
    "POLICY_KEYS",
    "default_policy",
    "parse_policy",
    "policy_bytes",
    "policy_rules",
    "read_policy",
]

DOCUMENT_KEYS: Final = ("version", "prevalence", "policies", "fitted")
POLICY_KEYS: Final = ("title", "when", "severity", "review", "urgent", "requires", "may_concern")
_REQUIRED: Final = ("title", "when", "severity", "review", "urgent")
_MAX_BYTES: Final = 1 << 20
_MAX_DEPTH: Final = 16
_MAX_PARTS: Final = 1_000  # references multiply: nine policies of eight each would come to 8**8


def default_policy() -> PolicyDocument:
    """Return the policies that ship."""
    file = resources.files("tocsin.policy") / "default.toml"
    return parse_policy(file.read_bytes(), "default.toml")


def read_policy(path: Path) -> PolicyDocument:
    """Return the policies of a file; raise PolicyError where it cannot be used as it stands."""
    return parse_policy(policy_bytes(path), str(path))


def policy_bytes(path: Path) -> bytes:
    """Return a policy file as it stands; raise PolicyError where it cannot be read, or is too large."""
    try:
        _check_size(path.stat().st_size, str(path))
        return path.read_bytes()
    except OSError as error:
        raise PolicyError(str(path), "", f"cannot be read: {error.strerror}") from error


def parse_policy(content: bytes, source: str) -> PolicyDocument:
    """Return the policies that `content`, TOML in UTF-8, writes; `source` names it in errors."""
    rules = policy_rules(content, source)
    return _Parser(source, _toml(content, source)).document(_digest(content), _digest(rules))


def policy_rules(content: bytes, source: str) -> bytes:
    """Return a policy file less what was fitted; raise PolicyError where that cannot be told apart."""
    _check_size(len(content), source)
    _toml(content, source)
    try:
        return without_fitted(content)
    except ValueError as error:
        raise PolicyError(source, "fitted", str(error)) from error


def _toml(content: bytes, source: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PolicyError(source, "", f"must be TOML in UTF-8: {error}") from error


def _check_size(size: int, source: str) -> None:
    if size > _MAX_BYTES:
        raise PolicyError(source, "", f"must be at most {_MAX_BYTES} bytes, was {size}")


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class _Parser:
    """Read one file's tables; every complaint carries the file's name and the key's path."""

    def __init__(self, source: str, table: Mapping[str, Any]) -> None:
        self._source = source
        self._table = table
        self._tables: Mapping[str, Any] = {}
        self._parts = 0

    def document(self, digest: str, rules_digest: str) -> PolicyDocument:
        """Return the whole file."""
        self._only_known("", self._table, DOCUMENT_KEYS)
        version = self._text("version", self._required("", self._table, "version"))
        self._tables = self._mapping("policies", self._required("", self._table, "policies"))
        if not self._tables:
            raise self._error("policies", "must hold at least one policy, was empty")
        policies = tuple(self._policy(name) for name in self._tables)
        return PolicyDocument(
            self._source, version, digest, policies, self._prevalence(), rules_digest, self._fitted()
        )

    def _fitted(self) -> Fitted | None:
        if "fitted" not in self._table:
            return None
        try:
            return Fitted.model_validate(self._table["fitted"])
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(["fitted", *map(str, first["loc"])])
            was = "" if isinstance(first["input"], dict) else f", was {first['input']!r}"
            raise self._error(key, f"{first['msg']}{was}") from error

    def _prevalence(self) -> float | None:
        written = self._table.get("prevalence")
        if written is None:
            return None
        if isinstance(written, bool) or not isinstance(written, int | float) or not 0 < written < 1:
            raise self._error("prevalence", f"must be a number above 0 and below 1, was {written!r}")
        return float(written)

    def _policy(self, name: str) -> Policy:
        key = f"policies.{name}"
        table = self._mapping(key, self._tables[name])
        self._only_known(key, table, POLICY_KEYS)
        for required in _REQUIRED:
            self._required(key, table, required)
        review, urgent = (self._target(f"{key}.{level}", table[level]) for level in ("review", "urgent"))
        if review.kind is urgent.kind and not urgent.at_least_as_strict_as(review):
            raise self._error(
                f"{key}.urgent", f"must be as strict as review ({review}) or stricter, was {urgent}"
            )
        return Policy(
            name=name,
            title=self._text(f"{key}.title", table["title"]),
            when=self._expression(f"{key}.when", table["when"], (name,), 0),
            severity=Severity(self._choice(f"{key}.severity", table["severity"], list(Severity))),
            review=review,
            urgent=urgent,
            requires=frozenset(
                Signal(self._choice(f"{key}.requires", signal, list(Signal)))
                for signal in self._list(f"{key}.requires", table.get("requires", []))
            ),
            may_concern=tuple(
                self._text(f"{key}.may_concern", line)
                for line in self._list(f"{key}.may_concern", table.get("may_concern", []))
            ),
        )

    def _target(self, key: str, written: object) -> Target:
        try:
            return Target.parse(written)
        except ValueError as error:
            raise self._error(key, str(error)) from error

    def _expression(self, key: str, written: object, above: tuple[str, ...], depth: int) -> Expression:
        """Return one expression, `depth` tables down, in the definition of the policies `above`."""
        self._parts += 1
        if depth > _MAX_DEPTH:
            raise self._error(key, f"must be nested at most {_MAX_DEPTH} deep")
        if self._parts > _MAX_PARTS:
            raise self._error(
                key, f"a file's expressions must have at most {_MAX_PARTS} parts, references spelled out"
            )
        if isinstance(written, str):
            return Leaf(Signal(self._choice(key, written, list(Signal))))
        table = self._mapping(key, written)
        self._only_known(key, table, ("any", "all", "policy"))
        if len(table) != 1:
            raise self._error(
                key, f"must have exactly one of any, all, policy; had {sorted(table) or 'none'}"
            )
        ((kind, value),) = table.items()
        if kind == "policy":
            return self._reference(f"{key}.policy", value, above, depth + 1)
        members = self._list(f"{key}.{kind}", value)
        if not members:
            raise self._error(f"{key}.{kind}", "must have at least one member, was empty")
        parts = tuple(self._expression(f"{key}.{kind}", member, above, depth + 1) for member in members)
        return expression.Any(parts) if kind == "any" else expression.All(parts)

    def _reference(self, key: str, written: object, above: tuple[str, ...], depth: int) -> Expression:
        """Return what another policy of the file asks for; a circle of references is an error."""
        name = self._choice(key, written, self._tables)
        if name in above:
            raise self._error(key, f"must not refer back to itself: {' -> '.join((*above, name))}")
        table = self._mapping(f"policies.{name}", self._tables[name])
        when = self._required(f"policies.{name}", table, "when")
        return self._expression(f"policies.{name}.when", when, (*above, name), depth)

    def _only_known(self, key: str, table: Mapping[str, Any], allowed: Collection[str]) -> None:
        for name in table:
            if name not in allowed:
                raise self._error(f"{key}.{name}".lstrip("."), f"unknown key; allowed: {', '.join(allowed)}")

    def _required(self, key: str, table: Mapping[str, Any], name: str) -> Any:
        if name not in table:
            raise self._error(f"{key}.{name}".lstrip("."), "must be given, was missing")
        return table[name]

    def _choice(self, key: str, written: object, allowed: Collection[str]) -> str:
        if not isinstance(written, str) or written not in allowed:
            raise self._error(key, f"must be one of {', '.join(allowed)}; was {written!r}")
        return written

    def _text(self, key: str, written: object) -> str:
        if not isinstance(written, str) or not written.strip():
            raise self._error(key, f"must be text that is not blank, was {written!r}")
        return written

    def _list(self, key: str, written: object) -> list[Any]:
        if not isinstance(written, list):
            raise self._error(key, f"must be a list, was {written!r}")
        return written

    def _mapping(self, key: str, written: object) -> Mapping[str, Any]:
        if not isinstance(written, dict):
            raise self._error(key, f"must be a table, was {written!r}")
        return written

    def _error(self, key: str, why: str) -> PolicyError:
        return PolicyError(self._source, key, why)
