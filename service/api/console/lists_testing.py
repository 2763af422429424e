"""A house with much to list: for tests and measurements of the pages that list it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, update

from tocsin.service.api.review.testing import ring
from tocsin.service.api.testing import make_app
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.clock import now
from tocsin.service.review.context import Context
from tocsin.service.review.filling_testing import fill, fill_decided, multiply
from tocsin.service.review.log import Actor
from tocsin.service.review.making import bring_up_to_date, open_desk
from tocsin.service.review.office import Office
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, add_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import figures
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.tasks import claim_next

if TYPE_CHECKING:
    from tocsin.models import Scorer
    from tocsin.service.api.app import App
    from tocsin.service.review.desk import Desk

__all__ = ["SEARCHES", "FilledHouse", "forget_figures"]

_COPIES: Final = 50
_QUEUES: Final = (Queue.REVIEW, Queue.URGENT, Queue.NOTICES, Queue.UNSCORABLE, Queue.RANDOM)
_RARE: Final = (Queue.ORDERS, Queue.APPEALS, Queue.GOLDEN)
_RARE_SHARE: Final = 0.02
SEARCHES: Final = {
    "every open task": "",
    "one queue": "?queue=urgent",
    "common, two filters": "?level=review&language=de",
    "rare policy": "?flagged=stew",
    "no match, open": "?language=zz",
    "no match, by community": "?community=no+such+kitchen&late=yes",
    "no match, done": "?state=done&confirmed=stew",
    "no match, all": "?state=any&language=zz",
    "by id": "?state=any&item=filled-17",
    "by the id's beginning": "?state=any&begins=filled-17",
    "decided, by verdict": "?state=done&verdict=confirm",
    "known answers": "?queue=golden",
    "unscorable, by reason": "?reason=too_long",
}
"""Searches as leads ask them, by what they are: frequent, rare, and without a match."""


class FilledHouse:
    """Hold an app over a database that has many tasks, open and decided, and people who look."""

    def __init__(self, folder: Path, scorer: Scorer, url: str, waiting: int, done: int) -> None:
        settings = review_settings(database=url)
        made = open_desk(settings, folder)
        bring_up_to_date(made)
        made.close()
        self.office = Office(make_desk(settings, folder, policies=frozenset({"soup"}), clock=now))
        self._scorer = scorer
        self.lead = self._person("lena", Role.LEAD)
        self.cook = self._person("cook", Role.REVIEWER)
        self._fill(waiting, done)

    @property
    def desk(self) -> Desk:
        """Return the desk."""
        return self.office.desk

    def app(self) -> App:
        """Return the app; it closes the desk when it ends."""
        return make_app(self._scorer, keys=ring({}), review=self.office)

    def _person(self, name: str, role: Role) -> Reviewer:
        return self.desk.write(add_reviewer, name, role, key=None, by=Actor("system"))

    def _fill(self, waiting: int, done: int) -> None:
        rare = max(len(_RARE), round(waiting / _COPIES * _RARE_SHARE))
        fill(self.desk, waiting // _COPIES - rare, _QUEUES, spread=timedelta(days=14))
        fill(self.desk, rare, _RARE, spread=timedelta(days=14))
        cooks = [self._person(f"cook {number}", Role.REVIEWER) for number in range(8)]
        by = [cook.number for cook in cooks]
        fill_decided(self.desk, done // _COPIES, by, _QUEUES, spread=timedelta(days=35))
        multiply(self.desk, _COPIES)
        self.desk.write(_escalate)
        self._claim(cooks)

    def _claim(self, cooks: Sequence[Reviewer]) -> None:
        for cook in (*cooks, self.cook):
            for _ in range(self.desk.context.settings.claims_each):
                self.desk.jot(claim_next, cook)


def _escalate(tx: Connection, context: Context) -> None:
    del context
    tx.execute(
        update(tasks)
        .where(tasks.c.id % 101 == 0, tasks.c.state == "open")
        .values(least_role=int(Role.SENIOR))
    )


def forget_figures(tx: Connection, context: Context) -> None:
    """Forget the figures that were kept: whoever looks next computes them."""
    del context
    tx.execute(delete(figures))
