"""A report's card goes into the bundle, and the report follows: a card is part of a bundle's digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.cli.eval.subject import bundle_folder, bundle_tier, training_record

if TYPE_CHECKING:
    from tocsin.eval import Report

__all__ = ["card_of", "with_card"]


def card_of(report: Report, bundle: Path) -> str:
    """Return the card of the bundle that a report is of."""
    from tocsin.eval import render_card
    from tocsin.models import read_bundle

    found = read_bundle(bundle_folder(bundle), tier=bundle_tier(bundle))
    return render_card(found, training_record(bundle), report)


def with_card(report: Report, bundle: Path) -> Report:
    """Put the card into the bundle; return the report of the bundle as it then is."""
    from tocsin.models import read_bundle
    from tocsin.models.writing import replace_card

    folder = bundle_folder(bundle)
    replace_card(folder, card_of(report, bundle), bundle_tier(bundle))
    return replace(report, model=replace(report.model, digest=read_bundle(folder).digest))
