"""Latent Hatred (ElSherief et al. 2021): posts of US extremist groups and their followers.

Stage 1 says hate or not; stage 2 says which kind of implicit hate, for stage 1's implicit rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown, sign

__all__ = ["CORPUS", "stage_1", "stage_2"]

NAME: Final = "implicit-hate"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/liuchaoqun/hate-speech-datasets/98f3ee8104cf87bb91ed3e64c31a3097b9f8de84"
STAGE_1: Final = "implicit_hate_v1_stg1_posts.tsv"
STAGE_2: Final = "implicit_hate_v1_stg2_posts.tsv"
CLASSES: Final = ("not_hate", "implicit_hate", "explicit_hate")
KINDS: Final = {
    "threatening": Signal.THREAT,
    "incitement": Signal.GLORIFICATION,  # defined there as flaunting in-group power, elevating hate groups
    "white_grievance": Signal.GRIEVANCE,
    "inferiority": Signal.DEHUMANISATION,
}
OTHER_KINDS: Final = ("stereotypical", "irony", "other")
TWIN_SIMILARITY: Final = 90.0  # per cent, normalised indel similarity


@dataclass(frozen=True, slots=True)
class _Kind:
    """Hold one row of stage 2: its number and the signals that it names."""

    number: int
    text: str
    named: frozenset[Signal]


def read(folder: Path) -> Iterator[Example]:
    """Yield stage 1's posts with what stage 2 adds, then the rows of stage 2 that have no twin."""
    posts = [(number, row["post"], _class(row, number)) for number, row in _rows(folder, STAGE_1)]
    kinds = [_kind(row, number) for number, row in _rows(folder, STAGE_2)]
    twins, orphans = _join([text for _, text, _ in posts], kinds)
    for index, (number, text, named) in enumerate(posts):
        yield _example(f"stage1:{number}", text, labels(named, twins.get(index, [])))
    for kind in orphans:
        yield _example(f"stage2:{kind.number}", kind.text, _kind_labels([kind]))


def stage_1(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the number, text and class of every post, whatever stage 2 says of it."""
    for number, row in _rows(folder, STAGE_1):
        yield number, row["post"], _class(row, number)


def stage_2(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the number, text and first kind of every row of stage 2."""
    for number, row in _rows(folder, STAGE_2):
        yield number, _kind(row, number).text, row["implicit_class"]


def labels(named: str, kinds: list[_Kind]) -> dict[Signal, Label]:
    """Return what a post of class `named` says, given the rows of stage 2 that are its twins.

    All is contested where stage 2 speaks of a post that stage 1 does not call implicit hate.
    """
    if kinds and named != "implicit_hate":
        return dict.fromkeys((Signal.HATE, Signal.EXTREMISM, *KINDS.values()), Label.UNKNOWN)
    found = {Signal.HATE: sign(positive=named != "not_hate")}
    if named == "not_hate":
        found |= dict.fromkeys(KINDS.values(), Label.NEGATIVE)
        found[Signal.EXTREMISM] = Label.PRESUMED_NEGATIVE
    return found | _kind_labels(kinds)


def _kind_labels(kinds: list[_Kind]) -> dict[Signal, Label]:
    """Return the four signals of stage 2; unknown where two rows on one post disagree."""
    if not kinds:
        return {}
    found: dict[Signal, Label] = {}
    for signal in KINDS.values():
        said = {sign(positive=signal in kind.named) for kind in kinds}
        found[signal] = said.pop() if len(said) == 1 else Label.UNKNOWN
    return found


def _join(posts: list[str], kinds: list[_Kind]) -> tuple[dict[int, list[_Kind]], list[_Kind]]:
    """Return the stage 2 rows of each post, by its index, and those that match none."""
    places: dict[str, list[int]] = defaultdict(list)
    for index, post in enumerate(posts):
        places[post].append(index)
    twins: dict[int, list[_Kind]] = defaultdict(list)
    orphans = []
    for kind in kinds:
        matched = places.get(kind.text) or _nearest(kind.text, posts)
        for index in matched:
            twins[index].append(kind)
        if not matched:
            orphans.append(kind)
    return twins, orphans


def _nearest(text: str, posts: list[str]) -> list[int]:
    found = process.extractOne(text, posts, scorer=fuzz.ratio, score_cutoff=TWIN_SIMILARITY)
    return [] if found is None else [found[2]]


def _rows(folder: Path, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    columns = {STAGE_1: ("post", "class"), STAGE_2: ("post", "implicit_class", "extra_implicit_class")}
    return read_csv(folder / file, columns[file], delimiter="\t")


def _class(row: Mapping[str, str], number: int) -> str:
    if row["class"] not in CLASSES:
        raise CorpusError(
            f"{STAGE_1}, row {number}: class must be one of {CLASSES}, was {shown(row['class'])}"
        )
    return row["class"]


def _kind(row: Mapping[str, str], number: int) -> _Kind:
    named = (row["implicit_class"], row["extra_implicit_class"])
    allowed = (*KINDS, *OTHER_KINDS)
    for kind, known in zip(named, (allowed, (*allowed, "")), strict=True):
        if kind not in known:
            raise CorpusError(f"{STAGE_2}, row {number}: kind must be one of {allowed}, was {shown(kind)}")
    return _Kind(number, row["post"], frozenset(KINDS[kind] for kind in named if kind in KINDS))


def _example(identity: str, text: str, found: Mapping[Signal, Label]) -> Example:
    return Example(
        id=f"{NAME}:{identity}", text=text, language="en", corpus=NAME, licence=LICENCE, labels=found
    )


CORPUS: Final = Corpus(
    name=NAME,
    title="Latent Hatred / Implicit Hate Corpus (ElSherief et al. 2021)",
    licence=LICENCE,
    language="en",
    origin="github.com/SALT-NLP/implicit-hate",
    files=(
        CorpusFile(
            "implicit_hate_v1_stg1_posts.tsv",
            size=2_190_629,
            sha256="00811aca26d05ace390e7131eb311a3e9e0e39ecadb2b839a173d4f7e2ccea8b",
            url=f"{UPSTREAM}/implicit-hate-corpus/implicit_hate_v1_stg1_posts.tsv",
        ),
        CorpusFile(
            "implicit_hate_v1_stg2_posts.tsv",
            size=705_957,
            sha256="116522bdc3417d5fdca79f5290fd06ec3f517abc78d0bd33041c5485965a7005",
            url=f"{UPSTREAM}/implicit-hate-corpus/implicit_hate_v1_stg2_posts.tsv",
        ),
    ),
    read=read,
)
