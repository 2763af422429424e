"""Measure language identification on short texts, and what other detectors would do.

    TOCSIN_DATA=/path/to/corpora python bench/language.py [--fit] [--only NAME ...] [--most 600]

Prints the tables of docs/decisions/0009-language-calibration.md. A detector that is not installed
is skipped, and so are the texts that are not on this machine: the sentences come with eld, the
messages are the translations of installed programs. All figures but those of `--fit` are of the half
that nothing was fitted to. No text is printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from language_calibration import calibration_error, fitted_constants, recalibrated, truth, weights
from language_candidates import CANDIDATES, Measured, measure
from language_texts import ENGLISH, GERMAN, GROUPS, LENGTHS, SENTENCES, Text, fold, messages, posts, sentences
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tocsin.language import CERTAINTY, UNDETERMINED, identify, identify_all, prose, resolve_all

Mask = NDArray[np.bool_]
Answers = Sequence[tuple[str, float]]


def main() -> None:
    """Read the texts and print every table."""
    parser = argparse.ArgumentParser(description="Measure language identification on short texts.")
    parser.add_argument("--fit", action="store_true", help="print the constants of tocsin.language anew")
    parser.add_argument("--only", nargs="*", default=list(CANDIDATES), help="detectors to compare")
    parser.add_argument("--most", type=int, default=600, help="posts of one corpus and length")
    chosen = parser.parse_args()
    if not os.environ.get("TOCSIN_DATA"):
        parser.error("TOCSIN_DATA must name the folder of the labelled corpora, was not set")
    folder = Path(os.environ["TOCSIN_DATA"])
    texts = posts(folder, chosen.most) + sentences(40) + messages(25)
    say(f"{len(texts)} texts; without any: {[g for g in GROUPS if all(t.group != g for t in texts)]}")
    if chosen.fit:
        constants = fitted_constants([text for text in texts if text.fits])
        say("sharpness {:.3f}, head start {:.3f}, doubt {:.4f}".format(*constants))
    held = [text for text in texts if not text.fits]
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    before = [identifier.classify(prose(text.text) or " ") for text in held]
    shares("tocsin", held, identify_all([text.text for text in held]), CERTAINTY)
    shares("py3langid as it comes", held, before, 0.5)
    reliability(held)
    assumed(held)
    speed([text.text for text in held if text.group in {ENGLISH, GERMAN}][:2048], identifier)
    compare(texts, chosen.only)


def shares(name: str, texts: Sequence[Text], answers: Answers, certainty: float) -> None:
    """Print, by group and length, how many answers are right, wrong and undetermined."""
    rows = []
    for group, length, chosen in cells(texts):
        told = [(text, *answers[row]) for row, text in enumerate(texts) if chosen[row]]
        sure = [(text.language, fold(code)) for text, code, probability in told if probability >= certainty]
        right = sum(true == code for true, code in sure)
        ours = sum(true != code and code in {"en", "de"} for true, code in sure)
        n = len(told)
        parts = (right / n, 1 - len(sure) / n, (len(sure) - right) / n, ours / n)
        rows.append([group, length, str(n), *(f"{part:.3f}" for part in parts), of_sure(right, len(sure))])
    head = [
        "texts",
        "words",
        "n",
        "right",
        "undetermined",
        "wrong",
        "wrongly English or German",
        "of the sure, right",
    ]
    table(f"{name}, sure from {certainty}", head, rows)


def reliability(texts: Sequence[Text]) -> None:
    """Print how far stated probabilities are from the share of right answers, by length."""
    answers = identify_all([text.text for text in texts])
    stated = np.array([probability for _, probability in answers])
    right = np.array([fold(code) == text.language for text, (code, _) in zip(texts, answers, strict=True)])
    weight = weights(texts)
    rows = []
    for length in [*LENGTHS, "all"]:
        mask = np.array([length in {"all", text.length} for text in texts])
        plain, debiased = calibration_error(stated[mask], right[mask], weight[mask])
        means = [float(np.average(values[mask], weights=weight[mask])) for values in (stated, right)]
        rows.append([length, *(f"{value:.3f}" for value in (*means, plain, debiased))])
    table("Calibration", ["words", "stated", "right", "error", "debiased"], rows)


def assumed(texts: Sequence[Text]) -> None:
    """Print which texts are judged as English where English is assumed of the undetermined."""
    plain = [text.text for text in texts]
    told = resolve_all(plain, [None] * len(plain), "en")
    rows = []
    for group, length, chosen in cells(texts):
        mine = [told[row] for row in np.flatnonzero(chosen)]
        judged = sum(language == "en" for _, language in mine) / len(mine)
        only = sum((reported, language) == (UNDETERMINED, "en") for reported, language in mine) / len(mine)
        refused = sum((reported, language) == (UNDETERMINED, None) for reported, language in mine) / len(mine)
        rows.append([group, length, *(f"{share:.3f}" for share in (judged, only, refused))])
    head = ["texts", "words", "judged as English", "of these assumed", "undetermined and not judged"]
    table("Where English is assumed", head, rows)


def speed(texts: Sequence[str], identifier: LanguageIdentifier) -> None:
    """Print texts a second, each way in turn, five times; medians, and ratios to py3langid's own call."""
    ways: dict[str, Callable[[], object]] = {
        "py3langid, one by one": lambda: [identifier.classify(prose(text) or " ") for text in texts],
        "tocsin, one by one": lambda: [identify(text) for text in texts],
        "tocsin, all at once": lambda: identify_all(texts),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(5):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    taken = {name: statistics.median(runs) for name, runs in seconds.items()}
    first = next(iter(taken.values()))
    rows = [[name, f"{len(texts) / each:.0f}", f"{first / each:.1f}"] for name, each in taken.items()]
    table("Speed", ["", "texts a second", "ratio"], rows)


def compare(texts: Sequence[Text], names: Iterable[str]) -> None:
    """Print what each detector that is installed guesses, takes, and could do if recalibrated."""
    cleaned = [prose(text.text).strip() for text in texts]
    timed = [line for text, line in zip(texts, cleaned, strict=True) if text.group in {ENGLISH, GERMAN}][::20]
    rows, skipped, firsts = [], [], {}
    for name in names:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
            try:
                found = child.submit(measure, name, cleaned, timed).result()
            except ImportError:
                skipped.append(name)
                continue
        firsts[name] = [fold(ranking[0][0]) if ranking else UNDETERMINED for ranking in found.rankings]
        rows.append([name, *guesses(firsts[name], texts), *recalibrated_figures(found, texts), *costs(found)])
    head = ["detector", "English 3–5", "German 3–5", "sentences 3–5", "called en or de"]
    head += ["log-loss", "English sure", "German sure", "others called"]
    table("Detectors", [*head, "speed, times", "load, s", "memory, MB", "disk, MB"], rows)
    say(f"not installed: {skipped}")
    misplaced(texts, [firsts[name] for name in firsts.keys() - {"tocsin", "py3langid"}])


def misplaced(texts: Sequence[Text], firsts: Sequence[Sequence[str]]) -> None:
    """Print how many posts every other detector puts in one other language, and what is right of the rest."""
    if len(firsts) < 4:
        say("posts in another language than their corpus: not told, fewer than four other detectors")
        return
    elsewhere = [
        set(said) not in ({text.language}, set()) and len(set(said)) == 1
        for text, *said in zip(texts, *firsts, strict=True)
    ]
    rows = []
    for group, length, mask in cells(texts):
        held = [row for row, text in enumerate(texts) if mask[row] and not text.fits]
        if group not in {ENGLISH, GERMAN} or not held:
            continue
        kept = [texts[row] for row in held if not elsewhere[row]]
        answers = identify_all([text.text for text in kept])
        sure = [
            fold(code) == text.language
            for text, (code, p) in zip(kept, answers, strict=True)
            if p >= CERTAINTY
        ]
        rows.append(
            [group, length, str(len(held)), str(len(held) - len(kept)), of_sure(sum(sure), len(sure))]
        )
    table(
        "Posts that every other detector puts elsewhere",
        ["texts", "words", "n", "put elsewhere", "of the sure rest, right"],
        rows,
    )


def guesses(first: Sequence[str], texts: Sequence[Text]) -> list[str]:
    """Return shares of right first guesses at 3 to 5 words, and of sentences called English or German."""
    short = [row for row, text in enumerate(texts) if text.length == "3–5" and not text.fits]
    by = {g: [(texts[row].language, first[row]) for row in short if texts[row].group == g] for g in GROUPS}
    right = [share(true == code for true, code in by[group]) for group in (ENGLISH, GERMAN, SENTENCES)]
    return [*right, share(code in {"en", "de"} for _, code in by[SENTENCES])]


def recalibrated_figures(found: Measured, texts: Sequence[Text]) -> list[str]:
    """Return log-loss over all lengths and, at 3 to 5 words, who is told for certain."""
    likely = recalibrated(found.rankings, texts)
    held = np.array([not text.fits for text in texts])
    true, weight = truth(texts), weights(texts)
    loss = -np.average(np.log(likely[np.arange(len(texts)), true])[held], weights=weight[held])
    short = held & np.array([text.length == "3–5" for text in texts])
    sure = likely >= CERTAINTY
    return [
        f"{loss:.3f}",
        share(sure[short & (true == 0), 0]),
        share(sure[short & (true == 1), 1]),
        share(sure[short & (true == 2), :2].sum(axis=1)),
    ]


def costs(found: Measured) -> list[str]:
    """Return what a detector takes, as text."""
    memory, disk = (f"{value:,.0f}" for value in (found.megabytes_of_memory, found.megabytes_on_disk))
    return [f"{found.speed:.2g}", f"{found.seconds_to_load:.1f}", memory, disk]


def cells(texts: Sequence[Text]) -> Iterable[tuple[str, str, Mask]]:
    """Yield every group and class of length that has at least 20 texts, with those texts."""
    for group in GROUPS:
        for length in LENGTHS:
            mask = np.array([(text.group, text.length) == (group, length) for text in texts])
            if mask.sum() >= 20:
                yield group, length, mask


def share(told: Iterable[object]) -> str:
    """Return the share that is true, as text, – of nothing."""
    flags = [bool(each) for each in told]
    return f"{sum(flags) / len(flags):.3f}" if flags else "–"


def of_sure(right: int, sure: int) -> str:
    """Return a ratio as text."""
    return f"{right / sure:.4f}" if sure else "–"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    say("\n".join([f"\n{title}\n", *("| " + " | ".join(line) + " |" for line in lines)]))


def say(line: str) -> None:
    """Print a line at once: a run takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
