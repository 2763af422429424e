"""One option for each setting of the server, made from the settings themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin

import typer

from tocsin.service.api.settings import ServeSettings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["Plain", "setting_parameters"]

Plain: TypeAlias = str | int | float | bool | Path

_UNIONS: Final = (Union, UnionType)
_PLAIN: Final = (str, int, float, bool, Path)
_LISTED: Final = {tuple: "NAME,NAME", dict: "NAME=SIGNAL,NAME=SIGNAL"}


def setting_parameters() -> Iterator[inspect.Parameter]:
    """Yield a keyword parameter for each setting: None where its option was not given."""
    for name, field in ServeSettings.model_fields.items():
        kind, details = _kind(field)
        rules: dict[str, Any] = {**_bounds(field), **details}
        option = typer.Option(
            _flags(name, kind), help=field.description, show_default=_shown_default(field), **rules
        )
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
        )


def _kind(field: FieldInfo) -> tuple[Any, dict[str, Any]]:
    """Return the type of an option for a setting, and what else its option must know."""
    wanted = field.annotation
    if get_origin(wanted) in _UNIONS:
        (wanted,) = (one for one in get_args(wanted) if one is not NoneType)
    if get_origin(wanted) is Literal:
        return wanted, {}
    origin: Any = get_origin(wanted)
    if origin in _LISTED:
        return str, {"metavar": _LISTED[origin]}
    if wanted not in _PLAIN:
        raise TypeError(f"a setting must be of a type that an option can have, was {wanted}")
    return wanted, {}


def _flags(name: str, kind: type[Plain]) -> str:
    flag = name.replace("_", "-")
    return f"--{flag}/--no-{flag}" if kind is bool else f"--{flag}"


def _bounds(field: FieldInfo) -> dict[str, Any]:
    found = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "le") if hasattr(rule, name)
    }
    return {option: found[name] for option, name in (("min", "ge"), ("max", "le")) if name in found}


def _shown_default(field: FieldInfo) -> str | bool:
    """Return the default as the help shows it: the option's own is that it was not given."""
    given = field.get_default()
    if given is None or given in ((), {}):
        return False
    if isinstance(given, bool):
        return "on" if given else "off"
    return ",".join(given) if isinstance(given, tuple) else str(given)
