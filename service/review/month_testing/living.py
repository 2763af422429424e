"""Six weeks of a made-up platform, lived day by day through the queue's own functions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tocsin.errors import MalformedRowError
from tocsin.service.review.compliance.testing import kitchen_file
from tocsin.service.review.contract_testing import BY, KEY, FixedClock, recipe
from tocsin.service.review.correction_testing import correction
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake.correcting import take_corrections
from tocsin.service.review.intake.importing import Taken, import_records
from tocsin.service.review.intake.receipt import Receipt
from tocsin.service.review.making import make_desk
from tocsin.service.review.month_testing.acting import Public
from tocsin.service.review.month_testing.ledger import Ledger
from tocsin.service.review.month_testing.platform import (
    ALONE,
    DAYS,
    SOUP,
    Kind,
    MadeUpModel,
    Platform,
    Post,
)
from tocsin.service.review.month_testing.staff import Staff
from tocsin.service.review.records import hold
from tocsin.service.review.settings import review_settings

__all__ = ["LASTS", "Month"]

_SETTLES: Final = 7  # days on which nothing comes, and what is open is done
LASTS: Final = timedelta(days=DAYS + _SETTLES)
"""After how long all of it is done."""

_OFFSIDE: Final = """
[statements.policies.offside]
category = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
facts = "The post was looked at in full. It is offside."
illegal_explanation = "The Soup Act forbids it."
incompatible_explanation = "The kitchen rules ask for fair play."

[statements.without_policy]"""
# Some is due for erasure once all is over, and not so much that a test waits for it.
_CHANGED: Final = {
    "\n[statements.without_policy]": _OFFSIDE,
    "passed_days = 10": "passed_days = 46",
    "dismissed_days = 30": "dismissed_days = 43",
}
_GOLDEN_A_DAY: Final = 2
_ORDERS_ON: Final = range(2, DAYS, 4)  # days
_CORRECTED_ON: Final = 10
_CORRECTIONS: Final = 5
_HELD_ON: Final = 4


class Month:
    """Hold a desk and its clock, the planted platform, and the ledger of what was done.

    The queue lies in `state`, as a server would have it, and `compliance` is the platform's file.
    """

    def __init__(self, platform: Platform, folder: Path, seed: int) -> None:
        self.platform, self.seed = platform, seed
        self.clock, self.ledger = FixedClock(platform.begins), Ledger()
        self.state = folder / "state"
        self.compliance = kitchen_file(folder, _CHANGED)
        self.desk = _desk(self.state, self.compliance, platform, self.clock)
        draw = random.Random(seed)  # noqa: S311 - a made-up platform, no secret
        self._model = MadeUpModel()
        self._staff = Staff(self.desk, self.clock, draw, self.ledger)
        self._public = Public(self.desk, self.clock, draw, self.ledger, platform.begins)

    def live(self) -> None:
        """Let all days pass, and a week in which what is open is settled."""
        for day, posts in enumerate(self.platform.posts(self.seed)):
            self._day(day, posts)
        for day in range(DAYS, DAYS + _SETTLES):
            self._morning(day)
            self._evening(day)
        self.clock.at = self.platform.begins + LASTS

    def _day(self, day: int, posts: Sequence[Post]) -> None:
        self._morning(day)
        self._model.learn(posts)
        for hour in sorted({one.at.hour for one in posts}):
            self._at(day, hour)
            self._post([one for one in posts if one.at.hour == hour])
        self._at(day, 19)
        self._take(self._public.notices(posts))
        self._golden(day)
        if day == _CORRECTED_ON:
            self._correct()
        self._public.erase_some(posts, day)
        if day in _ORDERS_ON and (post := self._public.ordered(posts)) is not None:
            self._take([self._public.order(post)])
            self._public.meet_order(post, self._staff)
        self._evening(day)
        if day == _HELD_ON:
            self._hold()

    def _morning(self, day: int) -> None:
        self._at(day, 5)
        self._public.act(day)
        self._public.object(day)
        self._public.erase_due(day)

    def _evening(self, day: int) -> None:
        self._at(day, 20)
        self._staff.work_off()

    def _at(self, day: int, hour: int) -> None:
        self.clock.at = max(self.clock.at, self.platform.begins + timedelta(days=day, hours=hour))

    def _post(self, posts: Sequence[Post]) -> None:
        for one in posts:
            self.ledger.posts[one.id] = one
            self._staff.learn(one.id, one.kind)
        for taken in self._take([one.record() for one in posts]):
            self.ledger.queues[taken.id] = taken.queue
        self._public.demote_by_itself(posts)

    def _golden(self, day: int) -> None:
        """Hand in golden items in turn: of what breaks a policy and of what breaks none."""
        records = []
        for place in range(_GOLDEN_A_DAY):
            number = day * _GOLDEN_A_DAY + place
            policy = SOUP if number % 2 else None
            name = f"golden-{self.seed}-{number}"
            self.ledger.golden.append((policy, name))
            self._staff.learn(name, Kind("en", "kitchen", policy))
            text = recipe(900_000 + number, 12)
            records.append({"id": name, "text": text, "language": "en", "expected": {"policy": policy}})
        self._take(records)

    def _correct(self) -> None:
        lines = [correction(900 + number) for number in range(_CORRECTIONS)]
        taken = take_corrections(self.desk, self._model, "box", enumerate(lines, 1))
        for one in _sound(taken):
            self._staff.learn(one.id, ALONE)
            self.ledger.corrected.append(one.id)

    def _hold(self) -> None:
        """Have the lead hold an item that was dismissed, for a court."""
        dismissed = (
            item
            for item in self.ledger.posts
            if (said := self.ledger.standing(item)) is not None
            and said.policy is None
            and item not in self.ledger.erased
        )
        held = next(dismissed)
        self.desk.write(hold, self._staff.lead, held, "the kitchen court")
        self.ledger.held.add(held)

    def _take(self, records: Iterable[Mapping[str, Any]]) -> list[Receipt]:
        return _sound(import_records(self.desk, self._model, "posts", enumerate(records, 1), BY))


def _sound(taken: Iterable[Taken]) -> list[Receipt]:
    """Return receipts; raise what was wrong with a row that is malformed."""
    found = []
    for one in taken:
        if isinstance(one, MalformedRowError):
            raise one
        found.append(one)
    return found


def _desk(state: Path, compliance: Path, platform: Platform, clock: FixedClock) -> Desk:
    state.mkdir(mode=0o700)
    key = state / "log.key"
    key.touch(mode=0o600)
    key.write_text(KEY.secret.hex() + "\n", encoding="ascii")  # draws hang on it
    settings = review_settings(
        audit_share=platform.audit, double_share=platform.double, compliance=compliance
    )
    return make_desk(settings, state, clock=clock)
