"""The way in: a bundle and a policy file become a scorer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tocsin.assessment import Tier
from tocsin.errors import SettingsError
from tocsin.models.bundle import read_bundle
from tocsin.models.cascade import ClearingChoice, read_refit
from tocsin.models.scorer import Scorer
from tocsin.policy import PolicyDocument, default_policy, read_policy
from tocsin.settings import settings

__all__ = ["DEFAULT_BUNDLE", "load", "threads"]

DEFAULT_BUNDLE: Final = Path(__file__).resolve().parent / "default"
_NONE: Final = "none"


def load(
    bundle: str | Path | None = None,
    *,
    policy: str | Path | PolicyDocument | None = None,
    tier: Tier | str | None = None,
    digest: str | None = None,
    assume_language: str | None = None,
    max_characters: int | None = None,
    loss: float | None = None,
    check: float | None = None,
    refit: str | Path | None = None,
    clearing: ClearingChoice | None = None,
    beside: Sequence[PolicyDocument] = (),
    standings: bool = False,
    processes: int = 1,
) -> Scorer:
    """Return a scorer for the bundle in a folder under a policy file (or one that is already read).

    What is not given comes from the settings (``TOCSIN_BUNDLE`` and so on), then from what ships. `tier` is
    "cascade", where the encoder reads what a screen distilled from it does not clear; "screen"; or "encoder",
    which judges the languages that it was trained in and leaves others to the screen, as a cascade does. By
    default it is the cascade where the bundle has one, else the screen. Of what the encoder would flag, a
    cascade loses at most the share `loss`, at 95% confidence, on texts drawn as those that its rule was
    fitted to: the bundle's own, or the traffic of the file `refit` (``tocsin cascade refit``; "none" for
    none). The encoder reads the share `check` of cleared texts all the same. `clearing` is all three as
    another scorer has them. Policies of files `beside` count as well, which something else applies to the
    same texts. `digest` ("sha256:…") refuses any other bundle. `assume_language` is the language to judge a
    text in where it cannot be told, "none" for none. With `standings`, assessments say how near items come to
    a level. `processes` of this kind share the machine's processors. Raises BundleError, PolicyError,
    SettingsError.
    """
    given = settings()
    assumed = assume_language or given.assume_language
    return Scorer(
        read_bundle(
            Path(bundle or given.bundle or DEFAULT_BUNDLE),
            digest,
            tier=_tier(tier) if tier else given.tier,
            threads=threads(processes),
        ),
        _rules(policy or given.policy),
        assume_language=None if assumed == _NONE else assumed,
        max_characters=given.max_characters if max_characters is None else max_characters,
        clearing=clearing or _clearing(loss, check, refit),
        beside=beside,
        standings=standings,
    )


def _clearing(loss: float | None, check: float | None, refit: str | Path | None) -> ClearingChoice:
    given = settings()
    wanted = given.cascade_loss if loss is None else loss
    share = given.cascade_check if check is None else check
    if wanted is not None and not 0 < wanted < 1:
        raise SettingsError(f"loss must be above 0 and below 1, was {wanted}")
    if not 0 <= share <= 1:
        raise SettingsError(f"check must be between 0 and 1, was {share}")
    source = refit or given.cascade_refit
    found = (Path(source), read_refit(Path(source))) if source and str(source) != _NONE else None
    return ClearingChoice(wanted, share, found)


def threads(processes: int = 1) -> int:
    """Return how many threads an encoder takes: as set, else all processors, shared by `processes`."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return settings().threads or max(1, found // processes)


def _tier(name: str) -> Tier:
    if name not in set(Tier):
        raise SettingsError(f"tier must be one of {', '.join(Tier)}, was {name!r}")
    return Tier(name)


def _rules(policy: str | Path | PolicyDocument | None) -> PolicyDocument:
    if isinstance(policy, PolicyDocument):
        return policy
    return read_policy(Path(policy)) if policy else default_policy()
