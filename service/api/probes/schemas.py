"""Bodies of the probes face."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from tocsin.signals import Signal

__all__ = ["Alive", "Ready", "ShadowReport"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = Field(description="Always the same.")


class Ready(BaseModel):
    """Texts are judged."""

    status: Literal["ready"] = Field(description="Always the same.")


class SideBody(BaseModel):
    """Who judged."""

    name: str = Field(description="The bundle's name.")
    version: str = Field(description="The bundle's version.")
    bundle_digest: str = Field(description="SHA-256 over all of its files.")
    policy_digest: str = Field(description="SHA-256 of the policy file's rules.")


class UnscorableBody(BaseModel):
    """Texts that one of both, or both, could not judge."""

    both: int = Field(description="Unscorable for both.")
    served_only: int = Field(description="Unscorable for what is served alone.")
    shadow_only: int = Field(description="Unscorable for the shadow alone.")


class MoveBody(BaseModel):
    """Texts at one level as served and one of the shadow."""

    served: str = Field(description='Level as served; "unjudged" where the policy could not be judged.')
    shadow: str = Field(description="Level of the shadow.")
    items: int = Field(description="How many texts.")


class PolicyComparison(BaseModel):
    """How often one policy says another level."""

    name: str = Field(description="The policy, of the same name on both sides.")
    items: int = Field(description="Texts that it judged on both sides.")
    flips: int = Field(description="Those of another level.")
    raised: int = Field(description="Flips to a higher level.")
    lowered: int = Field(description="Flips to a lower level.")
    share: float | None = Field(description="Flips among the texts; null: none yet.")
    low: float | None = Field(description="Lower end of the share's 95% interval (Wilson).")
    high: float | None = Field(description="Upper end.")
    moves: list[MoveBody] = Field(description="Every pair of levels that came up.")


class SignalComparison(BaseModel):
    """How far apart the scores of one signal are."""

    signal: Signal = Field(description="The signal.")
    items: int = Field(description="Texts that both gave a score.")
    tenths: list[int] = Field(
        description="Texts by distance: below 0.1, from 0.1 to below 0.2, and so on; ten numbers."
    )


class ShadowReport(BaseModel):
    """How the shadow differs from what is served, over all workers."""

    since: datetime = Field(description="When the comparison began.")
    served: SideBody = Field(description="What answers requests.")
    shadow: SideBody = Field(description="What judges silently.")
    items: int = Field(description="Texts that the shadow judged too.")
    dropped: int = Field(description="Texts that it had no room for.")
    failed: int = Field(description="Texts that it could not score.")
    seconds: float = Field(description="Time that it took, all workers together.")
    unscorable: UnscorableBody = Field(description="Texts that could not be judged.")
    policies: list[PolicyComparison] = Field(description="Each policy that both have.")
    only_served: list[str] = Field(description="Policies that only the served file has.")
    only_shadow: list[str] = Field(description="Policies that only the shadow's file has.")
    signals: list[SignalComparison] = Field(description="Each signal that both gave a score for some text.")
