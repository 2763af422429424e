"""Which language a text is in, offline, with an honest "undetermined"."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tocsin.text import letters

__all__ = ["UNDETERMINED", "identify", "primary_subtag", "resolve"]

UNDETERMINED: Final = "und"  # ISO 639-2's own code
CERTAINTY: Final = 0.5  # measured on short posts: docs/decisions/0004-language.md

_NOT_LANGUAGE: Final = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|&#?\w+;")
_LATIN_LANGUAGES: Final = frozenset({"de", "en", "es", "fr", "it", "nl", "pl", "pt", "sv"})
_TAG: Final = re.compile(r"(?P<primary>[A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def identify(text: str) -> tuple[str, float]:
    """Return the likeliest language as an ISO 639-1 code, and its probability in [0, 1].

    Links, handles and hashtags do not count; styled letters count as plain ones. Uses langid's
    model (Lui and Baldwin 2012) as kept in py3langid; its probabilities are cautious on short
    texts. A text with no letter in it is ``("und", 0.0)``.
    """
    prose = _prose(text)
    if not any(character.isalpha() for character in prose):
        return UNDETERMINED, 0.0
    code, probability = _identifier().classify(prose)
    return str(code), float(probability)


def primary_subtag(tag: str | None) -> str | None:
    """Return "en" for "en-GB"; None for no tag, "und", or what is no BCP-47 tag at all."""
    match = _TAG.fullmatch(tag or "")
    primary = match["primary"].lower() if match else None
    return None if primary == UNDETERMINED else primary


def resolve(text: str, hint: str | None = None, assumed: str | None = None) -> tuple[str, str | None]:
    """Return the language to report and the language to judge in (None: it cannot be judged).

    The platform's `hint` wins. A text that nobody can place is reported as "und" and judged as
    `assumed`, unless most of its letters are in another script.
    """
    hinted = primary_subtag(hint)
    if hinted is not None:
        return hinted, hinted
    code, probability = identify(text)
    if probability >= CERTAINTY:
        return code, code
    return UNDETERMINED, assumed if assumed and _same_script(text, assumed) else None


def _prose(text: str) -> str:
    """Return `text` in compatibility form, without what is written alike in every language."""
    return _NOT_LANGUAGE.sub(" ", unicodedata.normalize("NFKC", text))


def _same_script(text: str, language: str) -> bool:
    """Say whether half of the letters or more are Latin; always true of other languages.

    A text that is all links, handles and hashtags is told by their letters.
    """
    if language not in _LATIN_LANGUAGES:
        return True
    alphabet = letters(_prose(text)) or letters(text)
    latin = sum(character <= "ɏ" or "Ḁ" <= character <= "ỿ" for character in alphabet)
    return 2 * latin >= len(alphabet)
