"""What the commands of the review queue judge with: the scorer that the server would have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.models import Scorer

__all__ = ["server_scorer"]


def server_scorer(config: Path | None, **given: object) -> Scorer:
    """Return what the server would judge with, but for what is `given`."""
    from tocsin.service.api.settings import serve_settings
    from tocsin.service.serving.loading import load_scorer

    return load_scorer(serve_settings(config, **given), reviews=True)
