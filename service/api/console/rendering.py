"""Pages as HTML: templates that escape whatever they show, under a policy that runs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from tocsin.service.api.console.guard import FORM_FIELD
from tocsin.service.api.console.messages import MESSAGES
from tocsin.service.api.console.static_files import STATIC
from tocsin.service.review.accounts.sessions import form_token
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from starlette.responses import Response

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit

__all__ = ["HEADERS", "duration", "render", "render_error"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, browsers send forms from an origin "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cache-Control": "no-store",
}
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))


def render(
    template: str, visit: Visit, asked: Asked, now: datetime, values: Mapping[str, Any], status: int = 200
) -> Response:
    """Return a page for `visit`; every value is escaped."""
    told = {
        "visit": visit,
        "me": None if visit.session is None or not visit.session.whole else visit.session.reviewer,
        "preferences": visit.preferences,
        "house": visit.house,
        "form_token": form_token(visit.token),
        "form_field": FORM_FIELD,
        "now": now,
        "page": asked.onward.partition("?")[0],
        "said": MESSAGES.get(asked.query.get("said", "")),
        "Role": Role,
        **values,
    }
    return HTMLResponse(_environment().get_template(template).render(told), status, headers=HEADERS)


def render_error(status: int, message: str, headers: Mapping[str, str]) -> Response:
    """Return the page that says what is wrong, to whomever: it tells nothing of the house."""
    page = _environment().get_template("error.html").render(status=status, message=message)
    return HTMLResponse(page, status, headers={**HEADERS, **headers})


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = STATIC.address
    made.filters["duration"] = duration
    made.filters["iso"] = _iso
    made.filters["clock"] = _clock
    return made


def duration(given: timedelta | float) -> str:
    """Return a time span in its two largest units, as people say it; under a minute in seconds."""
    seconds = abs(given.total_seconds() if isinstance(given, timedelta) else given)
    for place, (unit, length) in enumerate(_UNITS):
        if seconds >= length:
            count = int(seconds // length)
            rest = int(seconds % length // _UNITS[place + 1][1]) if place + 1 < len(_UNITS) else 0
            return f"{count} {unit}" + (f" {rest} {_UNITS[place + 1][0]}" if rest else "")
    return f"{int(seconds)} s"


def _iso(moment: datetime) -> str:
    """Return a moment as machines read it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _clock(moment: datetime) -> str:
    """Return a moment as people read it, in UTC; the page's script says it in their own time."""
    return moment.astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")
