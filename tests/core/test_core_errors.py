import inspect
import pickle
import re

import pytest

from tocsin import errors
from tocsin.cli.pipe import EXIT_PIPE_CLOSED
from tocsin.cli.scan import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.errors import MalformedRowError, MissingExtraError, PolicyError, TocsinError

WRONG_USAGE = 2  # what Typer itself leaves with
CLASSES = [getattr(errors, name) for name in errors.__all__]


def drawn() -> dict[str, str]:
    """Return each error of the drawing at the top of the module, and the one that it hangs from."""
    above: list[tuple[int, str]] = []
    parents = {}
    for line in inspect.getdoc(errors).splitlines():  # type: ignore[union-attr]
        found = re.search(r"\w+Error", line)
        if found is None:
            continue
        while above and above[-1][0] >= found.start():
            above.pop()
        parents[found[0]] = above[-1][1] if above else "Exception"
        above.append((found.start(), found[0]))
    return parents


def test_the_drawing_shows_the_tree_as_it_is() -> None:
    assert drawn() == {error.__name__: error.__base__.__name__ for error in CLASSES}


def test_no_error_is_left_out_of_the_public_names() -> None:
    there = {name for name, kind in vars(errors).items() if inspect.isclass(kind)}

    assert there == set(errors.__all__)


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_an_exit_code_is_a_failure_and_means_nothing_else(error: type[TocsinError]) -> None:
    assert 0 < error.exit_code < 126
    assert error.exit_code not in {WRONG_USAGE, EXIT_REJECTED, EXIT_INTERRUPTED, EXIT_PIPE_CLOSED}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        pytest.param(
            MalformedRowError("posts.csv", 7, "text must be a string, was 5"),
            "posts.csv, row 7: text must be a string, was 5",
            id="one-row",
        ),
        pytest.param(
            MalformedRowError("posts.csv", 7, "quote is never closed", 7),
            "posts.csv, row 7: quote is never closed",
            id="last-row-is-the-first",
        ),
        pytest.param(
            MalformedRowError("<stdin>", 7, "quote is never closed", 12),
            "<stdin>, rows 7 to 12: quote is never closed",
            id="several-rows",
        ),
        pytest.param(
            PolicyError("mine.toml", "prevalence", "must be a number above 0 and below 1, was 2"),
            "mine.toml: prevalence: must be a number above 0 and below 1, was 2",
            id="a-key",
        ),
        pytest.param(
            PolicyError("mine.toml", "", "cannot be read: No such file"),
            "mine.toml: cannot be read: No such file",
            id="the-whole-file",
        ),
        pytest.param(
            MissingExtraError("reading Parquet", "audit"),
            "reading Parquet needs an optional dependency; install it with: pip install 'tocsin[audit]'",
            id="missing-extra",
        ),
    ],
)
def test_a_message_says_where_then_the_rule_then_the_value(error: TocsinError, message: str) -> None:
    assert str(error) == message


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(MalformedRowError("posts.csv", 7, "text must be a string, was 5", 9), id="row"),
        pytest.param(PolicyError("mine.toml", "version", "must be given, was missing"), id="policy"),
        pytest.param(MissingExtraError("training", "train"), id="extra"),
        pytest.param(errors.LimitError("a file must have at most 5 bytes, was 6"), id="plain"),
    ],
)
def test_an_error_crosses_to_another_process_whole(error: TocsinError) -> None:
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)
