"""A bundle's parts become a folder, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.assessment import Tier
from tocsin.errors import BundleError
from tocsin.models import layout
from tocsin.models.bundle import read_bundle
from tocsin.models.manifest import FORMAT, FileRecord, Manifest

__all__ = ["check_replaceable", "replace_card", "write_bundle"]


def write_bundle(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write `files` and the `manifest` (less its checksums) and check that they can be read back.

    The folder must not exist yet, or be empty, or be a bundle, which is then replaced, with whatever
    else lies in it.
    """
    check_replaceable(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    records = {
        name: FileRecord(sha256=layout.sha256(content), bytes=len(content)) for name, content in files.items()
    }
    whole = Manifest.model_validate({"format": FORMAT, **manifest, "files": records})
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "bundle"
        fresh.mkdir()
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        (fresh / layout.MANIFEST).write_bytes(layout.dump_json(whole.model_dump(mode="json")))
        for tier in whole.tiers:
            read_bundle(fresh, tier=tier)
        _swap(fresh, folder)


def check_replaceable(folder: Path) -> None:
    """Raise BundleError where `folder` holds something other than a bundle."""
    if folder.exists() and not folder.is_dir():
        raise BundleError(f"{folder}: must be a folder, was a file")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / layout.MANIFEST).is_file():
        raise BundleError(f"{folder}: must be empty or a bundle, was neither")


def replace_card(folder: Path, card: str, tier: Tier = Tier.SCREEN) -> None:
    """Put another card of one tier into a bundle; its digest changes with it."""
    read_bundle(folder, tier=tier)  # there must be one
    manifest = read_bundle(folder).manifest
    files = {name: (folder / name).read_bytes() for name in manifest.files}
    rest = manifest.model_dump(mode="json", exclude={"files"})
    write_bundle(folder, rest, {**files, layout.CARDS[tier]: card.encode()})


def _swap(fresh: Path, folder: Path) -> None:
    """Put `fresh` where `folder` is; if that fails, the old one is there as before."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = fresh.parent / "old"
    folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        old.rename(folder)
        raise
