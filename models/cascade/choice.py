"""How much a cascade may lose, how much of what it clears is checked, and what its rule was fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.errors import SettingsError
from tocsin.models.cascade.cascade import Cascade
from tocsin.models.cascade.clearing import Clearing
from tocsin.models.cascade.refit import Refit, RefitConditions
from tocsin.models.gates import FittedPolicy

__all__ = ["CHECK", "LOSS", "ClearingChoice"]

LOSS: Final = 0.02
CHECK: Final = 0.01


@dataclass(frozen=True, slots=True)
class ClearingChoice:
    """Hold an operator's choice.

    `loss` in (0, 1) is the share that may be lost of what the encoder would flag, None for that of `refit`,
    else 0.02. `check` in [0, 1] is the share of cleared texts that the encoder reads all the same. `refit`
    is a rule fitted to the platform's own traffic and the file that holds it, None for the bundle's own rows.
    """

    loss: float | None = None
    check: float = CHECK
    refit: tuple[Path, Refit] | None = None

    def clearings(
        self,
        cascade: Cascade | None,
        policies: Mapping[str, Sequence[FittedPolicy]],
        conditions: RefitConditions,
    ) -> Mapping[str, Clearing]:
        """Return the rule of every language that the cascade reads, none without a cascade.

        A language that the traffic lacked is read by the encoder alone. Raises SettingsError where the rule
        was fitted under other conditions, or to another loss than is asked for.
        """
        if cascade is None:
            return {}
        if self.refit is None:
            loss = LOSS if self.loss is None else self.loss
            return {
                language: pairs.clearing(policies[language], loss)
                for language, pairs in cascade.pairs.items()
            }
        source, refit = self.refit
        refit.check(source, conditions)
        if self.loss not in {None, refit.loss}:
            raise SettingsError(
                f"{source}: loss must be that of the settings, {self.loss}, was {refit.loss}:"
                " fit it again, or leave the setting away"
            )
        nothing = Clearing(refit.loss, None, 0, 0, 0, 0)
        return {language: refit.clearings.get(language, nothing) for language in cascade.pairs}
