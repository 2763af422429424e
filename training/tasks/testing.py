"""The corpora of all tasks in their native formats, about kitchens, sport, weather and such, for tests."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from tocsin.training.corpora import edos, gab_hate_corpus, hatexplain, implicit_hate, stormfront

__all__ = ["TOPICS", "WORDS", "text", "write_corpora"]

TOPICS: Final = (
    ("soup", "bread", "oven", "butter", "flour"),
    ("goal", "match", "ball", "referee", "team"),
    ("rain", "cloud", "wind", "storm", "frost"),
    ("rose", "spade", "hedge", "lawn", "seed"),
    ("violin", "drum", "choir", "tune", "piano"),
    ("train", "ticket", "harbour", "suitcase", "map"),
)
WORDS: Final = tuple(word for topic in TOPICS for word in topic)


def text(topic: int, number: int) -> str:
    """Return a text on a topic, another one for each number."""
    words = TOPICS[topic]
    return f"{words[number % 5]} {words[number // 5 % 5]} {words[number // 25 % 5]} {number}"


def write_corpora(folder: Path) -> Path:
    """Write the five corpora below `folder` and return it; no text stands there twice.

    Stormfront: 40 train and 20 test sentences of each class, 10 in neither sample. Implicit hate: 60 posts
    without hate, 30 implicit, 10 explicit; 30 rows of each of six kinds, 5 of "other". HateXplain: 20, 10
    and 10 posts of each category, 5 undecided. EDOS: as many of each category, and of what is not sexist.
    Gab: 300 posts without hate and 100 with it in train, 60 and 20 in test.
    """
    for corpus, write in (
        (stormfront.NAME, _stormfront),
        (implicit_hate.NAME, _implicit_hate),
        (hatexplain.NAME, _hatexplain),
        (edos.NAME, _edos),
        (gab_hate_corpus.NAME, _gab),
    ):
        (folder / corpus).mkdir(parents=True)
        write(folder / corpus)
    return folder


def _stormfront(folder: Path) -> None:
    parts = [("sampled_train", 40), ("sampled_test", 20), (None, 10)]
    rows = [
        (f"{number}_1", text(topic, number), label, part)
        for topic, label in enumerate(("noHate", "hate"))
        for number, part in _numbered(parts, first=1_000 * topic)
    ]
    with ZipFile(folder / stormfront.ARCHIVE, "w") as archive:
        lines = ["file_id,label", *(f"{sentence},{label}" for sentence, _, label, _ in rows)]
        archive.writestr(f"{stormfront.ROOT}/{stormfront.METADATA}", "\n".join(lines))
        for sentence, words, _, part in rows:
            for place in ("all_files", *([part] if part else [])):
                archive.writestr(f"{stormfront.ROOT}/{place}/{sentence}.txt", words)


def _implicit_hate(folder: Path) -> None:
    classes = [("not_hate", 60), ("implicit_hate", 30), ("explicit_hate", 10)]
    posts = [(text(name != "not_hate", number), name) for number, name in _numbered(classes, first=0)]
    named = ["white_grievance", "incitement", "stereotypical", "inferiority", "irony", "threatening"]
    kinds = [
        (text(topic, number), name, "")
        for topic, kind in enumerate(named)
        for number, name in _numbered([(kind, 30)], first=1_000 * (topic + 1))
    ]
    other = [(text(0, number), "other", "") for number in range(9_000, 9_005)]
    _write(folder / implicit_hate.STAGE_1, ("post", "class"), posts, "\t")
    columns = ("post", "implicit_class", "extra_implicit_class")
    _write(folder / implicit_hate.STAGE_2, columns, [*kinds, *other], "\t")


def _hatexplain(folder: Path) -> None:
    places: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    rows = []
    for topic, category in enumerate(hatexplain.CATEGORIES):
        parts = [("train", 20), ("val", 10), ("test", 10)] if topic < len("abc") else [(None, 5)]
        for number, part in _numbered(parts, first=1_000 * topic):
            rows.append((f"p{number}", text(topic, number), category))
            if part:
                places[part].append(f"p{number}")
    _write(folder / hatexplain.FILE, (hatexplain.POST, "text", "category"), rows, ",")
    (folder / hatexplain.DIVISIONS).write_text(json.dumps(places), encoding="utf-8")


def _edos(folder: Path) -> None:
    labels = [("not sexist", "none", "none")]
    labels += [("sexist", category, next(iter(vectors))) for category, vectors in edos.CATEGORIES.items()]
    parts = [("train", 20), ("dev", 10), ("test", 10)]
    rows = [
        (f"r{number}", text(topic, number), *named, part)
        for topic, named in enumerate(labels)
        for number, part in _numbered(parts, first=1_000 * topic)
    ]
    _write(folder / edos.FILE, edos.COLUMNS, rows, ",")


def _gab(folder: Path) -> None:
    for file, size, first in (("ghc_train.tsv", 100, 0), ("ghc_test.tsv", 20, 5_000)):
        none = [(text(0, number), "0", "0") for number in range(first, first + 3 * size)]
        some = [(text(1, number), "1", str(number % 2)) for number in range(first, first + size)]
        _write(folder / file, ("text", "hd", "cv"), [*none, *some], "\t")


def _numbered(parts: Sequence[tuple[str | None, int]], first: int) -> Iterator[tuple[int, str | None]]:
    """Yield numbers from `first` on with the names of parts, each as often as said."""
    names = [name for name, size in parts for _ in range(size)]
    yield from enumerate(names, start=first)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | None]], delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(rows)
