"""Those who review: added, invited, given another role, taken off; for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.trying import UNFIT
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.administration import Invited, add_by_invitation, list_accounts, reset
from tocsin.service.review.accounts.invitation import LASTS, invite, path_of
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import Actor
from tocsin.service.review.records.reviewers import change_reviewer, find_reviewer
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context

__all__ = ["ADMIN_PAGES"]

_HERE: Final = "/review/admin"
_ONE: Final = "/review/admin/reviewers/{reviewer}"
_ACTIVE: Final = {"yes": True, "no": False}


def _list(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del visit, asked
    return Shown("admin.html", _listed(tx, context))


def _add(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    by, name = _admin(visit), asked.form.get("name", "")
    try:
        made = add_by_invitation(tx, context, name, _role(asked), by=by)
    except (InputError, ConflictError) as error:
        told = {"fault": str(error), "name": name, "page": _HERE}
        return Shown("admin.html", {**_listed(tx, context), **told}, UNFIT)
    return _link(visit, made)


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del context, visit
    reviewer = find_reviewer(tx, asked.number("reviewer"))
    account = account_of(tx, reviewer.number)
    return Shown("admin_reviewer.html", {"reviewer": reviewer, "account": account, "page": _HERE})


def _give_role(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    number = asked.number("reviewer")
    change_reviewer(tx, context, number, role=_role(asked), by=_admin(visit))
    return _back(visit, number)


def _put_on_or_off(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    number, active = asked.number("reviewer"), _ACTIVE.get(asked.form.get("active", ""))
    if active is None:
        raise Refusal(Why.BAD_REQUEST, f"active must be one of {', '.join(_ACTIVE)}")
    change_reviewer(tx, context, number, active=active, by=_admin(visit))
    return _back(visit, number)


def _invite(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    number = asked.number("reviewer")
    token = invite(tx, context, number, by=_admin(visit))
    return _link(visit, Invited(find_reviewer(tx, number), token))


def _reset(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    codes = asked.form.get("codes") == "yes"
    return _link(visit, reset(tx, context, asked.number("reviewer"), codes=codes, by=_admin(visit)))


def _admin(visit: Visit) -> Actor:
    """Return who does it; raise ConflictError where nobody signs in, so that accounts open nothing."""
    if visit.house.open_to_all:
        raise ConflictError("nobody signs in here: this server answers its own machine alone")
    return Actor.reviewer(visit.reviewer.number)


def _role(asked: Asked) -> Role:
    try:
        return Role.of(asked.form.get("role", ""))
    except ValueError:
        roles = ", ".join(role.word for role in Role)
        raise Refusal(Why.BAD_REQUEST, f"a role must be one of {roles}") from None


def _listed(tx: Connection, context: Context) -> dict[str, Any]:
    return {"listed": list_accounts(tx, context), "fault": None, "name": ""}


def _link(visit: Visit, made: Invited) -> Shown:
    """Return the page with a link that nothing can tell again: so it answers the form itself."""
    base = visit.house.settings.console_url or ""
    values = {
        "invited": made.reviewer,
        "link": f"{base}{path_of(made.token)}",
        "whole": bool(base),
        "lasts": LASTS,
        "page": _HERE,
    }
    return Shown("admin_link.html", values)


def _back(visit: Visit, number: int) -> Onward:
    """Return to the reviewer; who changed what they themselves may, must sign in anew."""
    mine = number == visit.reviewer.number
    return Onward("/review/sign-in" if mine else f"{_HERE}/reviewers/{number}", "reviewer-changed")


ADMIN_PAGES: Final = (
    Page("GET", _HERE, "admin", Role.ADMIN, _list),
    Page("POST", f"{_HERE}/reviewers", "admin-add", Role.ADMIN, _add),
    Page("GET", _ONE, "admin-reviewer", Role.ADMIN, _show),
    Page("POST", f"{_ONE}/role", "admin-role", Role.ADMIN, _give_role),
    Page("POST", f"{_ONE}/active", "admin-active", Role.ADMIN, _put_on_or_off),
    Page("POST", f"{_ONE}/invitation", "admin-invite", Role.ADMIN, _invite),
    Page("POST", f"{_ONE}/reset", "admin-reset", Role.ADMIN, _reset),
)
