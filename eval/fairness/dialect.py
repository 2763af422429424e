"""Posts that read as if written in African American English: a proxy, for want of better.

No model of the dialect and no author's own word is at hand. A post is taken for one by a few spellings
and constructions that Green 2002, Jones 2015 and Blodgett et al. 2016 describe as features of it. Most
posts in the dialect carry none of them, and other varieties share several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tocsin.text import normalise

__all__ = ["FEATURES", "features"]

_SUBJECT: Final = r"(?:i|he|she|it|we|they|you|yall|y'all|people|folks|everybody|somebody|nobody)"
_NOT: Final = r"(?:ain't|aint|don't|dont|didn't|didnt|can't|cant|won't|wont|never)"
_STEMS: Final = (  # frequent enough to leave no doubt of what ends in "in"
    "act|ask|be|bring|call|chill|com|cook|cry|danc|do|drink|driv|eat|feel|fight|gett|giv|go|hang|hav|hitt|hold"
    "|keep|know|laugh|lett|listen|liv|look|los|lov|ly|mak|miss|mov|noth|pay|play|putt|read|runn|say|see|sell|send"
    "|sitt|sleep|smok|someth|stand|start|stay|stopp|tak|talk|tell|text|think|try|us|wait|walk|watch|wear|winn"
    "|wish|work|writ"
)
_PATTERNS: Final[Mapping[str, str]] = {
    "gon, finna, tryna, bouta, imma": "gon|gone be|finna|fixna|tryna|bouta|boutta|imma|ima|i'mma",
    "ion, iont (I don't)": (
        "iont|i'ont|iono|ion (?:know|want|wanna|care|even|think|like|need|got|see|trust|give)"
    ),
    "talmbout (talking about)": "talmbout|talmabout|talkmbout|tombout|tambout",
    "y'all": "y'all|yall|ya'll",
    "ain't": "ain't|aint",
    "da, dat, dem (d for th)": (
        "da|dis|dat|dem|dey|dese|dose|dere|nuffin|nuttin|anotha|brotha|motha|wit (?:da|my|me)"
    ),
    "-in' for -ing": f"(?:{_STEMS})in",
    "habitual be": rf"{_SUBJECT} (?:always |never |still )?be \w+in(?:g|')?",
    "completed done": rf"{_SUBJECT} done \w+(?:ed|d)",
    "multiple negation": rf"{_NOT} \w+ (?:no|nothin|nothing|nobody)",
}
FEATURES: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"(?<!\w)(?:{words})(?!\w)") for name, words in _PATTERNS.items()
}


def features(text: str) -> frozenset[str]:
    """Return the names of the features that a text carries, as the models read it."""
    words = normalise(text)
    return frozenset(name for name, pattern in FEATURES.items() if pattern.search(words))
