"""What is measured: tocsin by depth, and its peers, two of them in environments of their own."""

from __future__ import annotations

import hashlib
import locale
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["CANDIDATES", "ONE_THREAD", "Candidate", "MissingError", "Prepared", "prepare"]

WORKER: Final = Path(__file__).with_name("throughput_worker.py")
THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ONE_THREAD: Final = dict.fromkeys(THREADS, "1")
LOCALE: Final = "en_US.UTF-8"
C_LOCALE: Final = Path("/usr/lib/locale/C.utf8")


class MissingError(Exception):
    """Say why a peer cannot be measured on this machine."""


@dataclass(frozen=True)
class Candidate:
    """Say what plays a role in a worker, and what must be installed for it.

    `model` is what the role is told: a file of `throughput_train.py`, where the candidate is `trained`.
    `signals` is how many judgements come out for a text; `most` bounds the posts of a round.
    """

    title: str
    role: str
    signals: int
    model: str = ""
    requirements: tuple[str, ...] = ()
    locale: bool = False
    trained: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Prepared:
    """Hold the command that starts a worker, and its environment."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


LAYOUT: Final = "out/encoder/huggingface"
MOST_ENCODED: Final = 1_000  # what a transformer reads of a round

SCIPY_STACK: Final = ("joblib==1.6.0", "numpy==2.4.6", "scikit-learn==1.9.1", "scipy==1.17.1")
CANDIDATES: Final[Mapping[str, Candidate]] = {
    "screen": Candidate("tocsin: the screen alone", "screen", 8),
    "scores-given": Candidate("tocsin: scores, given language", "scores-given", 8),
    "scores": Candidate("tocsin: scores, found language", "scores", 8),
    "assess": Candidate("tocsin: whole assessments", "assess", 8, "screen"),
    "a": Candidate("(a) TF-IDF, one regression", "pipeline", 1, "one.joblib", trained=True),
    "a8": Candidate("(a8) TF-IDF, eight regressions", "pipeline", 8, "eight.joblib", trained=True),
    "b": Candidate(
        "(b) alt-profanity-check",
        "profanity-check",
        1,
        requirements=("alt-profanity-check==1.9.1", *SCIPY_STACK),
    ),
    "c": Candidate(
        "(c) hatesonar",
        "hatesonar",
        3,
        requirements=("hatesonar==0.1.0", "onnxruntime==1.32.0", *SCIPY_STACK),
        locale=True,
    ),
    "cascade": Candidate(
        "tocsin: whole assessments, by the cascade", "assess", 8, "cascade", most=MOST_ENCODED
    ),
    "encoder": Candidate(
        "tocsin: whole assessments, by the encoder", "assess", 8, "encoder", most=MOST_ENCODED
    ),
    "d": Candidate("(d) transformers.pipeline", "transformers", 8, LAYOUT, most=MOST_ENCODED),
}


def prepare(candidate: Candidate, work: Path, tell: Callable[[str], None]) -> Prepared:
    """Return how to start a candidate, installed where it must be; raise MissingError where it cannot be."""
    python = _python(candidate.requirements, work, tell) if candidate.requirements else sys.executable
    model = [str(work / candidate.model) if candidate.trained else candidate.model] * bool(candidate.model)
    if candidate.role == "transformers" and not Path(candidate.model).is_dir():
        raise MissingError(f"it takes what training the encoder leaves, {candidate.model}: there is none")
    environment = ONE_THREAD | (_locale(work) if candidate.locale else {})
    return Prepared((python, str(WORKER), candidate.role, *model), environment)


def _python(requirements: tuple[str, ...], work: Path, tell: Callable[[str], None]) -> str:
    """Return the interpreter of an environment that holds exactly these versions, made once."""
    key = hashlib.sha256(repr((requirements, sys.version)).encode()).hexdigest()[:12]
    folder = work / "peers" / f"{requirements[0].partition('=')[0]}-{key}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        tell(f"installing {requirements[0]} into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        _must(sys.executable, "-m", "venv", str(folder))
        _must(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
        (folder / "complete").touch()
    return str(python)


def _must(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise MissingError(
            f"it cannot be installed: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}"
        )


def _locale(work: Path) -> dict[str, str]:
    """Return what makes the locale known that a model names, whatever locales the machine has."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, LOCALE)
    except locale.Error:
        return _linked_locale(work)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return {}


def _linked_locale(work: Path) -> dict[str, str]:
    # The letters of both are the same, and letters are all that the model asks of it.
    if not C_LOCALE.is_dir():
        raise MissingError(f"its model needs the locale {LOCALE}, which is not there: locale-gen {LOCALE}")
    folder = work / "locale"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / LOCALE
    if not link.is_symlink():
        link.symlink_to(C_LOCALE)
    return {"LOCPATH": str(folder)}
