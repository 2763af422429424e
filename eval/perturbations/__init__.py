"""Ways of writing a text otherwise, to evade or by accident: each does what it says and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tocsin.eval.perturbations.alphabets import (
    diacritics,
    emoji_letters,
    faux_cyrillic,
    homoglyph,
    leet,
    stacked_marks,
    styled,
)
from tocsin.eval.perturbations.around import (
    emoji_between,
    links,
    mentions,
    padding,
    padding_german,
    truncation,
)
from tocsin.eval.perturbations.joined import hashtags, merging
from tocsin.eval.perturbations.perturbation import Perturbation
from tocsin.eval.perturbations.pictures import emoji_words, emoji_words_german
from tocsin.eval.perturbations.slips import dropped_vowels, keyboard, sound_alike, typos
from tocsin.eval.perturbations.unseen import entities, odd_blanks, right_to_left, zero_width
from tocsin.eval.perturbations.within import casing, masking, signs, spelled_out, split, stretching

__all__ = ["PERTURBATIONS", "Perturbation"]

_OF_BLANKS: Final = "{:.0%} of blanks"
_ALL: Final = (
    Perturbation("leet", "digits and signs for letters (h0t s0up)", leet),
    Perturbation("homoglyph", "Cyrillic and Greek letters that look the same", homoglyph),
    Perturbation("faux-cyrillic", "Cyrillic letters that only remind of Latin ones (я for r)", faux_cyrillic),
    Perturbation("styled", "bold, script, fullwidth or circled letters", styled),
    Perturbation("emoji-letters", "letters as regional indicators, in squares or circles", emoji_letters),
    Perturbation("diacritics", "an accent on every letter of a word", diacritics),
    Perturbation("stacked-marks", "three to eight accents on every letter of a word", stacked_marks),
    Perturbation("zero-width", "characters without width between letters", zero_width),
    Perturbation("right-to-left", "words stored backwards, shown forwards", right_to_left),
    Perturbation("entities", "letters as HTML entities", entities),
    Perturbation("odd-blanks", "other blanks between words", odd_blanks, unit=_OF_BLANKS),
    Perturbation("spelled-out", "a blank between all letters of a word (s o u p)", spelled_out),
    Perturbation("split", "one blank inside a word (so up)", split),
    Perturbation("signs", "signs inside a word (s.o.u.p, so-up)", signs),
    Perturbation("masking", "an asterisk for a letter (s*up)", masking),
    Perturbation("stretching", "a letter written many times (souuuup)", stretching),
    Perturbation("casing", "small letters and capitals by turns (sOuP)", casing),
    Perturbation("typos", "letters swapped, left out or doubled", typos),
    Perturbation("keyboard", "the key beside the right one", keyboard),
    Perturbation("dropped-vowels", "vowels inside words left out (sp)", dropped_vowels),
    Perturbation("sound-alike", "spelled as it sounds (k for c, ph for f, z for s)", sound_alike),
    Perturbation("merging", "blanks between words left out (hotsoup)", merging, unit=_OF_BLANKS),
    Perturbation(
        "hashtags", "three words made a hashtag (#HotTomatoSoup)", hashtags, unit="{:.0%} of phrases"
    ),
    Perturbation(
        "emoji-words",
        "the emoji of that name for a word",
        emoji_words,
        default=1.0,
        unit="{:.0%} of words that have one",
        in_language={"de": emoji_words_german},
    ),
    Perturbation("emoji-between", "harmless emoji between words", emoji_between),
    Perturbation(
        "padding",
        "harmless sentences before and after",
        padding,
        strengths=(1, 2, 8),
        default=2,
        unit="sentences: {:.0f}",
        in_language={"de": padding_german},
    ),
    Perturbation(
        "mentions", "handles before", mentions, strengths=(1, 3, 8), default=3, unit="handles: {:.0f}"
    ),
    Perturbation("links", "links after", links, strengths=(1, 2, 4), default=1, unit="links: {:.0f}"),
    Perturbation(
        "truncation",
        "the first words only",
        truncation,
        strengths=(5, 10, 20),
        default=10,
        unit="first {:.0f} words",
    ),
)
PERTURBATIONS: Final[Mapping[str, Perturbation]] = MappingProxyType({one.name: one for one in _ALL})
