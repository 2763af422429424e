"""How tests are run: what shares costly work in one process, and what no run may leave out."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Final

import pytest

__all__: list[str] = []

# Modules that use what the real corpora are made into, minutes of work: one process begins with them.
REAL: Final = "real_build"
USERS_OF_REAL: Final = (
    "tests/test_shipped_encoder.py",
    "tests/test_shipped_cascade.py",
    "tests/test_shipped_bundle.py",
    "tests/cli/test_cli_eval_gate.py",
    "tests/core/test_core_text_pieces.py",
    "tests/eval/test_eval_suite_fairness.py",
    "tests/eval/test_eval_suite_functional.py",
    "tests/eval/test_eval_suite_robustness.py",
    "tests/models/test_models_screen.py",
    "tests/training/test_training_splits_corpora.py",
)
OUTCOMES: Final = ("passed", "failed", "skipped", "xfailed", "xpassed")
DIED: Final = pytest.StashKey[str]()

# Some machines keep no compiled modules: then every process that a test starts compiles all of ours again,
# and every queue that is opened its migrations.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure() -> None:
    """Let nothing of the terminal or the shell that starts tests change what they see."""
    for name in ("COLUMNS", "LINES"):  # processes that share the work are given some
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so that tests can interrupt what they start
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it in the end."""
    users = {_module(item.nodeid) for item in items if REAL in getattr(item, "fixturenames", ())}
    if unknown := sorted(users - set(USERS_OF_REAL)):
        raise pytest.UsageError(f"modules that use {REAL} must stand in conftest.py: {', '.join(unknown)}")
    order = {module: place for place, module in enumerate(USERS_OF_REAL)}
    items.sort(key=lambda item: order.get(_module(item.nodeid), len(order)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole modules, those that share the real corpora as one."""
    from xdist.scheduler import LoadFileScheduling  # only there where processes share the work

    if config.getoption("dist") != "loadfile":
        return None

    class Together(LoadFileScheduling):  # type: ignore[misc]  # it has no types
        """Hand out modules to processes as they have time."""

        def _split_scope(self, nodeid: str) -> str:
            module: str = super()._split_scope(nodeid)
            return REAL if module in USERS_OF_REAL else module

    return Together(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Remember that a process died: what it had yet to tear down nobody knows."""
    if error:
        node.config.stash[DIED] = f"process {node.gateway.id} must end by itself: {error}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that lost a test, and in CI one that skipped any: there, all that tests need is at hand."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or session.config.option.collectonly:  # a process that works for another has none
        return
    if os.environ.get("CI") == "true" and (skipped := len(reporter.stats.get("skipped", []))):
        _fail(session, reporter, f"no test may be skipped in CI, {skipped} were")
    if died := session.config.stash.get(DIED, ""):
        _fail(session, reporter, died)
    reports = [report for outcome in OUTCOMES for report in reporter.stats.get(outcome, [])]
    told = {report.nodeid for report in reports if isinstance(report, pytest.TestReport)}  # no module's
    if session.exitstatus == pytest.ExitCode.OK and (lost := session.testscollected - len(told)):
        _fail(session, reporter, f"each of {session.testscollected} tests must have run, {lost} did not")


def _fail(session: pytest.Session, reporter: Any, reason: str) -> None:
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
    reporter.ensure_newline()
    reporter.write_line(reason, red=True)


def _module(nodeid: str) -> str:
    return nodeid.partition("::")[0]
