"""What reports must count of a made-up month, by its ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from tocsin.service.review.intake import NoticeSource
from tocsin.service.review.month_testing.ledger import Acted, Asked, Ledger, Spoken
from tocsin.service.review.month_testing.platform import POLICIES, SOUP
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Ground, Measure, MeasureKind, MeasureSource

__all__ = [
    "automated_counts",
    "complaint_counts",
    "due",
    "measure_counts",
    "notice_counts",
    "order_counts",
    "words_due",
]

_FEWEST: Final = 20
_HOUR: Final = timedelta(hours=1)
_REMOVING: Final = {MeasureKind.REMOVED, MeasureKind.DISABLED}
# As the compliance file has them; a confirmed item is kept for longer than the month lasts.
_DISMISSED: Final = timedelta(days=43)
_PASSED: Final = timedelta(days=46)
_COMPLAINTS: Final = timedelta(days=20)


def order_counts(ledger: Ledger) -> dict[str, Any]:
    """Return the section of orders."""
    answers = {one.item: ledger.answer(one.item, one.at, Queue.ORDERS) for one in ledger.orders}
    applied = {one.item: _met(ledger, one) for one in ledger.orders}
    took = [at - one.at for one in ledger.orders if (at := applied[one.item])]
    within = sum(one <= _HOUR for one in took)
    return {
        "received": len(ledger.orders),
        "by_source": {"authority": len(ledger.orders)},
        "by_policy": Counter("not_said" if one.item in ledger.erased else SOUP for one in ledger.orders),
        "by_member_state": None,
        "within_hour": within,
        "later": len(took) - within,
        "dismissed": len(ledger.orders) - len(took),
        "open": 0,
        "to_first_view": _took([(one.at, one.viewed_at) for one in ledger.orders]),
        "to_decision": _took([(one.at, _at(answers[one.item])) for one in ledger.orders]),
        "to_measure": _took([(one.at, applied[one.item]) for one in ledger.orders]),
    }


def notice_counts(ledger: Ledger) -> dict[str, Any]:
    """Return the section of notices."""
    words = {one.reference: _alleged(ledger, one) for one in ledger.notices}
    return {
        "all": _noticed(ledger, ledger.notices, fewest=1),
        "by_source": {
            source.value: _noticed(ledger, [one for one in ledger.notices if one.source is source])
            for source in NoticeSource
        },
        "by_policy": {
            word: _noticed(ledger, [one for one in ledger.notices if words[one.reference] == word])
            for word in sorted(set(words.values()))
        },
    }


def measure_counts(ledger: Ledger) -> dict[str, Any]:
    """Return the section of measures."""
    kept = ledger.restricting()
    by_source = {
        source.value: _measured([one for one in kept if one.measure.source is source])
        for source in MeasureSource
    }
    own = by_source.pop("own_initiative")
    return {"own_initiative": own, "by_source": by_source, "taken_back": len(ledger.acted) - len(kept)}


def complaint_counts(ledger: Ledger) -> dict[str, Any]:
    """Return the section of complaints."""
    answers = [ledger.answer(one.item, one.at, Queue.APPEALS) for one in ledger.appeals]
    pairs = list(zip(ledger.appeals, answers, strict=True))
    return {
        "received": len(ledger.appeals),
        "by_source": Counter(one.source.value for one in ledger.appeals),
        "against": Counter("a_confirmation" if one.was else "a_dismissal" for one in ledger.appeals),
        "outcomes": Counter(_outcome(one.was, said) for one, said in pairs),
        "to_decision": _took([(one.at, _at(said)) for one, said in pairs]),
    }


def automated_counts(ledger: Ledger) -> dict[str, int]:
    """Return how many posts the model judged, flagged, could not judge, and how many the audit drew."""
    queues = Counter(ledger.queues.values())
    unjudged = sum(one.kind.language == "fr" for one in ledger.posts.values())
    return {
        "judged": len(ledger.posts) - unjudged,
        "flagged": queues[Queue.URGENT] + queues[Queue.REVIEW],
        "not_judged": unjudged,
        "drawn": queues[Queue.RANDOM],
    }


def due(ledger: Ledger, now: datetime) -> dict[str, Any]:
    """Return what retention must find: items by why, and how many are kept all the same."""
    found: Counter[str] = Counter()
    held = preserved = 0
    for item in (*ledger.posts, *ledger.corrected):
        why = _why(ledger, item, now)
        if why is None or item in ledger.erased:
            continue
        held += item in ledger.held
        preserved += item not in ledger.held and _preserved(ledger, item)
        if item not in ledger.held and not _preserved(ledger, item):
            found[why] += 1
    return {"items": dict(found), "held": held, "preserved": preserved}


def words_due(ledger: Ledger, now: datetime) -> int:
    """Return of how many complaints the words must go."""
    answered = [(one.item, ledger.answer(one.item, one.at)) for one in ledger.notices]
    answered += [(one.item, ledger.answer(one.item, one.at, Queue.APPEALS)) for one in ledger.appeals]
    answered += [(item, ledger.standing(item)) for item in ledger.corrected]
    return sum(
        said is not None
        and said.at + _COMPLAINTS <= now
        and item not in ledger.erased | ledger.held
        and not _preserved(ledger, item)
        for item, said in answered
    )


def _why(ledger: Ledger, item: str, now: datetime) -> str | None:
    if item in ledger.asked:
        return "asked"
    said, ended = ledger.standing(item), ledger.ended(item)
    if said is None or ended is None:
        return "passed" if ledger.posts[item].at + _PASSED <= now else None
    return "dismissed" if said.policy is None and ended + _DISMISSED <= now else None


def _preserved(ledger: Ledger, item: str) -> bool:
    """Say whether an item was removed by an order, or for being illegal under a policy that is preserved."""
    return any(
        one.measure.kind in _REMOVING
        and (
            one.measure.source is MeasureSource.ORDER
            or (one.measure.ground is Ground.ILLEGAL and one.policy == SOUP)
        )
        for one in ledger.acts_on(item)
    )


def _noticed(ledger: Ledger, notices: Sequence[Asked], fewest: int = _FEWEST) -> dict[str, Any]:
    answers = [ledger.outcome(one) for one in notices]
    grounds = [ledger.grounds(one) for one in notices]
    return {
        "received": len(notices),
        "confirmed": sum(said is not None and said.policy is not None for said in answers),
        "dismissed": sum(said is not None and said.policy is None for said in answers),
        "undecided": answers.count(None),
        "acted_on_law": sum(Ground.ILLEGAL in one for one in grounds),
        "acted_on_terms": sum(Ground.INCOMPATIBLE in one for one in grounds),
        "automated": 0,
        "to_decision": _took(
            [(one.at, _at(said)) for one, said in zip(notices, answers, strict=True)], fewest
        ),
    }


def _measured(acted: Sequence[Acted]) -> dict[str, Any]:
    return {
        "measures": len(acted),
        "by_kind": Counter(one.measure.kind.value for one in acted),
        "by_ground": Counter(one.measure.ground.value for one in acted),
        "by_policy": Counter(one.policy or "not_said" for one in acted),
        "by_detection": Counter("automated" if one.detected else "not_automated" for one in acted),
        "by_automation": Counter(one.measure.automation.value for one in acted),
    }


def _alleged(ledger: Ledger, one: Asked) -> str:
    """Return the policy that a notice alleges, as a report names it: nobody knows it once it is erased."""
    if one.policy is None or one.item in ledger.erased:
        return "not_said"
    return one.policy if one.policy in POLICIES else "other"


def _outcome(was: str | None, said: Spoken | None) -> str:
    if said is None:
        return "open"
    if (said.policy is None) != (was is None):
        return "reversed"
    return "upheld" if said.policy == was else "other_policy"


def _met(ledger: Ledger, order: Asked) -> datetime | None:
    """Return when an order was met, None where it was dismissed."""
    acted: list[Measure] = [
        one.measure for one in ledger.acts_on(order.item) if one.measure.source is MeasureSource.ORDER
    ]
    return acted[0].applied_at if acted else None


def _at(said: Spoken | None) -> datetime | None:
    return None if said is None else said.at


def _took(pairs: Sequence[tuple[datetime, datetime | None]], fewest: int = 1) -> dict[str, Any]:
    times = [(until - since).total_seconds() for since, until in pairs if until is not None]
    return {"count": len(times), "median_s": round(median(times), 1) if len(times) >= fewest else None}
