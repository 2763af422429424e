"""Suites are run one after the other, and what each measured is kept: a run that was stopped goes on."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from tocsin import __version__
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Answer, NotRun, Suite, Tell

__all__ = ["Origin", "evaluate"]

_FOLDER: Final = "suites"
_ELSEWHERE: Final = ("cli", "service", "training", "page", "eval/page")  # code that no answer depends on


@dataclass(frozen=True, slots=True)
class Origin:
    """Say which files rows came from, as SHA-256 by corpus and file, and on which day (``YYYY-MM-DD``)."""

    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    made: str = "not dated"


def evaluate(
    subject: Subject,
    suites: Sequence[Suite],
    tell: Tell = lambda _: None,
    keep: Path | None = None,
    origin: Origin = Origin(),
) -> Report:
    """Return what the suites measured.

    Below the folder `keep`, if given, answers are stored suite by suite as they come; those of an
    earlier run on the same inputs are read back instead of measured again.
    """
    scorer = subject.scorer
    inputs = _inputs_digest(subject) if keep else ""
    return Report(
        scorer.model,
        scorer.bundle.tier.value,
        sorted(scorer.bundle.manifest.languages),
        scorer.policy.stamp,
        _rows_read(subject, origin.files),
        origin.made,
        __version__,
        tuple(_answers(subject, suites, tell, keep, inputs)),
    )


def _answers(
    subject: Subject, suites: Sequence[Suite], tell: Tell, keep: Path | None, inputs: str
) -> Iterator[Answer]:
    # What measured nothing before is run again: what it needs may be there now.
    for suite in suites:
        tell(f"suite {suite.name}")
        path = keep / _FOLDER / f"{suite.name}.json" if keep else None
        answer = _kept(path, inputs) if path else None
        if answer is None:
            answer = _run(subject, suite, tell)
            if path:
                _store(path, inputs, answer)
        yield answer


def _inputs_digest(subject: Subject) -> str:
    """Return what an answer depends on, as one digest: all that the subject holds, and the code."""
    scorer, old = subject.scorer, subject.baseline
    judges = [[asdict(one.conditions), one.policy.digest] for one in (scorer, *([old] if old else ()))]
    others = [
        [asdict(file) for file in files] if files else None
        for files in (subject.twins, subject.rivals, subject.drift)
    ]
    told = [judges, others, subject.training, _code()]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for row in subject.rows:
        digest.update(json.dumps(row.to_dict(), sort_keys=True).encode())
    return digest.hexdigest()


def _rows_read(subject: Subject, files: Mapping[str, Mapping[str, str]]) -> RowsRead:
    """Return which rows were read, compared with the files that the bundle's training record names.

    Where no file is told, there is nothing to compare.
    """
    known = subject.training.get("files", {})
    names, counts = np.unique([row.corpus for row in subject.rows], return_counts=True)
    return RowsRead(
        dict(zip(names.tolist(), counts.tolist(), strict=True)),
        differing=sorted(name for name, told in files.items() if dict(known.get(name, {})) != dict(told)),
        absent=sorted(set(known) - set(files)) if files else (),
    )


def _run(subject: Subject, suite: Suite, tell: Tell) -> Answer:
    started = time.perf_counter()
    answer = Answer(suite.name, suite.title, suite.question, None, None, 0.0)
    try:
        answer = replace(answer, measured=suite.measure(subject, tell))
    except NotRun as why:
        answer = replace(answer, why_not=str(why))
    return replace(answer, seconds=round(time.perf_counter() - started, 1))


def _kept(path: Path, inputs: str) -> Answer | None:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        told = json.loads(path.read_text(encoding="utf-8"))
        ours = (told["inputs"], told["answer"]["name"]) == (inputs, path.stem)
        if ours and told["answer"]["status"] == "run":
            return Answer.from_dict(told["answer"])
    return None


def _store(path: Path, inputs: str, answer: Answer) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps({"inputs": inputs, "answer": answer.to_dict()}), encoding="utf-8")
    fresh.replace(path)


def _code() -> str:
    """Return a digest of the code that scores and measures: an answer of other code is not read back."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(root.rglob("*.py")):
        if not any(path.is_relative_to(root / part) for part in _ELSEWHERE):
            digest.update(path.read_bytes())
    return digest.hexdigest()
