"""What other signals' models say of a text, as evidence for one signal: stacking (Wolpert 1992).

Calls for violence are rare in the corpora, attacks on a group are not, and the two share words. The
opinions are linear in the n-grams, so they end as weights of n-grams: the screen stays one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from tocsin.signals import Signal
from tocsin.training.fitting import Counting, Linear, Rows, fit_linear
from tocsin.training.folds import FOLDS, clusters, grouped_folds

__all__ = ["Opinions"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Opinions:
    """Hold what the model of each signal says of each row, by a fit that left the row out.

    `said` is ``(rows, signals)``, at mean 0 and a spread of `scale`; `lent` are the weights and the
    intercept, fitted to all rows, that say the same of a new text.
    """

    said: Floats
    lent: Mapping[Signal, Linear]

    @classmethod
    def of(
        cls,
        rows: Rows,
        models: Mapping[Signal, tuple[Linear, float]],
        counting: Counting,
        scale: float,
        tell: Callable[[str], None],
    ) -> Self | None:
        """Ask the models, each with its strength; None where too few rows are no copies of one another.

        A signal of which some fold has one class alone is not asked.
        """
        grouped = clusters(rows.examples)
        if len(np.unique(grouped)) < FOLDS:
            return None
        folds = grouped_folds(grouped)
        columns, lent = [], {}
        for signal, (model, strength) in models.items():
            if not all(rows.tells(signal, fit_on) for fit_on, _ in folds):
                continue  # its few positives stand so close together that a fit without them knows none
            tell(f"{signal}: asked of rows that it was not fitted to")
            margins = np.empty(len(rows.examples))
            for fit_on, ask in folds:
                only = np.zeros(len(margins), np.bool_)
                only[fit_on] = True
                margins[ask] = fit_linear(rows, signal, strength, counting, only).margins(rows.matrix[ask])
            unit = scale / max(float(margins.std()), np.finfo(float).tiny)
            columns.append((margins - margins.mean()) * unit)
            lent[signal] = Linear(model.weights * unit, -float(margins.mean()) * unit)
        if not columns:
            return None
        return cls(np.stack(columns, axis=1), lent)

    def fit(self, rows: Rows, signal: Signal, strength: float, counting: Counting) -> Linear:
        """Fit a signal to n-grams and to what all others say; return it as weights of n-grams alone."""
        others = [place for place, lender in enumerate(self.lent) if lender is not signal]
        wide = Rows(csr_array(hstack([rows.matrix, csr_array(self.said[:, others])])), rows.examples)
        found = fit_linear(wide, signal, strength, counting)
        weights, intercept = found.weights[: rows.matrix.shape[1]].copy(), found.intercept
        lenders = list(self.lent.values())
        for place, trust in zip(others, found.weights[rows.matrix.shape[1] :].tolist(), strict=True):
            weights += trust * lenders[place].weights
            intercept += trust * lenders[place].intercept
        return Linear(weights, intercept)
