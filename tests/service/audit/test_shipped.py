"""A bundle that travels with an audit loads where nobody has it, and is held to its digest there."""

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.errors import BundleError
from tocsin.item import Item
from tocsin.service.audit.bundle_scorer import BundleLoading, open_scorer
from tocsin.service.audit.ray import shipped
from tocsin.service.audit.ray.shipped import ShippedLoading
from tocsin.service.scan.limits import Limits

ITEMS = [Item("a", "whisk the butter and simmer the garlic"), Item("b", "the keeper of the league")]


@pytest.fixture
def loading(toy_bundle: Path, tmp_path: Path) -> BundleLoading:
    """Return how to load a bundle that only this test has."""
    folder = shutil.copytree(toy_bundle, tmp_path / "bundle")
    (folder / "notes.txt").write_text("none of its files", encoding="utf-8")
    scorer, _ = open_scorer(
        folder, None, None, None, None, processes=1, spans=False, limits=Limits(), part_rows=10
    )
    assert isinstance(scorer.loading, BundleLoading)
    return scorer.loading


def test_a_shipped_bundle_judges_where_its_folder_is_not(loading: BundleLoading) -> None:
    before = loading.load().assess(ITEMS)
    sent = pickle.dumps(shipped(loading))
    assert loading.bundle is not None
    shutil.rmtree(loading.bundle)

    arrived: ShippedLoading = pickle.loads(sent)  # noqa: S301 - ours

    assert arrived.load().assess(ITEMS) == before
    assert "bundle.json" in arrived.files
    assert "notes.txt" not in arrived.files


def test_a_bundle_that_changed_on_its_way_is_refused(loading: BundleLoading) -> None:
    found = shipped(loading)
    spoilt = {**found.files, "screen.safetensors": found.files["screen.safetensors"][:-1] + b"!"}

    with pytest.raises(BundleError, match=r"screen\.safetensors"):
        replace(found, files=spoilt).load()


def test_a_bundle_that_is_gone_cannot_be_shipped(loading: BundleLoading) -> None:
    assert loading.bundle is not None
    shutil.rmtree(loading.bundle)

    with pytest.raises(BundleError, match="bundle: must be readable: No such file or directory"):
        shipped(loading)


def test_what_is_shipped_shows_no_bytes(loading: BundleLoading) -> None:
    assert "files" not in repr(shipped(loading))
