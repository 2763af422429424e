"""A bundle and labelled rows become a report."""

from tocsin.eval.card import render_card
from tocsin.eval.evaluation import Report, evaluate

__all__ = ["Report", "evaluate", "render_card"]
