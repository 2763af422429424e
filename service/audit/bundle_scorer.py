"""The scorer of a bundle, as an audit needs it: what identifies it, its settings, and many of its kind."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.assessment import Tier
from tocsin.models import Bundle, load
from tocsin.service.audit.manifest import ModelRecord, PolicyRecord, SettingsRecord
from tocsin.service.audit.run import Scorer

if TYPE_CHECKING:
    from tocsin.models import Scorer as Loaded
    from tocsin.models.cascade import ClearingChoice
    from tocsin.policy import PolicyDocument
    from tocsin.service.scan.assessor import Assessor
    from tocsin.service.scan.limits import Limits

__all__ = ["BundleLoading", "open_scorer"]


@dataclass(frozen=True, slots=True)
class BundleLoading:
    """Load the bundle, policy and clearing rule that the first process read, or refuse: all judge alike."""

    bundle: Path | None
    digest: str
    tier: Tier
    policy: PolicyDocument
    clearing: ClearingChoice
    assume_language: str
    max_characters: int
    processes: int

    def load(self) -> Assessor:
        """Return a scorer of `processes` that share this machine; raise BundleError for another bundle."""
        scorer: Assessor = load(
            self.bundle,
            digest=self.digest,
            tier=self.tier,
            policy=self.policy,
            clearing=self.clearing,
            assume_language=self.assume_language,
            max_characters=self.max_characters,
            processes=self.processes,
        )
        return scorer


def open_scorer(
    bundle: Path | None,
    policy: Path | None,
    tier: Tier | None,
    digest: str | None,
    assume_language: str | None,
    *,
    processes: int,
    spans: bool,
    limits: Limits,
    part_rows: int,
) -> tuple[Scorer, SettingsRecord]:
    """Return who scores, and the settings that change what comes out.

    Loads the bundle once, to know it before any process does. Raises BundleError, PolicyError, SettingsError.
    """
    loaded = load(bundle, policy=policy, tier=tier, digest=digest, assume_language=assume_language)
    conditions, clearing = loaded.conditions, loaded.clearing
    read_as = _tier(loaded.bundle)
    settings = SettingsRecord(
        assume_language=conditions.assumed,
        max_characters=conditions.max_characters,
        loss=clearing.loss,
        check=clearing.check,
        refit=_digest(clearing),
        spans=spans,
        record_bytes=limits.record_bytes,
        expansion=limits.expansion,
        part_rows=part_rows,
    )
    loading = BundleLoading(
        bundle,
        loaded.bundle.digest,
        read_as,
        loaded.policy,
        clearing,
        conditions.assumed,
        conditions.max_characters,
        processes,
    )
    return Scorer(_model(loaded), _policy(loaded), read_as, loading), settings


def _tier(bundle: Bundle) -> Tier:
    if bundle.cascade is not None:
        return Tier.CASCADE
    return Tier.ENCODER if bundle.encoder is not None else Tier.SCREEN


def _model(loaded: Loaded) -> ModelRecord:
    return ModelRecord(name=loaded.model.name, version=loaded.model.version, digest=loaded.model.digest)


def _policy(loaded: Loaded) -> PolicyRecord:
    stamp = loaded.policy.stamp
    names = tuple(one.name for one in loaded.policy.policies)
    return PolicyRecord(version=stamp.version, digest=stamp.digest, names=names)


def _digest(clearing: ClearingChoice) -> str | None:
    if clearing.refit is None:
        return None
    _, refit = clearing.refit
    return f"sha256:{hashlib.sha256(refit.model_dump_json().encode()).hexdigest()}"
