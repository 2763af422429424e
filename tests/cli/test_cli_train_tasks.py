"""`tocsin train --task`, from corpora in their native formats to the table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tocsin.cli.train_tasks import run_tasks
from tocsin.errors import CorpusError, InputError, MissingExtraError
from tocsin.training.encoder.testing import tiny_backbone
from tocsin.training.tasks.catalogue import TASKS
from tocsin.training.tasks.testing import WORDS, write_corpora


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Let torch work on one thread: those of a tiny network mostly wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpora(tmp_path_factory.mktemp("corpora"))


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_backbone(tmp_path_factory.mktemp("backbone") / "toy-backbone", WORDS))


def test_every_task_is_measured_and_stands_beside_the_published_figure(
    corpora: Path, backbone: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_tasks(["all"], corpora, tmp_path / "out", backbone, 1, as_json=True)
    told = capsys.readouterr()
    found = json.loads(told.out)

    assert [(one["task"], one["metric"]) for one in found] == [
        (task.name, metric) for task in TASKS.values() for metric in task.metrics
    ]
    for one in found:
        task = TASKS[one["task"]]
        assert one["seeds"] == 1
        assert one["mean"] == one["least"] == one["most"] == one["first"]["value"]
        assert one["first"]["low"] <= one["mean"] <= one["first"]["high"]
        assert (one["published"] or {}).get("value") == (
            task.published.value if one["metric"] == task.metric else None
        )
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}-1.json" for name in TASKS}
    assert [line.split(",")[0] for line in told.err.splitlines()] == list(TASKS)


def test_the_table_names_task_metric_seeds_and_whose_figure_stands_beside(
    corpora: Path,
    backbone: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run_tasks(["edos-a", "stormfront"], corpora, tmp_path, backbone, 2, as_json=False)
    told = capsys.readouterr()

    assert "toy-backbone" in told.out
    (line,) = [line for line in told.out.splitlines() if "edos-a" in line]
    assert "macro-f1" in line
    assert "0.8746 (Kirk et al. 2023, best of SemEval-2023)" in line
    assert [line.split()[:2] for line in told.out.splitlines() if "stormfront" in line] == [
        ["stormfront", "accuracy"],
        ["stormfront", "auroc"],
    ]
    assert [line.partition(":")[0] for line in told.err.splitlines()] == [
        "edos-a, seed 1",
        "edos-a, seed 2",
        "stormfront, seed 1",
        "stormfront, seed 2",
    ]


def test_a_second_run_reads_back_and_prints_the_same(
    corpora: Path, backbone: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_tasks(["edos-b"], corpora, tmp_path, backbone, None, as_json=True)
    first = capsys.readouterr()
    (path,) = tmp_path.iterdir()
    written = path.stat().st_mtime_ns
    run_tasks(["edos-b"], corpora, tmp_path, backbone, None, as_json=True)

    assert capsys.readouterr() == first
    assert path.stat().st_mtime_ns == written


def test_an_unknown_task_is_answered_with_the_known_ones(corpora: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        run_tasks(["stormfront", "baking"], corpora, tmp_path / "out", None, None, as_json=False)
    assert all(name in str(told.value) for name in (*TASKS, "all", "'baking'"))
    assert not (tmp_path / "out").exists()


def test_a_folder_of_corpora_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the folder of the corpora must exist"):
        run_tasks(["stormfront"], tmp_path / "none", tmp_path / "out", None, None, as_json=False)


def test_without_torch_the_command_that_installs_it_is_printed(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("tocsin.training.tasks.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "tocsin.training.encoder.network", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[encoder\]'"):
        run_tasks(["stormfront"], corpora, tmp_path, None, None, as_json=False)
