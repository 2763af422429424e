"""Identity terms: neutral words for groups of people, each in its forms, by the kind of group.

Inspired by the lists of Dixon et al. 2018 and Borkan et al. 2019; the words are our own. Slurs are no
neutral mention and stay out, reclaimed ones, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.fairness.english import ENGLISH
from tocsin.eval.fairness.german import GERMAN
from tocsin.eval.fairness.grammar import ENGLISH_GRAMMAR, GERMAN_GRAMMAR, Grammar
from tocsin.text import normalise

__all__ = ["VOCABULARIES", "Term", "Vocabulary"]

Groups = Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Hold one word for a group: its spellings by form, that which is written first.

    `place` is where it stands among the words for its group.
    """

    kind: str
    group: str
    place: int
    forms: Mapping[str, tuple[str, ...]]

    @property
    def name(self) -> str:
        """Return what tables call it."""
        return next(iter(self.forms.values()))[0]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hold the identity terms of one language; no word belongs to two, no group to two kinds.

    `found` has for each word, normalised, its term and the forms that it may be; `pattern` finds them
    whole, the longest first.
    """

    terms: tuple[Term, ...]
    found: Mapping[str, tuple[Term, tuple[str, ...]]]
    pattern: re.Pattern[str]
    grammar: Grammar

    @classmethod
    def of(cls, groups: Groups, grammar: Grammar) -> Vocabulary:
        """Return the vocabulary of ``kind: {group: terms}``, each term its words in the grammar's forms.

        "|" parts spellings, "" is no such form; an adjective with "+" never stands without an ending.
        Raises ValueError where a word belongs to two terms.
        """
        terms = tuple(
            Term(kind, group, place, dict(_forms(words, grammar)))
            for kind, of_kind in groups.items()
            for group, of_group in of_kind.items()
            for place, words in enumerate(of_group)
        )
        found: dict[str, tuple[Term, tuple[str, ...]]] = {}
        for term in terms:
            for form, spellings in term.forms.items():
                for word in map(normalise, spellings):
                    known, others = found.get(word, (term, ()))
                    if known is not term:
                        raise ValueError(f"a word must belong to one term, {word!r} belonged to two")
                    found[word] = (term, (*others, form))
        longest = sorted(found, key=lambda word: (-len(word), word))
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")
        return cls(terms, found, pattern, grammar)

    def counterpart(self, term: Term, group: str, form: str) -> str | None:
        """Return the word for another group in the same form, None where it has none.

        It is that of the term at the same place among the group's, or else of the first that has one.
        """
        others = [other for other in self.terms if other.group == group]
        others.sort(key=lambda other: (other.place != term.place, other.place))
        return next((other.forms[form][0] for other in others if form in other.forms), None)

    def groups(self, kind: str) -> tuple[str, ...]:
        """Return the groups of a kind, in order."""
        return tuple(dict.fromkeys(term.group for term in self.terms if term.kind == kind))


def _forms(words: Sequence[str], grammar: Grammar) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the spellings of each form that there is, an adjective with each of its endings."""
    adjectives = words[0].split("|") if words[0] else []
    for ending in grammar.endings:
        ended = tuple(word.rstrip("+") + ending for word in adjectives if ending or word[-1] != "+")
        if ended:
            yield f"{grammar.forms[0]} -{ending}" if ending else grammar.forms[0], ended
    for form, spellings in zip(grammar.forms[1:], words[1:], strict=True):
        if spellings:
            yield form, tuple(spellings.split("|"))


VOCABULARIES: Final[Mapping[str, Vocabulary]] = {
    "en": Vocabulary.of(ENGLISH, ENGLISH_GRAMMAR),
    "de": Vocabulary.of(GERMAN, GERMAN_GRAMMAR),
}
