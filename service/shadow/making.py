"""The shadow as the settings ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.assessment import Tier
from tocsin.models import DEFAULT_BUNDLE, Bundle, Scorer, read_bundle
from tocsin.models.cascade import ClearingChoice
from tocsin.models.loading import threads
from tocsin.policy import read_policy
from tocsin.service.shadow.comparison import Comparison
from tocsin.service.shadow.shadow import Shadow
from tocsin.settings import settings as settings_of_all

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.watching import Exposition

__all__ = ["make_shadow"]


def make_shadow(settings: ServeSettings, served: Scorer, exposition: Exposition) -> Shadow | None:
    """Return the shadow of `served`, None where no bundle, tier or policy file is given for it.

    What is not given is the same as what is served. Raises BundleError, PolicyError, SettingsError.
    """
    if settings.shadow_bundle is None and settings.shadow_policy is None and settings.shadow_tier is None:
        return None
    scorer = Scorer(
        _bundle(settings, served),
        read_policy(settings.shadow_policy) if settings.shadow_policy else served.policy,
        assume_language=served.conditions.assume_language,
        max_characters=served.conditions.max_characters,
        # a rule that was fitted for the served policies is none here
        clearing=ClearingChoice(settings_of_all().cascade_loss),
    )
    return Shadow(scorer, Comparison(exposition), settings.shadow_share)


def _bundle(settings: ServeSettings, served: Scorer) -> Bundle:
    tier = Tier(settings.shadow_tier or served.bundle.tier)
    if settings.shadow_bundle is None and tier is served.bundle.tier:
        return served.bundle
    if settings.shadow_bundle is not None:
        return read_bundle(settings.shadow_bundle, tier=tier, threads=threads(settings.workers))
    folder = settings.bundle or settings_of_all().bundle or DEFAULT_BUNDLE
    return read_bundle(folder, served.bundle.digest, tier=tier, threads=threads(settings.workers))
