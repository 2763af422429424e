"""The options of an evaluation become its subject."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.errors import BundleError

if TYPE_CHECKING:
    from tocsin.models import Scorer

__all__ = ["BundleArgument", "PolicyOption", "bundle_folder", "scorer_of", "training_record"]

_SHIPPED: Final = "default"

BundleArgument = Annotated[
    Path, typer.Argument(help="Folder of the bundle, or default for the one that ships.")
]
PolicyOption = Annotated[
    Path | None, typer.Option(help="Policy file to measure under; the one that ships if not given.")
]


def scorer_of(bundle: Path, policy: Path | None) -> Scorer:
    """Return a bundle's scorer, whatever the settings say: a figure must not depend on who measures."""
    from tocsin.models import Scorer, read_bundle
    from tocsin.policy import default_policy, read_policy
    from tocsin.settings import Settings

    found = read_bundle(bundle_folder(bundle))
    usual = str(Settings.model_fields["assume_language"].default)
    return Scorer(
        found,
        read_policy(policy) if policy else default_policy(),
        assume_language=usual if usual in found.manifest.languages else None,
    )


def bundle_folder(bundle: Path) -> Path:
    """Return the folder of a bundle; that of the one that ships for its name."""
    from tocsin.models import DEFAULT_BUNDLE

    return DEFAULT_BUNDLE if str(bundle) == _SHIPPED and not bundle.exists() else bundle


def training_record(bundle: Path) -> dict[str, Any]:
    """Return a bundle's training record; raise BundleError where it is none."""
    from tocsin.models.layout import TRAINING

    path = bundle_folder(bundle) / TRAINING
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BundleError(f"{path}: must be JSON, was not: {error}") from error
    if not isinstance(found, dict):
        raise BundleError(f"{path}: must be a JSON object, was {type(found).__name__}")
    return found
