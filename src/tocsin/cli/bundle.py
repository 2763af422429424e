"""`tocsin bundle`: what a bundle is, and whether it is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.table import print_table
from tocsin.settings import settings

if TYPE_CHECKING:
    from tocsin.models.manifest import SignalRecord

__all__ = ["app"]

app = typer.Typer(help="Check bundles and say what they are.", no_args_is_help=True)


@app.callback()
def bundle() -> None:
    """Check bundles and say what they are."""


@app.command()
def show(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="The bundle; by default that of the settings, then the one that ships.", show_default=False
        ),
    ] = None,
    digest: Annotated[
        str | None, typer.Option(help="Fail unless the bundle has this digest.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole manifest as JSON.")] = False,
) -> None:
    """Check every file of a bundle against its checksum, then show its digest and signals."""
    from tocsin.models import DEFAULT_BUNDLE, read_bundle
    from tocsin.models.layout import CARD, CASCADE_CARD, ENCODER_CARD
    from tocsin.signals import Signal

    place = folder or settings().bundle or DEFAULT_BUNDLE
    found = read_bundle(place, digest)
    manifest = found.manifest
    if as_json:
        typer.echo(json.dumps({"digest": found.digest, **manifest.model_dump(mode="json")}))
        return
    print_table(
        f"{manifest.name} {manifest.version}: every file is what its checksum says",
        ("signal", "languages", "of the encoder", "the text …"),
        [
            (
                signal,
                _languages(manifest.signals.get(signal)),
                _languages(manifest.encoder.signals.get(signal) if manifest.encoder else None),
                signal.question,
            )
            for signal in Signal
            if signal in manifest.signals or (manifest.encoder and signal in manifest.encoder.signals)
        ],
        found.digest,
        f"Card, with every figure measured on it: {place / CARD}",
        *(
            [f"Card of the encoder, {manifest.encoder.backbone}: {place / ENCODER_CARD}"]
            if manifest.encoder
            else []
        ),
        *([f"Card of the cascade: {place / CASCADE_CARD}"] if manifest.cascade else []),
        f"Read as {manifest.meant_for} unless told otherwise; tiers: {', '.join(manifest.tiers)}",
    )


def _languages(record: SignalRecord | None) -> str:
    return ", ".join(record.languages) if record else "–"
