"""Which test rows name which groups, and the same rows with another group named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.fairness.grammar import cased
from tocsin.eval.fairness.terms import Term, Vocabulary
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.subject import Subject
from tocsin.example import Example
from tocsin.text import normalise, normalise_with_offsets

__all__ = ["Key", "Mention", "Naming", "Part", "mentions", "naming", "parts", "swapped"]

TARGET: Final = "target"  # a corpus's own word for whom a row is about
Bools = NDArray[np.bool_]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold where a text names a group: characters `start` to `end`, with which term in which form."""

    term: Term
    form: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Naming:
    """Hold what each test row names: the mentions in its text, and the groups.

    Groups are the row's own `target` in `by_target`, corpora that say it, else those of its mentions.
    """

    mentions: Sequence[tuple[Mention, ...]]
    groups: Sequence[frozenset[str]]
    by_target: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the test rows of one corpus and language: their places, and by group which of them name it.

    `terms` has the same by group and term, empty where the corpus's own targets are taken. Rows of one
    number in `together` share an account, a post or a template, or are contrast partners.
    """

    corpus: str
    language: str
    places: NDArray[np.intp]
    together: NDArray[np.intp]
    groups: Mapping[Key, Bools]
    terms: Mapping[Key, Bools]


def naming(rows: Sequence[Example], vocabularies: Mapping[str, Vocabulary]) -> Naming:
    """Return what every row names; rows of a language without a vocabulary name nothing."""
    found = [
        mentions(row.text, vocabularies[row.language]) if row.language in vocabularies else () for row in rows
    ]
    by_target = frozenset(row.corpus for row in rows if TARGET in row.attributes)
    return Naming(
        found, [_groups(row, told, by_target) for row, told in zip(rows, found, strict=True)], by_target
    )


def mentions(text: str, vocabulary: Vocabulary) -> tuple[Mention, ...]:
    """Return the identity terms of a text, whole words as the models read it; emoji are no words."""
    if not vocabulary.pattern.search(normalise(text)):
        return ()
    normalised = normalise_with_offsets(text)
    found = []
    for match in vocabulary.pattern.finditer(normalised.text):
        start, end = normalised.starts[match.start()], normalised.ends[match.end() - 1]
        if any(map(str.isalpha, text[start:end])):
            term, forms = vocabulary.found[match[0]]
            form = forms[0]
            if len(forms) > 1:
                form = vocabulary.grammar.choose(forms, text[:start], text[start:end], text[end:])
            found.append(Mention(term, form, start, end))
    return tuple(found)


def swapped(text: str, found: Sequence[Mention], group: str, vocabulary: Vocabulary) -> str | None:
    """Return a text with another group's words in the same forms and case, None where one is lacking."""
    for mention in reversed(found):
        word = vocabulary.counterpart(mention.term, group, mention.form)
        if word is None:
            return None
        written = cased(word, text[mention.start : mention.end])
        text = vocabulary.grammar.before(text[: mention.start], word) + written + text[mention.end :]
    return text


def parts(subject: Subject, named: Naming) -> Iterator[Part]:
    """Yield the corpora, language by language."""
    for corpus, language in sorted({(row.corpus, row.language) for row in subject.rows}):
        places = subject.places(corpus, language)
        terms: list[frozenset[Key]] = [
            frozenset((one.term.group, one.term.name) for one in named.mentions[place])
            if corpus not in named.by_target
            else frozenset()
            for place in places
        ]
        groups = [frozenset((group,) for group in named.groups[place]) for place in places]
        together = clusters([subject.rows[place] for place in places])
        yield Part(corpus, language, places, together, _members(groups), _members(terms))


def _members(named: Sequence[frozenset[Key]]) -> Mapping[Key, Bools]:
    return {key: np.array([key in one for one in named]) for key in sorted(frozenset().union(*named))}


def _groups(row: Example, found: Sequence[Mention], by_target: frozenset[str]) -> frozenset[str]:
    if row.corpus in by_target:
        return frozenset({row.attributes[TARGET]} if row.attributes.get(TARGET) else ())
    return frozenset(mention.term.group for mention in found)
