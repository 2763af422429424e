"""What tests of the item page start from: a desk whose time stands still, and scores of one's choosing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from tocsin.assessment import Assessment, Level, PolicyResult, Reason, Span, Status, Tier
from tocsin.models import Scorer
from tocsin.service.api.app import App
from tocsin.service.api.console.testing import Browser
from tocsin.service.api.review.testing import ring
from tocsin.service.api.testing import make_app
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.contract_testing import FixedClock, desk_over, handed_in
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Judged, Submission
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.signals import Signal

__all__ = ["Elements", "Kitchen", "claim_of", "elements"]

_CLAIM: Final = re.compile(r'name="claim" value="([^"]+)"')


class Kitchen:
    """Hold an app over a database, and hand items in with made-up scores.

    The database is a new one in `folder`, or the one at `url`, which has its tables and the key of tests.
    """

    def __init__(self, folder: Path, scorer: Scorer, url: str | None = None, **settings: Any) -> None:
        self.clock = FixedClock()
        self.scorer = scorer
        policies = frozenset(policy.name for policy in scorer.policy.policies)
        if url is None:
            given = review_settings(**{"audit_share": 0.0, **settings})
            put_tables(folder)
            desk = make_desk(given, folder, policies=policies, clock=self.clock)
        else:
            desk = desk_over(url, clock=self.clock, policies=policies, **settings)
        self.office = Office(desk)

    @property
    def desk(self) -> Desk:
        """Return the desk."""
        return self.office.desk

    def app(self) -> App:
        """Return the app; it closes the desk when it ends."""
        return make_app(self.scorer, keys=ring({}), review=self.office)

    def hand_in(
        self,
        item: str,
        text: str,
        level: Level = Level.URGENT,
        *,
        spans: Sequence[Span] = (),
        unscorable: Reason | None = None,
        **told: Any,
    ) -> None:
        """Hand a text in, of which the model finds this level under the first policy."""
        judged = unscorable is None
        assessment = Assessment(
            id=item,
            status=Status.SCORED if judged else Status.UNSCORABLE,
            reason=unscorable,
            language="en" if judged else "und",
            signals=dict.fromkeys(Signal, 0.5 if judged else None),
            policies=tuple(
                PolicyResult(
                    policy.name,
                    (0.731 if place == 0 else 0.012) if judged else None,
                    (level if place == 0 else Level.NONE) if judged else None,
                    certified=judged,
                )
                for place, policy in enumerate(self.scorer.policy.policies)
            ),
            priority=0.7 if judged else None,
            tier=Tier.SCREEN if judged else None,
            spans=tuple(spans),
            model=self.scorer.model,
            policy=self.scorer.policy.stamp,
        )
        handed_in(self.desk, Judged(Submission(item, text, **told), assessment))


def claim_of(browser: Browser) -> str:
    """Return the token of the claim that the last page shows."""
    found = _CLAIM.search(browser.page.text)
    if found is None:
        raise AssertionError("the page must show a claim, it shows none")
    return found[1]


class Elements(HTMLParser):
    """Read a page: every element with its attributes, and the text of those with an id or a class."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[str, Mapping[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[tuple[str, int, Mapping[str, str | None]]] = []
        self._texts: list[tuple[str, Mapping[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.all.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self._open.append((tag, len(self.words), dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note what an element held."""
        while self._open:
            name, begun, attrs = self._open.pop()
            self._texts.append((name, attrs, "".join(self.words[begun:])))
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.words.append(data)

    def named(self, tag: str) -> list[Mapping[str, str | None]]:
        """Return the attributes of every element of a kind."""
        return [attrs for name, attrs in self.all if name == tag]

    def text_of(self, tag: str, **attributes: str) -> list[str]:
        """Return what elements with these attributes hold, a class being one among others."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            text
            for name, attrs, text in self._texts
            if name == tag
            and all(
                value in (attrs.get(key) or "").split() if key == "class" else attrs.get(key) == value
                for key, value in wanted.items()
            )
        ]


def elements(page: str) -> Elements:
    """Return what a page is made of."""
    reader = Elements()
    reader.feed(page)
    reader.close()
    return reader
