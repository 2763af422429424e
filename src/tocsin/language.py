"""Which language a text is in, offline, with an honest "undetermined"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.language_bayes import naive_bayes
from tocsin.text import letters

__all__ = [
    "CERTAINTY",
    "UNDETERMINED",
    "identify",
    "identify_all",
    "primary_subtag",
    "prose",
    "resolve",
    "resolve_all",
]

UNDETERMINED: Final = "und"  # ISO 639-2's own code
CERTAINTY: Final = 0.95  # believed from here on; below 1 - CERTAINTY, ruled out

# Fitted to posts by `bench/language.py --fit`: docs/decisions/0009-language-calibration.md
_SHARPNESS: Final = 1.45  # times py3langid's log-probabilities, which are cautious
_HEAD_START: Final = 5.4  # in log-odds, for what is expected: each a third of all texts, not one in 139
_EXPECTED: Final = frozenset({"de", "en"})
_DOUBT: Final = 0.0034  # the share of texts of which no model could know

_PLACES: Final = 3  # of a long text that are looked at: its start, its middle, its end
_PLACE: Final = 200  # characters

_NOT_LANGUAGE: Final = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|&#?\w+;")
_LATIN_LANGUAGES: Final = frozenset({"de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv"})
_TAG: Final = re.compile(r"(?P<primary>[A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")

Floats = NDArray[np.float64]


def identify(text: str) -> tuple[str, float]:
    """Return the likeliest language as an ISO 639 code, and the probability that it is right.

    Links, handles and hashtags do not count; styled letters count as plain ones. A text with no
    letter in it is ``("und", 0.0)``. The probability is calibrated to a stream of which a third is
    English, a third German, and a third in any other of 139 languages.
    """
    return identify_all([text])[0]


def identify_all(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Return what `identify` returns of each text, faster."""
    return [_likeliest(shares) for shares in _shares(texts)]


def resolve(text: str, hint: str | None = None, assumed: str | None = None) -> tuple[str, str | None]:
    """Return the language to report and the language to judge in (None: it cannot be judged).

    The platform's `hint` wins. A text that nobody can place is reported as "und" and judged as
    `assumed`, unless that is ruled out.
    """
    return resolve_all([text], [hint], assumed)[0]


def resolve_all(
    texts: Sequence[str], hints: Sequence[str | None], assumed: str | None = None
) -> list[tuple[str, str | None]]:
    """Return what `resolve` returns of each text and its hint, faster."""
    hinted = [primary_subtag(hint) for hint in hints]
    asked = [text for text, known in zip(texts, hinted, strict=True) if known is None]
    answers = iter(zip(asked, _shares(asked), strict=True))
    return [_resolved(*next(answers), assumed) if known is None else (known, known) for known in hinted]


def primary_subtag(tag: str | None) -> str | None:
    """Return "en" for "en-GB"; None for no tag, "und", or what is no BCP-47 tag at all."""
    match = _TAG.fullmatch(tag or "")
    primary = match["primary"].lower() if match else None
    return None if primary == UNDETERMINED else primary


def prose(text: str) -> str:
    """Return what of `text` tells languages apart, "" where no letter does.

    In compatibility form, without what is written alike in every language, between blanks: those
    show the model where the first word starts and the last one ends. Of a text of more than 600
    characters, its start, its middle and its end.
    """
    words = " ".join(_NOT_LANGUAGE.sub(" ", unicodedata.normalize("NFKC", text)).split())
    if len(words) > _PLACES * _PLACE:
        middle = (len(words) - _PLACE) // 2
        words = " ".join((words[:_PLACE], words[middle : middle + _PLACE], words[-_PLACE:]))
    return f" {words} " if any(character.isalpha() for character in words) else ""


def _resolved(text: str, shares: Floats | None, assumed: str | None) -> tuple[str, str | None]:
    code, probability = _likeliest(shares)
    if probability >= CERTAINTY:
        return code, code
    return UNDETERMINED, assumed if assumed and not _ruled_out(assumed, text, shares) else None


def _likeliest(shares: Floats | None) -> tuple[str, float]:
    if shares is None:
        return UNDETERMINED, 0.0
    place = int(shares.argmax())
    return naive_bayes().languages[place], float(shares[place])


def _ruled_out(language: str, text: str, shares: Floats | None) -> bool:
    """Say whether `text` can hardly be in `language`; one without prose is told by its letters."""
    if shares is None or language not in naive_bayes().languages:
        return not _same_script(text, language)
    return float(shares[naive_bayes().languages.index(language)]) < 1 - CERTAINTY


def _shares(texts: Sequence[str]) -> list[Floats | None]:
    """Return the probability of each of the model's languages, None for a text without prose."""
    cleaned = [prose(text) for text in texts]
    told = [words for words in cleaned if words]
    if not told:
        return [None] * len(cleaned)  # without the model: it takes half a second and 100 MB
    log_odds = _SHARPNESS * naive_bayes().log_probabilities(told) + _head_starts()
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    shares = (1 - _DOUBT) * odds / odds.sum(axis=1, keepdims=True) + _DOUBT / odds.shape[1]
    for script, other in _scripts():
        shares[:, script] += shares[:, other]
    rows = iter(shares)
    return [next(rows) if words else None for words in cleaned]


@cache
def _head_starts() -> Floats:
    return np.array([_HEAD_START * (language in _EXPECTED) for language in naive_bayes().languages])


@cache
def _scripts() -> list[tuple[int, int]]:
    """Return the two places of each language that the model knows in two scripts."""
    known = naive_bayes().languages
    first = [known.index(language) for language in known]
    return [(place, other) for other, place in enumerate(first) if place != other]


def _same_script(text: str, language: str) -> bool:
    """Say whether half of the letters or more are Latin; always true of other languages.

    A text that is all links, handles and hashtags is told by their letters.
    """
    if language not in _LATIN_LANGUAGES:
        return True
    alphabet = letters(prose(text)) or letters(text)
    latin = sum(character <= "ɏ" or "Ḁ" <= character <= "ỿ" for character in alphabet)
    return 2 * latin >= len(alphabet)
