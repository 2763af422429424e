"""What a verdict on a whole policy says of single signals, where it says anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.policy.expression import All, Any, Expression, Leaf
from tocsin.signals import Signal

__all__ = ["implied"]


def implied(verdicts: Sequence[tuple[Expression, bool]]) -> Mapping[Signal, bool]:
    """Return the signals that must be yes or no for these expressions to be what they are said to be.

    Where an `any` is no, so is every member, and where an `all` is yes; else a member is told only once all
    others are (unit propagation). A signal that contradicting verdicts make both is left out.
    """
    known: dict[Signal, bool] = {}
    torn: set[Signal] = set()
    before = -1
    while before != len(known):
        before = len(known)
        for expression, is_so in verdicts:
            for signal, value in _told(expression, is_so, known):
                if known.setdefault(signal, value) != value:
                    torn.add(signal)
    return {signal: value for signal, value in known.items() if signal not in torn}


def _told(expression: Expression, is_so: bool, known: Mapping[Signal, bool]) -> list[tuple[Signal, bool]]:
    if isinstance(expression, Leaf):
        return [(expression.signal, is_so)]
    if not isinstance(expression, Any | All):
        return []
    members = expression.members
    if is_so == isinstance(expression, All):
        return [told for member in members for told in _told(member, is_so, known)]
    open_ones = [member for member in members if _value(member, known) is None]
    settled = any(_value(member, known) is is_so for member in members)
    return _told(open_ones[0], is_so, known) if len(open_ones) == 1 and not settled else []


def _value(expression: Expression, known: Mapping[Signal, bool]) -> bool | None:
    if isinstance(expression, Leaf):
        return known.get(expression.signal)
    if not isinstance(expression, Any | All):
        return None
    told = [_value(member, known) for member in expression.members]
    ends = isinstance(expression, Any)
    if ends in told:
        return ends
    return None if None in told else not ends
