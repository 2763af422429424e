"""The options of an evaluation become its subject."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.assessment import Tier
from tocsin.errors import BundleError

if TYPE_CHECKING:
    from tocsin.models import Scorer

__all__ = [
    "TIER_MARK",
    "BundleArgument",
    "PolicyOption",
    "bundle_folder",
    "bundle_tier",
    "scorer_of",
    "training_record",
]

_SHIPPED: Final = "default"
TIER_MARK: Final = "@"

BundleArgument = Annotated[
    Path,
    typer.Argument(
        help="Folder of the bundle, or default for the one that ships; with @screen or @encoder behind it,"
        " that tier alone."
    ),
]
PolicyOption = Annotated[
    Path | None, typer.Option(help="Policy file to measure under; the one that ships if not given.")
]


def scorer_of(bundle: Path, policy: Path | None) -> Scorer:
    """Return a bundle's scorer, whatever the settings say: a figure must not depend on who measures."""
    from tocsin.models import Scorer, read_bundle
    from tocsin.models.loading import threads
    from tocsin.policy import default_policy, read_policy
    from tocsin.settings import Settings

    found = read_bundle(bundle_folder(bundle), tier=bundle_tier(bundle), threads=threads())
    usual = str(Settings.model_fields["assume_language"].default)
    return Scorer(
        found,
        read_policy(policy) if policy else default_policy(),
        assume_language=usual if usual in found.manifest.languages else None,
    )


def bundle_folder(bundle: Path) -> Path:
    """Return the folder of a bundle, however its tier is given; that of the one that ships for its name."""
    from tocsin.models import DEFAULT_BUNDLE

    folder, _ = _parted(bundle)
    return DEFAULT_BUNDLE if str(folder) == _SHIPPED and not folder.exists() else folder


def bundle_tier(bundle: Path) -> Tier:
    """Return the tier that stands behind a bundle's name; where none does, what the bundle is meant for."""
    from tocsin.models import read_bundle

    folder, tier = _parted(bundle)
    return tier or read_bundle(bundle_folder(folder), tier=None).tier


def _parted(bundle: Path) -> tuple[Path, Tier | None]:
    name, mark, tier = bundle.name.rpartition(TIER_MARK)
    if not mark or bundle.exists():
        return bundle, None
    if tier not in set(Tier) or not name:
        raise BundleError(f"{bundle}: must be a bundle, {TIER_MARK} and one of {', '.join(Tier)}")
    return bundle.parent / name, Tier(tier)


def training_record(bundle: Path) -> dict[str, Any]:
    """Return a bundle's training record, as its tier; raise BundleError where it is none."""
    from tocsin.models.layout import TRAINING

    path = bundle_folder(bundle) / TRAINING
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BundleError(f"{path}: must be JSON, was not: {error}") from error
    if not isinstance(found, dict):
        raise BundleError(f"{path}: must be a JSON object, was {type(found).__name__}")
    if bundle_tier(bundle) is Tier.SCREEN:
        return found
    if "encoder" not in found:
        raise BundleError(f"{path}: must tell how the encoder was trained, does not")
    return {**found, "calibration_rows": found["encoder"]["calibration_rows"]}  # a cascade's, too
