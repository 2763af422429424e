"""Two classifiers, or two times, on the same rows: scores, decisions, flips."""

from tocsin.eval.comparison.score_file import ScoreFile, read_score_file

__all__ = ["ScoreFile", "read_score_file"]
