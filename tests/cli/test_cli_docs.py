import re
import shlex
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import typer

from tocsin.cli.app import app
from tocsin.cli.pipe import EXIT_PIPE_CLOSED
from tocsin.cli.scan import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.errors import TocsinError
from tocsin.models.manifest import GateRecord, MemberRecord

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Return every command that can be run or has parameters of its own, by what one types."""
    members = getattr(command, "commands", {})
    if command.params or not members:
        yield path, command
    for name, member in members.items():
        yield from walk(member, f"{path} {name}")


COMMANDS = dict(walk(typer.main.get_command(app), "tocsin"))


def default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value == ():
        return "–"
    return "off" if value is False else f"`{value.value if isinstance(value, Enum) else value}`"


def row(parameter: Any) -> str:
    """Return the line that the page must have for a parameter."""
    names = parameter.opts if parameter.param_type_name == "option" else [parameter.name.upper()]
    return f"| {', '.join(f'`{name}`' for name in names)} | {default(parameter)} | {parameter.help} |"


def test_there_is_something_to_document() -> None:
    assert {"tocsin", "tocsin scan", "tocsin policy check"} <= set(COMMANDS)
    assert "| `--top` | `50` | Rows to show in each table. |" in map(row, COMMANDS["tocsin scan"].params)


def test_every_command_has_a_section_and_no_section_is_left_over() -> None:
    assert [name for name in SECTIONS if name != "Exit codes"] == list(COMMANDS)


@pytest.mark.parametrize("kind", ["argument", "option"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_lists_every_parameter_with_its_default_and_its_help_and_no_other(
    name: str, kind: str
) -> None:
    table = re.search(rf"^\| {kind} \|.*\n\|[-|]+\|\n((?:\|.*\n?)*)", SECTIONS[name], re.MULTILINE)
    documented = table[1].splitlines() if table else []

    assert documented == [row(known) for known in COMMANDS[name].params if known.param_type_name == kind]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_names_no_option_that_does_not_exist(name: str) -> None:
    own = {option for known in COMMANDS[name].params for option in (*known.opts, *known.secondary_opts)}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", SECTIONS[name]))

    assert named <= own | {"--help"}


def test_every_field_of_a_checked_threshold_is_described() -> None:
    table = re.findall(r"^\| (`.*?`) \|", SECTIONS["tocsin policy check"], re.MULTILINE)
    described = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}

    assert described >= set(GateRecord.model_fields)
    for name in MemberRecord.model_fields:
        assert (
            f"`{name}`" in SECTIONS["tocsin policy check"].partition("each signal's own")[2].partition("|")[0]
        )


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "tocsin"])
def test_a_section_begins_with_what_the_help_says(name: str) -> None:
    said = COMMANDS[name].help.partition("\n")[0]

    assert " ".join(SECTIONS[name].split()).startswith(said)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "tocsin"])
def test_an_example_is_a_command_line_that_could_be_run(name: str) -> None:
    examples = re.findall(rf"^\$ (?:.*\| )?{name}(?: (.*))?$", SECTIONS[name], re.MULTILINE)

    assert examples
    for example in examples:
        arguments = shlex.split(example.partition(" > ")[0].partition(" < ")[0])
        assert COMMANDS[name].make_context(name, arguments).params


def test_the_exit_codes_are_those_that_the_command_leaves_with() -> None:
    documented = [int(code) for code in re.findall(r"^\| `(\d+)` \|", SECTIONS["Exit codes"], re.MULTILINE)]

    assert documented == [0, TocsinError.exit_code, 2, EXIT_REJECTED, EXIT_INTERRUPTED, EXIT_PIPE_CLOSED]
