"""Short texts whose language is known: posts of the corpora, sentences, messages of programs."""

from __future__ import annotations

import csv
import gettext
import importlib.util
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Final

from tocsin.language import prose

__all__ = ["GROUPS", "LENGTHS", "Text", "fold", "messages", "posts", "sentences"]

LENGTHS: Final = {"1–2": 1, "3–5": 3, "6–9": 6, "10–19": 10, "20+": 20}  # the fewest words of each
# What a text stands for, and its part in the stream that probabilities are calibrated to.
GROUPS: Final = {
    "English posts": 1 / 3,
    "German posts": 1 / 3,
    "sentences": 0.6 / 3,
    "messages": 0.3 / 3,
    "rarer messages": 0.1 / 3,
}
ENGLISH, GERMAN, SENTENCES, MESSAGES, RARER = GROUPS

CATALOGUES: Final = Path("/usr/share/locale")
_COMMON: Final = frozenset(  # what `sentences` are in, and Indonesian
    {"am", "ar", "az", "be", "bg", "bn", "ca", "cs", "da", "el", "es", "et", "eu", "fa", "fi", "fr", "gu"}
    | {"he", "hi", "hr", "hu", "hy", "id", "is", "it", "ka", "kn", "ko", "ku", "lt", "lv", "ml", "mr", "ms"}
    | {"nb", "nl", "nn", "no", "or", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "ta", "te"}
    | {"tl", "tr", "uk", "ur", "vi", "yo"}
)
_WITHOUT_BLANKS: Final = frozenset({"ja", "lo", "th", "zh"})
_PLACEHOLDER: Final = re.compile(r"<\w+>|\[(?:URL|USER|@\w+)\]|\|LBR\|")
_NO_MESSAGE: Final = re.compile(r"[%{<$&\\_|/=\n`\[]|--|\d|\.\w")

# Languages that detectors cut differently count as one.
_ONE: Final = {
    variety: language
    for language, varieties in {
        "ar": ("ary", "arz"),
        "he": ("hbo", "iw"),
        "ku": ("ckb", "kmr", "sdh"),
        "ms": ("id",),
        "no": ("nb", "nn"),
        "sr": ("bs", "hbs", "hr", "sh"),
        "tl": ("fil",),
        "zh": ("wuu", "yue", "zh-hant"),
    }.items()
    for variety in varieties
}


@dataclass(frozen=True)
class Text:
    """Hold a text, the language it is in, and the group and corpus it stands for."""

    text: str
    language: str
    group: str
    corpus: str

    @cached_property
    def words(self) -> int:
        """Count the words that have a letter, links, handles and hashtags left out."""
        return sum(any(map(str.isalpha, word)) for word in prose(self.text).split())

    @cached_property
    def length(self) -> str:
        """Name the class of length that the text is in."""
        return [name for name, fewest in LENGTHS.items() if fewest <= max(self.words, 1)][-1]

    @cached_property
    def fits(self) -> bool:
        """Say whether the text is in the half that constants are fitted to; copies stand together."""
        return blake2b(self.text.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] % 2 == 0


Row = Mapping[str, str]


@dataclass(frozen=True)
class Posts:
    """Say where a corpus keeps its posts, and which of them are its official test."""

    language: str
    files: tuple[str, ...]
    column: str
    delimiter: str = ","
    tests: Callable[[Path], Callable[[Row], bool]] = lambda _: lambda row: row.get("split") == "test"


def _listed(folder: Path) -> Callable[[Row], bool]:
    """Tell the test rows of HateXplain, whose split is a list of ids."""
    ids = frozenset(json.loads((folder / "hatexplain/post_id_divisions.json").read_text("utf-8"))["test"])
    return lambda row: row[""] in ids


POSTS: Final = {
    "gab-hate-corpus": Posts("en", ("ghc_train.tsv",), "text", "\t"),
    "implicit-hate": Posts("en", ("implicit_hate_v1_stg1_posts.tsv",), "post", "\t"),
    "davidson": Posts("en", ("labeled_data.csv",), "tweet"),
    "edos": Posts("en", ("edos_labelled_aggregated.csv",), "text"),
    "hatexplain": Posts("en", ("092-HateXplain.csv",), "text", tests=_listed),
    "gahd": Posts("de", ("gahd.csv",), "text"),
    "germeval-2026": Posts(
        "de", tuple(f"{task}_train_26.csv" for task in ("c2a", "dbo", "vio")), "description", ";"
    ),
}


