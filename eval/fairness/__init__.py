"""How evenly a bundle treats the groups that posts name, and the dialects that they are written in."""

from tocsin.eval.fairness.terms import VOCABULARIES, Vocabulary

__all__ = ["VOCABULARIES", "Vocabulary"]
