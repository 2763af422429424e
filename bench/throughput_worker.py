"""A process that loads one classifier and scores posts when told to: what every candidate is measured in.

    python bench/throughput_worker.py ROLE [MODEL]          # answers requests on standard input
    python bench/throughput_worker.py ROLE [MODEL] --once   # loads, scores one text, leaves

Runs in environments that know nothing of tocsin: the standard library, and what its role names. A
request is a line of JSON, `{"posts": FILE, "batch": 512}`, where the file is a JSON list of texts. The
answer is one too: how many texts were scored in how many seconds of the processor, how many seconds
passed meanwhile, and the peak of memory so far. A request that names a file for `values` besides gets
the scores themselves there, a JSON list, of roles that have one score for a text; that is not timed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

__all__ = ["FIRST", "ROLES", "Role", "answer", "peak_megabytes", "write_values"]

FIRST: Final = "the bread is in the oven"

Texts = Sequence[str]


@dataclass(frozen=True)
class Role:
    """Score texts, and say how many came out; `values` says what, where it is one number for a text."""

    score: Callable[[Texts], int]
    values: Callable[[Texts], Sequence[float]] | None = None


def main(arguments: Sequence[str]) -> None:
    """Load what the role asks for, score one text, then answer requests."""
    name, *model = [argument for argument in arguments if argument != "--once"]
    role = ROLES[name](*model)
    role.score([FIRST])
    say({"ready": True, "seconds": time.process_time(), "peak_mb": peak_megabytes()})
    if "--once" not in arguments:
        for line in sys.stdin:
            request = json.loads(line)
            say(write_values(role, request) if "values" in request else answer(role, request))


def answer(role: Role, request: Mapping[str, Any]) -> dict[str, Any]:
    """Score the posts of a file in batches; raise ValueError where not every post was scored."""
    posts = json.loads(Path(request["posts"]).read_text("utf-8"))
    size = request["batch"]
    batches = [posts[first : first + size] for first in range(0, len(posts), size)]
    start, started = time.process_time(), time.perf_counter()
    scored = sum(role.score(batch) for batch in batches)
    seconds, passed = time.process_time() - start, time.perf_counter() - started
    if scored != len(posts):
        raise ValueError(f"every post must be scored, was {scored} of {len(posts)}")
    return {"posts": scored, "seconds": seconds, "passed": passed, "peak_mb": peak_megabytes()}


def write_values(role: Role, request: Mapping[str, Any]) -> dict[str, Any]:
    """Write the score of every post of a file; raise ValueError where there is not one for each."""
    if role.values is None:
        raise ValueError("the role must have one score for a text, has none")
    posts = json.loads(Path(request["posts"]).read_text("utf-8"))
    size, values = request["batch"], role.values
    found = [value for first in range(0, len(posts), size) for value in values(posts[first : first + size])]
    if len(found) != len(posts):
        raise ValueError(f"every post must be scored, was {len(found)} of {len(posts)}")
    Path(request["values"]).write_text(json.dumps([float(value) for value in found]), "utf-8")
    return {"posts": len(posts)}


def say(message: Mapping[str, Any]) -> None:
    """Write one line of JSON at once."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def peak_megabytes() -> float:
    """Return the most memory that this process has held, without that of whoever started it.

    What Linux tells of a process's use counts the memory of its parent before the program started,
    so the kernel's status file is asked first.
    """
    status = Path("/proc/self/status")
    lines = status.read_text("ascii", "replace").splitlines() if status.exists() else []
    held = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return held[0] if held else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _screen() -> Role:
    scorer = import_module("tocsin").load(tier="screen")
    return Role(lambda texts: len(scorer.bundle.screen.margins(texts)))


def _scores(language: str | None) -> Role:
    scorer = import_module("tocsin").load(tier="screen")
    return Role(lambda texts: len(scorer.scores(texts, [language] * len(texts))))


def _assess(tier: str) -> Role:
    scorer = import_module("tocsin").load(tier=tier)
    return Role(lambda texts: len(scorer.assess(texts)))


def _pipeline(model: str) -> Role:
    """Score with what `throughput_train.py` wrote: one transform, then one or more regressions."""
    transform, regressions = import_module("joblib").load(model)

    def score(texts: Texts) -> int:
        features = transform.transform(texts)
        return min(len(regression.predict_proba(features)) for regression in regressions)

    return Role(score)


def _transformers(layout: str) -> Role:
    """Score with the encoder's own weights before they became whole numbers, as a hub's page would say."""
    import_module("torch").set_num_threads(1)
    piped = import_module("transformers").pipeline(
        "text-classification", model=layout, top_k=None, function_to_apply="sigmoid", device="cpu"
    )
    normalise = import_module("tocsin.text").normalise

    def score(texts: Texts) -> int:
        told = piped([normalise(text) for text in texts], batch_size=8, truncation=True, max_length=128)
        return len(told)

    return Role(score)


def _profanity_check() -> Role:
    predict_prob = import_module("profanity_check").predict_prob
    return Role(lambda texts: len(predict_prob(texts)), predict_prob)


def _hatesonar() -> Role:
    sonar = import_module("hatesonar").Sonar()

    def hate(text: str) -> float:
        classes = {found["class_name"]: found["confidence"] for found in sonar.ping(text)["classes"]}
        return float(classes["hate_speech"])

    return Role(
        lambda texts: len([sonar.ping(text) for text in texts]), lambda texts: [hate(text) for text in texts]
    )


def _toy() -> Role:
    """Score the length of a text, for tests of what is around a worker."""
    return Role(len, lambda texts: [len(text) for text in texts])


ROLES: Final[Mapping[str, Callable[..., Role]]] = {
    "screen": _screen,
    "scores-given": lambda: _scores("en"),
    "scores": lambda: _scores(None),
    "assess": _assess,
    "transformers": _transformers,
    "pipeline": _pipeline,
    "profanity-check": _profanity_check,
    "hatesonar": _hatesonar,
    "toy": _toy,
}

if __name__ == "__main__":
    main(sys.argv[1:])
