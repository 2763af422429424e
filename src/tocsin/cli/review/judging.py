"""What the commands of the review queue judge with: the scorer that the server would have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.models import Scorer

__all__ = ["server_scorer"]


def server_scorer(config: Path | None, **given: object) -> Scorer:
    """Return what the server would judge with, but for what is `given`."""
    from tocsin.models import load
    from tocsin.service.api.openai import moderation_policies
    from tocsin.service.api.settings import serve_settings
    from tocsin.service.review import review_settings

    settings = serve_settings(config, **given)
    return load(
        settings.bundle,
        tier=settings.tier,
        policy=settings.policy,
        digest=settings.bundle_digest,
        assume_language=settings.assume_language,
        max_characters=settings.max_characters,
        beside=(moderation_policies(settings.openai_categories),),  # what the server's cascade must not lose
        standings=review_settings().learning_share > 0,
    )
