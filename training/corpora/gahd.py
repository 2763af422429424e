"""GAHD (Goldzycher et al. 2024): German, written by annotators against models in four rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, flag, read_csv, shown, sign

__all__ = ["CORPUS"]

NAME: Final = "gahd"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/jagol/gahd/2a4e919d5208d99a885824c63583d898d02ca1a1"
FILE: Final = "gahd.csv"
COLUMNS: Final = ("gahd_id", "text", "label", "round", "split", "contrastive_gahd_id")
SPLITS: Final = {"train": Split.TRAIN, "dev": Split.DEV, "test": Split.TEST}
ROUNDS: Final = ("R1", "R2", "R3", "R4")
UNPUBLISHED: Final = frozenset(  # ids of another scheme: the entries perturbed here are not in the file
    {"444873", "444888", "444990", "445189", "445299", "445605", "acl14584", "acl1971"}
)


def read(folder: Path) -> Iterator[Example]:
    """Yield every entry; its contrast partner is the entry that it was perturbed from, or into."""
    rows = list(read_csv(folder / FILE, COLUMNS))
    partners = _partners(rows)
    for number, row in rows:
        place = f"{FILE}, row {number}"
        yield Example(
            id=_identity(row["gahd_id"]),
            text=row["text"],
            language="de",
            corpus=NAME,
            licence=LICENCE,
            labels=labels(row, place),
            partners=tuple(_identity(partner) for partner in partners.get(row["gahd_id"], ())),
            split=SPLITS[_known(row, "split", tuple(SPLITS), place)],
            attributes={"round": _known(row, "round", ROUNDS, place)},
        )


def labels(row: Mapping[str, str], place: str) -> dict[Signal, Label]:
    """Return what one row says."""
    return {Signal.HATE: sign(positive=flag(row, "label", place))}


def _partners(rows: Sequence[tuple[int, Mapping[str, str]]]) -> Mapping[str, list[str]]:
    """Return each entry's contrast partners. Only the later one of a pair names the other upstream."""
    known = {row["gahd_id"] for _, row in rows}
    found: dict[str, list[str]] = defaultdict(list)
    for number, row in rows:
        entry, original = row["gahd_id"], row["contrastive_gahd_id"]
        if original in known:
            found[entry].append(original)
            found[original].append(entry)
        elif original and original not in UNPUBLISHED:
            raise CorpusError(
                f"{FILE}, row {number}: contrastive_gahd_id must be a gahd_id, was {shown(original)}"
            )
    return found


def _known(row: Mapping[str, str], column: str, allowed: tuple[str, ...], place: str) -> str:
    if row[column] not in allowed:
        raise CorpusError(f"{place}: {column} must be one of {allowed}, was {shown(row[column])}")
    return row[column]


def _identity(entry: str) -> str:
    return f"{NAME}:{entry}"


CORPUS: Final = Corpus(
    name=NAME,
    title="German Adversarial Hate Speech Dataset (Goldzycher et al. 2024)",
    licence=LICENCE,
    language="de",
    origin="github.com/jagol/gahd",
    files=(
        CorpusFile(
            "gahd.csv",
            size=1_563_509,
            sha256="a1ba022786b198f0d2145c0ee8cbe4d65a1d3aadb81105ac55684b79d3ed650b",
            url=f"{UPSTREAM}/gahd.csv",
        ),
    ),
    read=read,
)