def fold(language: str) -> str:
    """Return one code for languages that detectors cut differently."""
    return _ONE.get(language, language)


def posts(folder: Path, most: int) -> list[Text]:
    """Return at most `most` posts of each corpus and class of length, none of an official test."""
    csv.field_size_limit(2**27)
    found = [text for corpus, source in POSTS.items() for text in _posts(folder, corpus, source)]
    return _drawn(found, most, lambda text: text.corpus)


def _posts(folder: Path, corpus: str, source: Posts) -> Iterator[Text]:
    is_test = source.tests(folder)
    group = ENGLISH if source.language == "en" else GERMAN
    for name in source.files:
        with (folder / corpus / name).open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file, delimiter=source.delimiter):
                if not is_test(row):
                    text = _PLACEHOLDER.sub(" ", row[source.column])
                    yield Text(text, source.language, group, corpus)


def sentences(most: int) -> list[Text]:
    """Return the beginnings, of every length, of the test sentences that come with eld, if it is there.

    At most `most` of each language and class of length. 58 languages besides English and German;
    where words are not parted by blanks, whole sentences.
    """
    eld = importlib.util.find_spec("eld")
    path = Path(eld.origin).parent / "tests/data/big-test.txt" if eld and eld.origin else None
    if path is None or not path.is_file():
        return []
    draw = random.Random(0)  # noqa: S311 - a sample, no secret
    pairs = (line.split("\t", 1) for line in path.read_text("utf-8").split("\n") if line)
    cut = (Text(_beginning(text, code, draw), fold(code), SENTENCES, code) for code, text in pairs)
    return _drawn([text for text in cut if text.language not in {"de", "en"}], most, lambda text: text.corpus)


def _beginning(text: str, language: str, draw: random.Random) -> str:
    lengths = [*LENGTHS.values(), 40]
    start = draw.randrange(len(lengths) - 1)
    words = draw.randrange(lengths[start], lengths[start + 1])
    return text if language in _WITHOUT_BLANKS else " ".join(text.split()[:words])


def messages(most: int) -> list[Text]:
    """Return translated messages of the programs on this machine, if catalogues are there.

    At most `most` of each language and class of length; messages of three words or more without
    placeholders, numbers or code, that differ from the English ones. Those in a language that
    `sentences` are in too are a group of their own.
    """
    found: list[Text] = []
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/*.mo")):
        code = path.parts[-3].split("_")[0]
        if "@" not in path.parts[-3] and fold(code) not in {"de", "en"} | _WITHOUT_BLANKS:
            group = MESSAGES if code in _COMMON else RARER
            found += [Text(message, fold(code), group, code) for message in _catalogue(path)]
    return [text for text in _drawn(found, most, lambda text: text.corpus) if text.words > 2]


def _catalogue(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        try:
            entries = vars(gettext.GNUTranslations(file))["_catalog"]
        except (OSError, ValueError, IndexError):  # some are not UTF-8, some have no plural rule
            return
    for english, message in entries.items():
        translated = isinstance(message, str) and message not in {"", english} and english
        if translated and len(message.split()) > 2 and not _NO_MESSAGE.search(message):
            yield message


def _drawn(texts: Iterable[Text], most: int, kind: Callable[[Text], str]) -> list[Text]:
    """Return a seeded sample: at most `most` of each kind and class of length, no text twice."""
    cells = defaultdict[tuple[str, str], list[Text]](list)
    for text in sorted(set(texts), key=lambda text: (text.text, text.corpus)):
        if text.words:
            cells[kind(text), text.length].append(text)
    draw = random.Random(0)  # noqa: S311 - a sample, no secret
    return [text for _, cell in sorted(cells.items()) for text in draw.sample(cell, min(most, len(cell)))]
