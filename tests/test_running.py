"""What no run of the tests may leave out, alone or shared among processes."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

RULES = Path(__file__).parents[1] / "conftest.py"
ALONE: tuple[str, ...] = ()
SHARED = ("-p", "xdist", "-n2", "--dist=loadfile", "--no-loadscope-reorder", "--max-worker-restart=0")
BOTH = pytest.mark.parametrize("how", [ALONE, SHARED], ids=["one-process", "two-processes"])
SKIPPED = "import pytest\n\ndef test_a(): pass\n\ndef test_b(): pytest.skip('no oven')\n"
SKIPPED_WHOLE = "import pytest\n\npytest.skip('no oven', allow_module_level=True)\n"
PASSES = "def test_c(): pass\n\ndef test_d(): pass\n"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return what runs tests by our rules, in a folder of its own."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others take seconds to load
    monkeypatch.setenv("CI", "true")
    pytester.makeconftest(RULES.read_text(encoding="utf-8"))
    return pytester


@BOTH
@pytest.mark.parametrize("module", [SKIPPED, SKIPPED_WHOLE], ids=["a-test", "a-module"])
def test_what_is_skipped_fails_a_run_in_ci_and_there_alone(
    run: pytest.Pytester, how: tuple[str, ...], module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.makepyfile(test_one=module, test_two=PASSES)
    in_ci = run.runpytest_subprocess(*how)
    monkeypatch.setenv("CI", "false")
    elsewhere = run.runpytest_subprocess(*how)

    assert (in_ci.ret, elsewhere.ret) == (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.OK)
    in_ci.stdout.fnmatch_lines(["*no test may be skipped in CI, 1 were*"])


@BOTH
def test_what_runs_whole_passes(run: pytest.Pytester, how: tuple[str, ...]) -> None:
    run.makepyfile(test_two=PASSES)
    assert run.runpytest_subprocess(*how).ret == pytest.ExitCode.OK
    assert run.runpytest_subprocess("--collect-only", *how).ret == pytest.ExitCode.OK
    assert run.runpytest_subprocess("-k", "test_c", *how).ret == pytest.ExitCode.OK


@BOTH
def test_a_test_that_nobody_heard_of_again_fails_a_run(run: pytest.Pytester, how: tuple[str, ...]) -> None:
    run.makepyfile(test_two=PASSES)
    dropped = (
        "import pytest\n\ndef pytest_runtest_protocol(item):\n    return item.name == 'test_d' or None\n"
    )
    run.makepyfile(dropping=dropped)
    found = run.runpytest_subprocess("-p", "dropping", *how)

    assert found.ret == pytest.ExitCode.TESTS_FAILED
    found.stdout.fnmatch_lines(["*each of 2 tests must have run, 1 did not*"])


@pytest.mark.parametrize(
    "module",
    [
        "import os\n\ndef test_a(): os._exit(3)\n",
        """
        import os
        import pytest

        @pytest.fixture(scope="session")
        def oven():
            yield
            os._exit(0)

        def test_a(oven): pass
        """,
    ],
    ids=["in-a-test", "while-it-tears-down"],
)
def test_a_process_that_dies_fails_a_run(run: pytest.Pytester, module: str) -> None:
    run.makepyfile(test_one=module, test_two=PASSES)

    assert run.runpytest_subprocess(*SHARED).ret == pytest.ExitCode.TESTS_FAILED


def test_modules_that_share_the_real_corpora_go_first_and_to_one_process(run: pytest.Pytester) -> None:
    using = """
        import pathlib
        import pytest

        @pytest.fixture(scope="session")
        def real_build(worker_id):
            return worker_id

        def test_it(real_build):
            with pathlib.Path("built").open("a") as file:
                file.write(real_build + chr(10))
        """
    folder = run.mkpydir("tests")
    for name in ("test_shipped_encoder", "test_shipped_bundle"):
        (folder / f"{name}.py").write_text(
            run.makepyfile(using).read_text(encoding="utf-8"), encoding="utf-8"
        )
    for number in range(4):
        (folder / f"test_a{number}.py").write_text(PASSES, encoding="utf-8")
    found = run.runpytest_subprocess("tests", *SHARED)
    listed = run.runpytest_subprocess("tests", "--collect-only", "-q").outlines

    assert found.ret == pytest.ExitCode.OK
    assert len(set((run.path / "built").read_text(encoding="utf-8").split())) == 1
    assert [line.partition("::")[0] for line in listed[:2]] == [
        "tests/test_shipped_encoder.py",
        "tests/test_shipped_bundle.py",
    ]


def test_a_module_that_uses_the_real_corpora_must_be_named(run: pytest.Pytester) -> None:
    run.makepyfile(
        test_new="import pytest\n\n@pytest.fixture\ndef real_build(): pass\n\ndef test_a(real_build): pass\n"
    )
    found = run.runpytest_subprocess()

    assert found.ret == pytest.ExitCode.USAGE_ERROR
    found.stderr.fnmatch_lines(["*modules that use real_build must stand in conftest.py: test_new.py*"])
