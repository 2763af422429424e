"""What a request to the console brings: parts of its path, its query, its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from tocsin.service.api.console.cookies import read_cookies
from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from tocsin.service.api.call import Call

__all__ = ["Asked", "read_asked"]

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_BYTES: Final = 262_144
_MOST_FIELDS: Final = 1_000
_DIGITS: Final = 18  # what a database's numbers hold

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what a request brings; `onward` is the page that was asked for, with its query."""

    parts: Mapping[str, str] = field(default_factory=dict)
    pairs: Pairs = ()
    fields: Pairs = field(default=(), repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    onward: str = "/review"

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query; of what comes twice, the last."""
        return dict(self.pairs)

    @property
    def form(self) -> Mapping[str, str]:
        """Return the form's fields; of what comes twice, the last."""
        return dict(self.fields)

    def form_list(self, name: str) -> list[str]:
        """Return every value of a field, in order."""
        return [value for key, value in self.fields if key == name]

    def number(self, name: str) -> int:
        """Return a part of the path as a number; raise Refusal where it is none."""
        return _number(name, self.parts[name])

    def form_number(self, name: str) -> int:
        """Return a field as a number; raise Refusal where it is none or missing."""
        return _number(name, self.form.get(name, ""))


def _number(name: str, given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
        raise Refusal(Why.UNKNOWN, f"a {name} must be a number")
    return int(given)


async def read_asked(call: Call) -> Asked:
    """Return what a request brings; raise Refusal where its form or query is none."""
    request = call.request
    fields: Pairs = ()
    if request.method == "POST":
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != _FORM:
            raise Refusal(Why.BAD_REQUEST, f"a form must come as {_FORM}")
        body = await call.body()
        if len(body) > _MOST_BYTES:
            raise Refusal(Why.BODY_TOO_LARGE, f"a form must be at most {_MOST_BYTES:,} bytes long")
        fields = _pairs(body)
    query = bytes(request.scope.get("query_string", b""))
    path = request.scope["path"] if request.method == "GET" else "/review"
    onward = path + (f"?{query.decode('ascii', 'replace')}" if query and request.method == "GET" else "")
    return Asked(request.path_params, _pairs(query), fields, read_cookies(request), onward)


def _pairs(encoded: bytes) -> Pairs:
    try:
        found = parse_qsl(
            encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        found = [("\0", "")]
    if any("\0" in name or "\0" in value for name, value in found):  # what PostgreSQL cannot hold
        raise Refusal(
            Why.BAD_REQUEST, f"a form must be text in UTF-8, and have at most {_MOST_FIELDS:,} fields"
        )
    return found
