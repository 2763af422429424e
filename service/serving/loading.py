"""The scorer that the server judges with, as its settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.models import Scorer, load
from tocsin.service.api.openai import moderation_policies
from tocsin.service.review import review_settings

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.serving.orders import Orders

__all__ = ["load_scorer"]


def load_scorer(
    settings: ServeSettings,
    orders: Orders | None = None,
    *,
    processes: int = 1,
    reviews: bool | None = None,
) -> Scorer:
    """Return a scorer as the settings say, one of so many `processes` that share the processors.

    With `orders` it is the very one that the parent loaded: bundle, policy and clearing rule. `reviews` says
    whether a review queue judges with it, where the settings are not to say so. Raises BundleError, where the
    bundle is another than asked for, too; PolicyError; SettingsError.
    """
    return load(
        settings.bundle,
        tier=settings.tier,
        processes=processes,
        policy=orders.policy if orders else settings.policy,
        digest=orders.digest if orders else settings.bundle_digest,
        clearing=orders.clearing if orders else None,
        assume_language=settings.assume_language,
        max_characters=settings.max_characters,
        beside=(moderation_policies(settings.openai_categories),),  # what the cascade must not lose
        standings=_learns(settings.review if reviews is None else reviews),
    )


def _learns(reviews: bool) -> bool:
    """Say whether a review queue draws what to learn from, and so asks how near items come to a level."""
    return reviews and review_settings().learning_share > 0
