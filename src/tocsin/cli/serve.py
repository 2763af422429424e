"""`tocsin serve`: the scoring service, until it is told to stop."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.extras import needs
from tocsin.cli.serve_options import setting_parameters
from tocsin.service.api.settings import serve_settings

__all__ = ["ConfigOption", "serve"]

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="TOML file of settings; a variable or an option wins over it.",
        show_default=False,
    ),
]


def serve(config: ConfigOption = None, **flags: Any) -> None:
    """Serve scores over HTTP, to clients that have a key, until told to stop.

    Every option is also a variable, TOCSIN_SERVE_ before its name, and a line of the file of settings.
    SIGTERM or Ctrl-C stops it: what was accepted is finished, new connections are refused.
    """
    settings = serve_settings(config, **flags)
    with needs("service", "tocsin serve"):
        from tocsin.service.serving import run
    run(settings, lambda line: typer.echo(f"tocsin: {line}", err=True))


def _with_settings(command: Callable[..., None]) -> None:
    """Give a command the parameters that its `flags` may hold; Typer reads both places."""
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    parameters = [*own, *setting_parameters()]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}


_with_settings(serve)
