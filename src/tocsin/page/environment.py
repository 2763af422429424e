"""The templates of a page: its own, and those that all pages share."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from tocsin.page.words import breakable, cleaned, prose

__all__ = ["environment"]


def environment(package: str) -> Environment:
    """Return what renders the templates of a package; whatever they are given is text, and escaped."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates"), PackageLoader(__package__, "templates")]),
        autoescape=True,
        finalize=cleaned,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(breakable=breakable, prose=prose)
    return made
