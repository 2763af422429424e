"""The shadow as the settings ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.models import Scorer, read_bundle
from tocsin.policy import read_policy
from tocsin.service.shadow.comparison import Comparison
from tocsin.service.shadow.shadow import Shadow

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.watching import Exposition

__all__ = ["make_shadow"]


def make_shadow(settings: ServeSettings, served: Scorer, exposition: Exposition) -> Shadow | None:
    """Return the shadow of `served`, None where neither a bundle nor a policy file is given for it.

    What is not given is the same as what is served. Raises BundleError, PolicyError, SettingsError.
    """
    if settings.shadow_bundle is None and settings.shadow_policy is None:
        return None
    scorer = Scorer(
        read_bundle(settings.shadow_bundle) if settings.shadow_bundle else served.bundle,
        read_policy(settings.shadow_policy) if settings.shadow_policy else served.policy,
        assume_language=served.conditions.assume_language,
        max_characters=served.conditions.max_characters,
    )
    return Shadow(scorer, Comparison(exposition), settings.shadow_share)
