"""A bundle that travels with its audit, so that no other machine need have it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.errors import BundleError
from tocsin.models import DEFAULT_BUNDLE
from tocsin.models.layout import MANIFEST
from tocsin.service.audit.bundle_scorer import BundleLoading
from tocsin.service.audit.local_engine import cores
from tocsin.settings import settings

if TYPE_CHECKING:
    from tocsin.service.scan.assessor import Assessor

__all__ = ["ShippedLoading", "shipped"]


@dataclass(frozen=True, slots=True)
class ShippedLoading:
    """Load a bundle from the bytes of its `files`, which are held to the digest of `loading`."""

    loading: BundleLoading
    files: Mapping[str, bytes] = field(repr=False)

    def load(self) -> Assessor:
        """Return a scorer of one thread: as many as a machine has processors are there side by side."""
        with tempfile.TemporaryDirectory(prefix="tocsin-bundle-") as folder:
            for name, content in self.files.items():
                (Path(folder) / name).write_bytes(content)
            return replace(self.loading, bundle=Path(folder), processes=cores()).load()


def shipped(loading: BundleLoading) -> ShippedLoading:
    """Return a bundle's loading with all of its files; raise BundleError where one cannot be read."""
    folder = Path(loading.bundle or settings().bundle or DEFAULT_BUNDLE)
    try:
        manifest = (folder / MANIFEST).read_bytes()
        files = {name: (folder / name).read_bytes() for name in json.loads(manifest)["files"]}
    except OSError as error:
        raise BundleError(f"{folder}: must be readable: {error.strerror}") from error
    return ShippedLoading(loading, {MANIFEST: manifest, **files})
