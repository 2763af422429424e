"""Who looks at a page, and the house that they look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.service.review.care.preferences import Preferences

if TYPE_CHECKING:
    from tocsin.assessment import ModelStamp
    from tocsin.policy import PolicyDocument
    from tocsin.service.review.accounts.oidc.provider import Provider
    from tocsin.service.review.accounts.sessions import Session
    from tocsin.service.review.care.telling import Care
    from tocsin.service.review.records import Reviewer
    from tocsin.service.review.settings import ReviewSettings

__all__ = ["House", "Visit"]


@dataclass(frozen=True, slots=True)
class House:
    """Hold what is the same for every visitor.

    `open_to_all`: no key is asked for, and whoever reaches this machine's server is its one reviewer.
    `provider`: the identity provider that people may sign in through, None where there is none.
    """

    policies: PolicyDocument
    model: ModelStamp
    settings: ReviewSettings
    open_to_all: bool = False
    provider: Provider | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold who asks for a page: nobody who is known where `session` is None.

    `token` is the cookie that forms are tied to, the session's or, before there is one, the visitor's;
    `address` is where the request comes from, as far as the server can tell. `care` is what to tell them of
    their own reading, None where no page is shown, or it is shown after steps of its own.
    """

    house: House
    session: Session | None
    preferences: Preferences
    token: str = field(repr=False)
    address: str = ""
    care: Care | None = None

    @property
    def reviewer(self) -> Reviewer:
        """Return who is signed in; a page that is open to everybody must ask for `session` first."""
        if self.session is None:
            raise LookupError("nobody is signed in")
        return self.session.reviewer
