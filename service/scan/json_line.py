"""An assessment as a line of JSON: what `json.dumps` makes of its `to_dict`, in half the time."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Final

from tocsin.assessment import SCORE_DECIMALS, Level, ModelStamp, PolicyStamp, Reason, Status, Tier
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

    from tocsin.assessment import Assessment, PolicyResult

__all__ = ["json_line"]

# A scan has few policies and fewer bundles, in as many forms as languages.
FORMS: Final = 1024

NAMES: Final[Mapping[StrEnum | None, str]] = {
    None: "null",
    **{name: quoted(name.value) for kind in (Status, Reason, Level, Tier) for name in kind},
}
KEYS: Final[Mapping[Signal, str]] = {signal: f"{quoted(signal.value)}: " for signal in Signal}


def json_line(answer: Assessment, text: str | None = None) -> str:
    """Return the fields of an assessment in the documented order, and its text where one is given.

    In ASCII, without a line end.
    """
    signals = ", ".join([KEYS[signal] + _number(score) for signal, score in answer.signals.items()])
    policies = ", ".join([_policy(result) for result in answer.policies])
    spans = json.dumps(answer.to_dict()["spans"]) if answer.spans else "[]"
    shown = "" if text is None else f', "text": {quoted(text)}'
    return (
        f'{{"id": {quoted(answer.id)}, "status": {NAMES[answer.status]}, "reason": {NAMES[answer.reason]},'
        f' "language": {quoted(answer.language)}, "signals": {{{signals}}}, "policies": [{policies}],'
        f' "priority": {_number(answer.priority)}, "tier": {NAMES[answer.tier]}, "spans": {spans},'
        f' "model": {_stamp(answer.model)}, "policy": {_stamp(answer.policy)}{shown}}}'
    )


def _number(score: float | None) -> str:
    if type(score) is float:
        return repr(round(score, SCORE_DECIMALS))
    # Integers, and floats of NumPy, which do not show as JSON's.
    return "null" if score is None else json.dumps(round(score, SCORE_DECIMALS))


def _policy(result: PolicyResult) -> str:
    start, end = _around(result.name, result.certified, result.missing)
    return f'{start}{_number(result.score)}, "level": {NAMES[result.level]}{end}'


@lru_cache(FORMS)
def _around(name: str, certified: bool, missing: tuple[Signal, ...]) -> tuple[str, str]:
    """Return what stands before the score of a policy and behind its level."""
    lacking = json.dumps([signal.value for signal in missing])
    return (
        f'{{"name": {quoted(name)}, "score": ',
        f', "certified": {json.dumps(certified)}, "missing": {lacking}}}',
    )


@lru_cache(FORMS)
def _stamp(stamp: ModelStamp | PolicyStamp) -> str:
    return json.dumps(asdict(stamp))
