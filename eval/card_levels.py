"""The card's part on levels: what they catch, what they flag, and what they should leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tocsin.assessment import Level
from tocsin.eval.audits import AUDITED_LANGUAGE, AUDITS, FUNCTIONAL_SUITE, allowance
from tocsin.eval.levels import Rate
from tocsin.eval.markdown import percent, table

__all__ = ["audits_part", "rates_part"]

_RATES: Final = """\
Of the test rows whose labels decide the whole policy, the share that reaches a level with the shipped
thresholds (95% Wilson interval). Recall is over positives, fpr over negatives.
"""

_AUDITS: Final = """\
Texts that these policies should leave alone, under each of them: news about attacks (muc, pheme), comments
about (mostly harmless) collective action, and what offends, or speaks against hate, without being hateful.
*Allowed* is the aim; a figure above it is marked **above**. It is 5% at review and 1% at urgent; for the
offensive and for CounterSpeech it is 5% at urgent, and at review twice what is flagged of all negatives of
the same corpus ("–": it has no others for this policy). Where the audited texts are most of those negatives,
as the counts show, that can hardly be missed. Above each table stands the recall at the same thresholds, by
corpus. `hate` is audited like the others although some of these texts may hold some.
"""

_FUNCTIONALITIES: Final = """\
Harmless cases of {suite} that `hate` flags, one functionality at a time: none is hidden in a mean.
"""

Place = tuple[str, str, str, str]


def rates_part(rates: Sequence[Rate]) -> str:
    """Return the table of recall and false-positive rate by policy and corpus."""
    rows = [
        (
            review.policy,
            _corpus(review),
            review.kind,
            str(review.rows),
            percent(review.share),
            percent(urgent.share),
        )
        for review, urgent in _pairs([rate for rate in rates if rate.kind in {"recall", "fpr"}])
    ]
    return _RATES + "\n" + table(("policy", "rows of", "measure", "rows", "at review", "at urgent"), rows)


def audits_part(rates: Sequence[Rate]) -> str:
    """Return a table of audits for each policy, and one of functionalities."""
    audited = [rate for rate in rates if rate.kind == "audit"]
    parts = [_AUDITS]
    for policy in dict.fromkeys(rate.policy for rate in audited):
        parts += [f"### `{policy}`\n", _recall(policy, rates), _audits(policy, rates)]
    if tested := [rate for rate in rates if rate.kind == "functionality"]:
        parts += [f"### {FUNCTIONAL_SUITE}\n", _FUNCTIONALITIES.format(suite=FUNCTIONAL_SUITE)]
        parts += [_recall(tested[0].policy, rates, FUNCTIONAL_SUITE), _functionalities(tested)]
    return "\n".join(parts)


def _audits(policy: str, rates: Sequence[Rate]) -> str:
    found = _pairs([rate for rate in rates if (rate.kind, rate.policy) == ("audit", policy)])
    header = ("audit", "texts", "at review", "allowed", "at urgent", "allowed")
    ordered = sorted(found, key=lambda pair: list(AUDITS).index(pair[0].rows_of))
    return table(
        header,
        [
            (review.rows_of, str(review.rows), *_held(review, rates), *_held(urgent, rates))
            for review, urgent in ordered
        ],
    )


def _held(rate: Rate, rates: Sequence[Rate]) -> tuple[str, str]:
    """Return a share and what it is held to."""
    allowed = allowance(rate, rates)
    above = allowed is not None and rate.share.value > allowed.share
    told = "–" if allowed is None else f"{allowed.share:.1%}"
    if allowed and allowed.twice:
        told += f" = 2 × {allowed.twice.share.value:.1%} (of {allowed.twice.rows})"
    return percent(rate.share) + (" **above**" if above else ""), told


def _functionalities(rates: Sequence[Rate]) -> str:
    return table(
        ("functionality", "cases", "at review", "at urgent"),
        [
            (review.rows_of, str(review.rows), percent(review.share), percent(urgent.share))
            for review, urgent in _pairs(rates)
        ],
    )


def _recall(policy: str, rates: Sequence[Rate], corpus: str | None = None) -> str:
    """Return the recall of a policy in the language of the audits, by corpus, in one line."""
    told = [
        f"{review.rows_of} {review.share.value:.1%} / {urgent.share.value:.1%}"
        for review, urgent in _pairs(
            [rate for rate in rates if (rate.kind, rate.policy) == ("recall", policy)]
        )
        if review.language == AUDITED_LANGUAGE and corpus in {None, review.rows_of}
    ]
    if not told:
        return "Recall at the same thresholds: not measured, too few test rows are positive for all of it.\n"
    return f"Recall at the same thresholds (review / urgent): {'; '.join(told)}.\n"


def _pairs(rates: Sequence[Rate]) -> Iterator[tuple[Rate, Rate]]:
    """Yield the two levels of one policy on one set of rows together, review first."""
    by_place: dict[Place, dict[Level, Rate]] = {}
    for rate in rates:
        place = (rate.policy, rate.rows_of, rate.language, rate.kind)
        by_place.setdefault(place, {})[rate.level] = rate
    for levels in by_place.values():
        yield levels[Level.REVIEW], levels[Level.URGENT]


def _corpus(rate: Rate) -> str:
    return rate.rows_of if rate.language == AUDITED_LANGUAGE else f"{rate.rows_of} ({rate.language})"
