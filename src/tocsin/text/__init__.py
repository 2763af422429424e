"""Text as the models see it, with a way back to the characters it came from."""

from __future__ import annotations

from tocsin.text.edits import Normalised
from tocsin.text.links import URL, USER
from tocsin.text.normaliser import letters, normalise, normalise_with_offsets
from tocsin.text.pieces import LETTERS_IN_A_ROW, Piece, Pieces, parted, piece, piece_all, pieces
from tocsin.text.sentences import sentence_ends

__all__ = [
    "LETTERS_IN_A_ROW",
    "URL",
    "USER",
    "Normalised",
    "Piece",
    "Pieces",
    "letters",
    "normalise",
    "normalise_with_offsets",
    "parted",
    "piece",
    "piece_all",
    "pieces",
    "sentence_ends",
]
