"""The way in: a bundle and a policy file become a scorer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tocsin.models.bundle import read_bundle
from tocsin.models.scorer import Scorer
from tocsin.policy import PolicyDocument, default_policy, read_policy
from tocsin.settings import settings

__all__ = ["DEFAULT_BUNDLE", "load"]

DEFAULT_BUNDLE: Final = Path(__file__).resolve().parent / "default"
_NOT_ASSUMED: Final = "none"


def load(
    bundle: str | Path | None = None,
    *,
    policy: str | Path | PolicyDocument | None = None,
    digest: str | None = None,
    assume_language: str | None = None,
    max_characters: int | None = None,
) -> Scorer:
    """Return a scorer for the bundle in a folder under a policy file (or one that is already read).

    What is not given comes from the settings (``TOCSIN_BUNDLE`` and so on), then from what ships.
    `digest` ("sha256:…") refuses any other bundle. `assume_language` is the language to judge a
    text in where it cannot be told, "none" for none. Raises BundleError, PolicyError, SettingsError.
    """
    given = settings()
    assumed = assume_language or given.assume_language
    return Scorer(
        read_bundle(Path(bundle or given.bundle or DEFAULT_BUNDLE), digest),
        _rules(policy or given.policy),
        assume_language=None if assumed == _NOT_ASSUMED else assumed,
        max_characters=given.max_characters if max_characters is None else max_characters,
    )


def _rules(policy: str | Path | PolicyDocument | None) -> PolicyDocument:
    if isinstance(policy, PolicyDocument):
        return policy
    return read_policy(Path(policy)) if policy else default_policy()
