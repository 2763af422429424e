"""What the model made of an item, in words and in numbers, beside the policies that it was judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tocsin.assessment import Level, Reason, Status
from tocsin.policy import Policy, PolicyDocument, Target, TargetKind
from tocsin.service.api.console.wording import LEVEL_WORDS, REASON_WORDS, share, signal_words
from tocsin.signals import QUESTIONS, Signal

__all__ = ["PolicyLine", "Scores", "SignalLine", "asked_lines", "scores_of"]

_KEYS: Final = 9
_FLAGGING: Final = {Level.REVIEW, Level.URGENT}
_TCO: Final = "TCO "
_KEYWORD: Final = "KEYWORD_"
_KEPT: Final[Mapping[TargetKind, str]] = {
    TargetKind.FPR: "set so that at most {} of the texts that do not break it reach this level",
    TargetKind.RECALL: "set so that at least {} of the texts that break it reach this level",
    TargetKind.PRECISION: "set so that at least {} of what reaches this level breaks it",
    TargetKind.BUDGET: "set so that at most {} of all texts here reach this level",
}


@dataclass(frozen=True, slots=True)
class SignalLine:
    """Hold one signal: its name in words, its value from 0 to 1, None where it could not be judged."""

    name: str
    words: str
    value: float | None
    question: str


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """Hold one policy of the house with what the model made of it.

    `key` is the number that chooses it on the keyboard, "" past the ninth; `flags` says that it asks for a
    look. `lacking` says in words what keeps it from being judged or certified.
    """

    name: str
    title: str
    severity: str
    key: str
    level: str
    level_class: str
    score: float | None
    certified: bool
    judged: bool
    flags: bool
    lacking: Sequence[str]
    signals: Sequence[SignalLine]
    law: Sequence[str]
    meaning: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold what is shown of an assessment, or that there is none: then nothing is known of the item.

    `unjudged` says why the model could not judge it, None where it could. `stale` says that the policies or
    the model are others since. `former` are policies that judged it and are none of the house's any more.
    """

    known: bool
    unjudged: str | None
    policies: Sequence[PolicyLine]
    former: Sequence[PolicyLine]
    level: str
    level_class: str
    language: str | None
    model: str
    stale: bool
    questions: Sequence[SignalLine]


def scores_of(assessment: Mapping[str, Any] | None, document: PolicyDocument, model: str) -> Scores:
    """Return what the page shows of an assessment; `model` is the digest of the bundle that scores now."""
    told = assessment or {}
    results = {str(one["name"]): one for one in told.get("policies", ())}
    signals = told.get("signals", {})
    named = {policy.name for policy in document.policies}
    lines = [
        _line(policy.name, policy, results.get(policy.name), signals, place)
        for place, policy in enumerate(document.policies, 1)
    ]
    former = [_line(name, None, one, signals, 0) for name, one in results.items() if name not in named]
    level = _highest([*lines, *former])
    stamps = told.get("model", {}), told.get("policy", {})
    return Scores(
        known=assessment is not None,
        unjudged=_unjudged(told, level) if assessment is not None else None,
        policies=lines,
        former=former,
        level=LEVEL_WORDS[level],
        level_class=_class(level),
        language=told.get("language"),
        model=f"{stamps[0].get('name', '')} {stamps[0].get('version', '')}".strip(),
        stale=assessment is not None
        and (stamps[0].get("digest"), stamps[1].get("digest")) != (model, document.digest),
        questions=[_signal(one, signals) for one in Signal if one.value in signals],
    )


def asked_lines(names: Sequence[str], document: PolicyDocument) -> list[PolicyLine]:
    """Return the policies that a sampled text is asked about, by these names, without a word of any score."""
    known = {policy.name: policy for policy in document.policies}
    return [_line(name, known.get(name), None, {}, place) for place, name in enumerate(names, 1)]


def _line(
    name: str,
    policy: Policy | None,
    result: Mapping[str, Any] | None,
    signals: Mapping[str, float | None],
    place: int,
) -> PolicyLine:
    level = None if result is None or result["level"] is None else Level(result["level"])
    score = None if result is None else result["score"]
    return PolicyLine(
        name=name,
        title=name if policy is None else policy.title,
        severity="unknown" if policy is None else policy.severity.value,
        key=str(place) if 0 < place <= _KEYS else "",
        level=LEVEL_WORDS[level],
        level_class=_class(level),
        score=score,
        certified=bool(result and result["certified"]),
        judged=score is not None,
        flags=level in _FLAGGING,
        lacking=_lacking(result),
        signals=[] if policy is None else _signals(policy, signals),
        law=() if policy is None else [_law(one) for one in policy.may_concern],
        meaning=() if policy is None else _meaning(policy),
    )


def _lacking(result: Mapping[str, Any] | None) -> list[str]:
    if result is None:
        return ["This policy was not there when the item came."]
    missing = ", ".join(signal_words(one) for one in result["missing"])
    found = [f"Cannot be judged in this language: {missing}."] if missing else []
    if result["score"] is None:
        return found or [
            "Cannot be judged in this language: too little traffic stands behind its thresholds."
        ]
    if not result["certified"]:
        found.append("Too few labelled texts stand behind its thresholds to promise a rate.")
    return found


def _signals(policy: Policy, signals: Mapping[str, float | None]) -> list[SignalLine]:
    return [_signal(one, signals) for one in Signal if one in policy.signals]


def _signal(signal: Signal, signals: Mapping[str, float | None]) -> SignalLine:
    return SignalLine(
        signal.value, signal_words(signal), signals.get(signal.value), f"the text {QUESTIONS[signal]}"
    )


def _meaning(policy: Policy) -> list[tuple[str, str]]:
    return [("urgent", _target(policy.urgent)), ("review", _target(policy.review))]


def _target(target: Target) -> str:
    if target.kind is TargetKind.NUMBER:
        return f"a score of {target.value:g} or more; no rate is promised"
    return _KEPT[target.kind].format(share(target.value))


def _law(code: str) -> str:
    """Return what a pointer to the law points at, as far as its form is known."""
    if code.startswith(_TCO):
        return f"Regulation (EU) 2021/784, Article {code.removeprefix(_TCO)}"
    if code.startswith(_KEYWORD):
        words = code.removeprefix(_KEYWORD).replace("_", " ").lower()
        return f"{words} (keyword of the EU's transparency database)"
    return code


def _highest(lines: Sequence[PolicyLine]) -> Level | None:
    found = {line.level for line in lines}
    ranked = (Level.URGENT, Level.REVIEW, Level.NONE)
    return next((level for level in ranked if LEVEL_WORDS[level] in found), None)


def _unjudged(told: Mapping[str, Any], level: Level | None) -> str | None:
    if told.get("status") == Status.UNSCORABLE.value:
        reason = told.get("reason")
        return REASON_WORDS[None if reason is None else Reason(reason)]
    return REASON_WORDS[None] if level is None else None


def _class(level: Level | None) -> str:
    return f"level-{'unknown' if level is None else level.value}"
