"""EDOS (Kirk et al. 2023, SemEval-2023 task 10): posts from Gab and Reddit, labelled for sexism alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.text import URL, USER
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "edos"
LICENCE: Final = "CC0-1.0"
UPSTREAM: Final = f"{GITHUB}/rewire-online/edos/b1f1fbcca9d42de0395432ada8fcfb5c35f68c77"
FILE: Final = "edos_labelled_aggregated.csv"
COLUMNS: Final = ("rewire_id", "text", "label_sexist", "label_category", "label_vector", "split")
SPLITS: Final = {"train": Split.TRAIN, "dev": Split.DEV, "test": Split.TEST}

NO_VIOLENCE: Final = {Signal.INCITEMENT: Label.NEGATIVE, Signal.THREAT: Label.NEGATIVE}
DEROGATION: Final = {**NO_VIOLENCE, Signal.HATE: Label.POSITIVE}
ANIMOSITY: Final = {**NO_VIOLENCE, Signal.DEHUMANISATION: Label.NEGATIVE}
CATEGORIES: Final[Mapping[str, Mapping[str, Mapping[Signal, Label]]]] = {
    "1. threats, plans to harm and incitement": {
        # a threat may incite as well, and incitement threaten: neither denies the other
        "1.1 threats of harm": {Signal.THREAT: Label.POSITIVE, Signal.HATE: Label.POSITIVE},
        "1.2 incitement and encouragement of harm": {
            Signal.INCITEMENT: Label.POSITIVE,
            Signal.HATE: Label.POSITIVE,
        },
    },
    "2. derogation": {
        "2.1 descriptive attacks": DEROGATION,
        "2.2 aggressive and emotive attacks": DEROGATION,
        "2.3 dehumanising attacks & overt sexual objectification": {
            **DEROGATION,
            Signal.DEHUMANISATION: Label.POSITIVE,
        },
    },
    "3. animosity": {
        "3.1 casual use of gendered slurs, profanities, and insults": ANIMOSITY,
        "3.2 immutable gender differences and gender stereotypes": ANIMOSITY,
        "3.3 backhanded gendered compliments": ANIMOSITY,
        "3.4 condescending explanations or unwelcome advice": ANIMOSITY,
    },
    "4. prejudiced discussions": {
        "4.1 supporting mistreatment of individual women": NO_VIOLENCE,
        "4.2 supporting systemic discrimination against women as a group": NO_VIOLENCE,
    },
}
# What is not sexist may hate, threaten or dehumanise somebody else.
CLASSES: Final[Mapping[tuple[str, str, str], Mapping[Signal, Label]]] = {
    ("not sexist", "none", "none"): {},
    **{
        ("sexist", category, vector): said
        for category, vectors in CATEGORIES.items()
        for vector, said in vectors.items()
    },
}


def read(folder: Path) -> Iterator[Example]:
    """Yield every post; those that are not sexist serve the corpus's own task A alone."""
    for number, row in read_csv(folder / FILE, COLUMNS):
        yield Example(
            id=f"{NAME}:{row['rewire_id']}",
            text=_written(row["text"]),
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels=labels(row, number),
            split=_split(row, number),
            attributes={
                "sexist": row["label_sexist"],
                "category": row["label_category"],
                "vector": row["label_vector"],
            },
        )


def _written(text: str) -> str:
    """Return a post with its masks as every other corpus's are read: its own would name the corpus."""
    return text.replace("[USER]", USER).replace("[URL]", URL)


def labels(row: Mapping[str, str], number: int) -> Mapping[Signal, Label]:
    """Return what one row says."""
    named = (row["label_sexist"], row["label_category"], row["label_vector"])
    if named not in CLASSES:
        raise CorpusError(
            f"{FILE}, row {number}: labels must be 'not sexist', or 'sexist' with a category and one of its"
            f" vectors, were {', '.join(map(shown, named))}"
        )
    return CLASSES[named]


def _split(row: Mapping[str, str], number: int) -> Split:
    if row["split"] not in SPLITS:
        raise CorpusError(
            f"{FILE}, row {number}: split must be one of {sorted(SPLITS)}, was {shown(row['split'])}"
        )
    return SPLITS[row["split"]]


CORPUS: Final = Corpus(
    name=NAME,
    title="Explainable Detection of Online Sexism (Kirk et al. 2023)",
    licence=LICENCE,
    language="en",
    origin="github.com/rewire-online/edos",
    files=(
        CorpusFile(
            "edos_labelled_aggregated.csv",
            size=3_846_925,
            sha256="607bdbb766e1803a28f0eb8fc21c14b6b9dfa20039f726ba6767438584b47f9b",
            url=f"{UPSTREAM}/data/edos_labelled_aggregated.csv",
        ),
    ),
    read=read,
)
