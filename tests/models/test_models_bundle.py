from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from tocsin.errors import BundleError
from tocsin.models import DEFAULT_BUNDLE, read_bundle
from tocsin.models.layout import dump_json
from tocsin.models.writing import replace_card, write_bundle

Harm = Callable[[Path], object]
SCREEN = "screen.safetensors"
REFERENCE = "reference.safetensors"


@pytest.fixture
def bundle(toy_bundle: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may harm."""
    return Path(shutil.copytree(toy_bundle, tmp_path / "bundle"))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest in place."""
    path = folder / "bundle.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def swap(folder: Path, name: str, content: bytes) -> None:
    """Put other content under `name`, with a checksum that fits it."""
    (folder / name).write_bytes(content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    edit(folder, lambda manifest: manifest["files"].update({name: record}))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def link(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    (folder / name).symlink_to(folder.parent / name)


HARMS: list[tuple[str, Harm, str]] = [
    ("no manifest", lambda b: (b / "bundle.json").unlink(), "bundle.json: must be a plain file, was missing"),
    ("not JSON", lambda b: (b / "bundle.json").write_text("soup"), "bundle.json"),
    ("a newer format", lambda b: edit(b, lambda m: m.update(format=3)), "format must be 2, was 3"),
    ("an unknown key", lambda b: edit(b, lambda m: m.update(soup=1)), "bundle.json: soup"),
    ("an unknown signal", lambda b: edit(b, lambda m: m["signals"].update(soup={})), "bundle.json: signals"),
    ("an unknown recipe", lambda b: edit(b, lambda m: m.update(recipe="soup")), "bundle.json: recipe"),
    ("a changed weight", lambda b: flip(b / SCREEN), f"{SCREEN}: checksum must be"),
    ("a changed card", lambda b: flip(b / "card.md"), "card.md: checksum must be"),
    ("a missing file", lambda b: (b / "calibration.json").unlink(), "calibration.json: must be a plain file"),
    ("a longer file", lambda b: (b / "card.md").write_bytes(b" " * 99_999), "card.md: must be at most"),
    ("a link", lambda b: link(b, SCREEN), f"{SCREEN}: must be a plain file, was a link"),
    ("a linked manifest", lambda b: link(b, "bundle.json"), "bundle.json: must be a plain file, was a link"),
    ("a path for a name", lambda b: edit(b, lambda m: m["files"].update({"../x": {}})), "bundle.json: files"),
    ("a file not listed", lambda b: edit(b, lambda m: m["files"].pop("card.md")), "card.md must be listed"),
    ("no tensors", lambda b: swap(b, SCREEN, b"soup"), f"{SCREEN}: must be a safetensors"),
    ("other tensors", lambda b: swap(b, SCREEN, (b / REFERENCE).read_bytes()), "tensor table is missing"),
    ("fewer buckets", lambda b: edit(b, lambda m: m["features"].update(bits=11)), "table must be int16"),
    ("no calibration", lambda b: swap(b, "calibration.json", b'{"signals": {}}'), "calibrated in en"),
    ("no format", lambda b: edit(b, lambda m: m.pop("format")), "bundle.json: format"),
    ("a format that is no number", lambda b: edit(b, lambda m: m.update(format=True)), "bundle.json: format"),
    ("a boundless file", lambda b: edit(b, lambda m: m["files"][SCREEN].update(bytes=10**30)), "json: files"),
    ("a tensor without rows", lambda b: swap(b, REFERENCE, tensors(np.float32(1))), "scores.en must be"),
    ("scores above 1", lambda b: swap(b, REFERENCE, tensors(np.full((2, 3), 7.0))), "between 0 and 1"),
    ("a falling slope", lambda b: swap(b, "calibration.json", falling(b)), "calibration.json"),
]  # fmt: skip


def tensors(scores: object) -> bytes:
    """Return reference rows with the given scores."""
    values = np.asarray(scores, np.float32)
    return save({"scores.en": values, "labels.en": np.zeros(values.shape, np.int8)})


def falling(folder: Path) -> bytes:
    """Return a calibration under which a higher margin means a lower probability."""
    document = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    document["signals"]["hate"]["en"]["slope"] = -1.0
    return json.dumps(document).encode()


@pytest.mark.parametrize(("harm", "message"), [pytest.param(*rest, id=name) for name, *rest in HARMS])
def test_a_harmed_bundle_is_refused_by_the_name_of_the_file(bundle: Path, harm: Harm, message: str) -> None:
    harm(bundle)

    with pytest.raises(BundleError) as refused:
        read_bundle(bundle)

    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("bias", np.nan, "tensor bias must be finite", id="no number"),
        pytest.param("scale", np.inf, "tensor scale must be finite", id="without bound"),
        pytest.param("scale", -1.0, "tensor scale must be above 0", id="a signal turned about"),
    ],
)
def test_weights_that_cannot_be_are_refused(bundle: Path, name: str, value: float, message: str) -> None:
    weights = load((bundle / SCREEN).read_bytes())
    weights[name][-1] = value
    swap(bundle, SCREEN, save(weights))

    with pytest.raises(BundleError, match=message):
        read_bundle(bundle)


def test_a_bundle_is_pinned_by_its_digest(bundle: Path) -> None:
    digest = read_bundle(bundle).digest

    assert digest == "sha256:" + hashlib.sha256((bundle / "bundle.json").read_bytes()).hexdigest()
    assert read_bundle(bundle, digest.upper().replace("SHA256", "sha256")).digest == digest
    with pytest.raises(BundleError, match="digest must be sha256:0"):
        read_bundle(bundle, "sha256:" + "0" * 64)


def test_another_card_changes_the_digest_and_nothing_else(bundle: Path) -> None:
    before = read_bundle(bundle)
    replace_card(bundle, "# Another card\n")
    after = read_bundle(bundle)

    assert (bundle / "card.md").read_text(encoding="utf-8") == "# Another card\n"
    assert after.digest != before.digest
    np.testing.assert_array_equal(after.screen.table, before.screen.table)
    assert after.manifest.model_copy(update={"files": {}}) == before.manifest.model_copy(update={"files": {}})


def test_a_bundle_never_replaces_a_folder_of_something_else(toy_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "recipes.txt").write_text("soup", encoding="utf-8")
    manifest = read_bundle(toy_bundle).manifest.model_dump(mode="json", exclude={"files"})

    with pytest.raises(BundleError, match="must be empty or a bundle"):
        write_bundle(tmp_path, manifest, {})

    assert (tmp_path / "recipes.txt").read_text(encoding="utf-8") == "soup"


def test_a_bundle_that_cannot_be_read_back_is_never_put_in_place(bundle: Path) -> None:
    digest = read_bundle(bundle).digest
    manifest = read_bundle(bundle).manifest
    files = {name: (bundle / name).read_bytes() for name in manifest.files} | {"screen.safetensors": b"soup"}

    with pytest.raises(BundleError):
        write_bundle(bundle, manifest.model_dump(mode="json", exclude={"files"}), files)

    assert read_bundle(bundle).digest == digest
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_a_bundle_that_cannot_be_replaced_stays_as_it_was(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = read_bundle(bundle).digest
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if path.name == "bundle" and path.parent != bundle.parent:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        replace_card(bundle, "# Another card\n")

    assert read_bundle(bundle).digest == digest


def test_a_written_document_is_the_same_for_the_same_content() -> None:
    assert dump_json({"b": 1, "a": [1, 2]}) == dump_json({"b": 1, "a": [1, 2]})


def test_the_shipped_bundle_holds_no_pickle_and_is_at_most_30_megabytes() -> None:
    files = sorted(path for path in DEFAULT_BUNDLE.iterdir())

    assert {path.suffix for path in files} == {".json", ".md", ".onnx", ".safetensors"}
    assert sum(path.stat().st_size for path in files) <= 30_000_000
    assert {path.name for path in files} == {"bundle.json", *read_bundle(DEFAULT_BUNDLE).manifest.files}
