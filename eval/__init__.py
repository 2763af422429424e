"""A bundle and labelled rows become a report."""

from tocsin.eval.card import render_card
from tocsin.eval.report import Report, read_report
from tocsin.eval.running import Origin, evaluate
from tocsin.eval.subject import Subject

__all__ = ["Origin", "Report", "Subject", "evaluate", "read_report", "render_card"]
