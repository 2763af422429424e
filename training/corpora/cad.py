"""The Contextual Abuse Dataset (Vidgen et al. 2021): Reddit, labelled by what abuse is directed at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown, sign

__all__ = ["CORPUS"]

NAME: Final = "cad"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/NoamElul/cis-5300-final/3c569a14950d76b911d6444953a3d617d99f60cd"
FILES: Final = {
    "cad_v1_1_train.tsv": Split.TRAIN,
    "cad_v1_1_dev.tsv": Split.DEV,
    "cad_v1_1_test.tsv": Split.TEST,
}
ABUSE: Final = frozenset({"AffiliationDirectedAbuse", "IdentityDirectedAbuse", "PersonDirectedAbuse"})
LABELS: Final = ABUSE | {"CounterSpeech", "Neutral"}
LINE_BREAK: Final = "[linebreak]"  # the files hold one line a text
IDENTITY: Final = re.compile(r"([0-9a-z]+)(-title|-post)?")


def read(folder: Path) -> Iterator[Example]:
    """Yield every title, post and comment; a title and its post belong together."""
    for file, split in FILES.items():
        for number, row in read_csv(folder / file, ("id", "text", "labels"), delimiter="\t", quoted=False):
            place = f"{file}, row {number}"
            yield Example(
                id=f"{NAME}:{row['id']}",
                text=row["text"].replace(LINE_BREAK, "\n"),
                language="en",
                corpus=NAME,
                licence=LICENCE,
                labels=labels(row, place),
                group=_thread(row, place),
                split=split,
                attributes={"labels": row["labels"]},
            )


def labels(row: Mapping[str, str], place: str) -> dict[Signal, Label]:
    """Return what one row says; speech that counters abuse and abuses in turn says nothing."""
    named = frozenset(row["labels"].split(","))
    if not named <= LABELS:
        raise CorpusError(f"{place}: labels must be among {sorted(LABELS)}, were {shown(row['labels'])}")
    if "CounterSpeech" in named:
        return {} if named & ABUSE else dict.fromkeys(Signal, Label.NEGATIVE)
    found = {Signal.HATE: sign(positive="IdentityDirectedAbuse" in named)}
    if named == {"Neutral"}:
        found[Signal.EXTREMISM] = Label.PRESUMED_NEGATIVE
    return found


def _thread(row: Mapping[str, str], place: str) -> str:
    matched = IDENTITY.fullmatch(row["id"])
    if matched is None:
        raise CorpusError(
            f"{place}: id must be letters and digits, with -title or -post at most, was {shown(row['id'])}"
        )
    return matched[1]


CORPUS: Final = Corpus(
    name=NAME,
    title="Contextual Abuse Dataset (Vidgen et al. 2021)",
    licence=LICENCE,
    language="en",
    origin="zenodo.org/record/4881008",
    files=(
        CorpusFile(
            "cad_v1_1_train.tsv",
            size=2_663_399,
            sha256="139b4d21be0f6b6c372dbfc8015eb18753e11025e3251f92eebd2ffb9d27fe17",
            url=f"{UPSTREAM}/data/reddit-abusive-comments/cad_v1_1_train.tsv",
        ),
        CorpusFile(
            "cad_v1_1_dev.tsv",
            size=884_169,
            sha256="71f84da6ed1d52ec0e8e478e5428167c86bbb3686c34a54b81c222185ff7ec59",
            url=f"{UPSTREAM}/data/reddit-abusive-comments/cad_v1_1_dev.tsv",
        ),
        CorpusFile(
            "cad_v1_1_test.tsv",
            size=1_159_359,
            sha256="191113e50174b21fe30497e42028f3539e7efb1825b05df0f2ca3854985250e4",
            url=f"{UPSTREAM}/data/reddit-abusive-comments/cad_v1_1_test.tsv",
        ),
    ),
    read=read,
)
