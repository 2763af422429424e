"""Figures of the queue: what comes in, what is decided of it, how soon, and what that says of the model."""

from tocsin.service.review.records.figures.figures import Figures, figure_all
from tocsin.service.review.records.figures.keeping import figures_now, refresh_figures
from tocsin.service.review.records.figures.own import OwnFigures, own_figures

__all__ = ["Figures", "OwnFigures", "figure_all", "figures_now", "own_figures", "refresh_figures"]
