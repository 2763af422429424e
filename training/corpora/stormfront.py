"""De Gibert et al. 2018: sentences of posts in a white supremacist forum, read from the upstream archive."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import Corpus, CorpusFile, csv_rows, shown, utf8_text

__all__ = ["CORPUS"]

NAME: Final = "stormfront"
LICENCE: Final = "CC-BY-SA-3.0-ES"
ARCHIVE: Final = "hate-speech-dataset-master.zip"
ROOT: Final = "hate-speech-dataset-master"
METADATA: Final = "annotations_metadata.csv"
LARGEST: Final = 1 << 24  # bytes that the archive may unpack to; it has a tenth of them
SENTENCE: Final = re.compile(r"([0-9]+)_[0-9]+")
SAMPLES: Final = ("train", "test")
UNREADABLE: Final = (BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error)  # or encrypted
CLASSES: Final = {
    "hate": Label.POSITIVE,
    "noHate": Label.NEGATIVE,
    "relation": None,  # hateful or not only beside its neighbours
    "idk/skip": None,
}


def read(folder: Path) -> Iterator[Example]:
    """Yield every sentence that was judged by itself; sentences of one post belong together."""
    with _archive(folder / ARCHIVE) as archive:
        rows = list(csv_rows(_member(archive, METADATA), f"{ARCHIVE}: {METADATA}", ("file_id", "label")))
        sampled = _sampled(archive, {row["file_id"] for _, row in rows})
        for number, row in rows:
            place = f"{ARCHIVE}: {METADATA}, row {number}"
            label, post = _label(row, place), _post(row, place)
            if label is not None:
                sentence = row["file_id"]
                yield Example(
                    id=f"{NAME}:{sentence}",
                    text=_member(archive, f"all_files/{sentence}.txt"),
                    language="en",
                    corpus=NAME,
                    licence=LICENCE,
                    labels={Signal.HATE: label},
                    group=post,
                    # All that is not in the official test is for training: were some of it drawn into
                    # the test, that would be neither the balanced test of the paper nor comparable.
                    split=Split.TEST if sampled.get(sentence) == "test" else Split.TRAIN,
                    attributes={"sampled": sampled.get(sentence, "no")},
                )


def _label(row: Mapping[str, str], place: str) -> Label | None:
    if row["label"] not in CLASSES:
        raise CorpusError(f"{place}: label must be one of {sorted(CLASSES)}, was {shown(row['label'])}")
    return CLASSES[row["label"]]


def _post(row: Mapping[str, str], place: str) -> str:
    matched = SENTENCE.fullmatch(row["file_id"])
    if matched is None:
        raise CorpusError(
            f"{place}: file_id must be a post's number, _ and a sentence's, was {shown(row['file_id'])}"
        )
    return matched[1]


def _sampled(archive: ZipFile, known: set[str]) -> dict[str, str]:
    """Return which official balanced sample each sentence in one is in: "train" or "test"."""
    found: dict[str, str] = {}
    for sample in SAMPLES:
        folder = f"{ROOT}/sampled_{sample}/"
        names = [PurePosixPath(name) for name in archive.namelist() if name.startswith(folder)]
        sentences = {name.stem for name in names if name.suffix == ".txt"}
        if not sentences:
            raise CorpusError(f"{ARCHIVE}: sampled_{sample} must hold sentences, was empty or missing")
        if not sentences <= known:
            raise CorpusError(
                f"{ARCHIVE}: sampled_{sample} must hold sentences of {METADATA} alone,"
                f" had {shown(min(sentences - known))}"
            )
        found |= dict.fromkeys(sentences, sample)
    return found


@contextmanager
def _archive(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except UNREADABLE as error:
        raise CorpusError(f"{ARCHIVE}: must be a zip archive: {error}") from error
    with archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST:
            raise CorpusError(f"{ARCHIVE}: must unpack to at most {LARGEST} bytes, was said to take {size}")
        yield archive


def _member(archive: ZipFile, name: str) -> str:
    try:
        stated = archive.getinfo(f"{ROOT}/{name}")
        with archive.open(stated) as member:
            content = member.read(stated.file_size + 1)  # and no more, whatever there is
    except KeyError as error:
        raise CorpusError(f"{ARCHIVE}: {name} is missing") from error
    except UNREADABLE as error:
        raise CorpusError(f"{ARCHIVE}: {name} must be readable: {error}") from error
    return utf8_text(content, f"{ARCHIVE}: {name}")


CORPUS: Final = Corpus(
    name=NAME,
    title="Hate speech dataset from a white supremacist forum (de Gibert et al. 2018)",
    licence=LICENCE,
    language="en",
    origin="github.com/Vicomtech/hate-speech-dataset",
    files=(
        CorpusFile(
            "hate-speech-dataset-master.zip",
            size=3_664_530,
            sha256="06a9b4d85933e54199db2f5bf972b926b55412d05a43085ddf64f0ff92e8d8f9",
            url="https://github.com/Vicomtech/hate-speech-dataset/archive/refs/heads/master.zip",
        ),
    ),
    read=read,
)
