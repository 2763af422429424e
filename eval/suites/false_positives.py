"""Suite "false-positives": texts that a policy should leave alone, and how many of them it flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.audits import (
    AUDITED_LANGUAGE,
    AUDITS,
    FUNCTIONAL_SUITE,
    allowance,
    audit_rates,
    functionality_rates,
)
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.levels import Rate, level_pairs, policy_rates, unjudged
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table, Value

__all__ = ["ABOVE", "SUITE", "FalsePositives"]

ABOVE: Final = "above"
_WORST: Final = 3  # findings; the table marks all
_ABOUT: Final = (
    (
        "Texts that these policies should leave alone, under each of them: news about attacks (muc,"
        " pheme), comments about (mostly harmless) collective action, and what offends, or speaks against"
        " hate, without being hateful. *Allowed* is the aim; a share above it is marked. It is 5% at"
        " review and 1% at urgent; for the offensive and for CounterSpeech it is 5% at urgent, and at"
        " review twice what is flagged of all negatives of the same corpus (–: it has no others for this"
        " policy). Where the audited texts are most of those negatives, as the notes say, that can hardly"
        " be missed. `hate` is audited like the others although some of these texts may hold some."
    ),
)
_SHARE_COLUMNS: Final = (
    Column("review", "at review", Kind.SHARE, better=Better.LOWER),
    Column("urgent", "at urgent", Kind.SHARE, better=Better.LOWER),
)


@dataclass(frozen=True, slots=True)
class FalsePositives:
    """Measure the audits, each beside the recall at the same thresholds."""

    name: str = "false-positives"
    title: str = "False-positive audits"
    question: str = "What does it flag that it should leave alone: news, activism, offence that is no hate?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return audits and harmless functionalities; raise NotRun where no audited corpus is there."""
        tell("auditing false positives")
        policies = subject.scorer.policy.policies
        known = {row.language: subject.known(row.language) for row in subject.rows}
        rates = [
            *policy_rates(policies, subject.rows, subject.assessments, known),
            *audit_rates(subject.scorer, subject.rows, subject.assessments),
            *functionality_rates(subject.scorer, subject.rows, subject.assessments),
        ]
        audited = [rate for rate in rates if rate.kind == "audit"]
        if not audited:
            wanted = ", ".join(sorted({audit.corpus for audit in AUDITS.values()}))
            raise NotRun(
                f"needs {LEAST_ROWS} test rows to audit that can be judged, of one of the corpora {wanted}:"
                " had fewer of each"
            )
        tables = [_audits(rates), *_functionalities(rates)]
        return Measured(tables, list(_findings(audited, rates)))


def _audits(rates: Sequence[Rate]) -> Table:
    audited = sorted(
        level_pairs([rate for rate in rates if rate.kind == "audit"]),
        key=lambda pair: list(AUDITS).index(pair[0].rows_of),
    )
    policies = list(dict.fromkeys(review.policy for review, _ in audited))
    return Table(
        "audits",
        "What each policy flags of texts that it should leave alone",
        (
            Column("policy", "policy", Kind.CODE, key=True),
            Column("audit", "audit", key=True),
            Column("texts", "texts", Kind.COUNT),
            _SHARE_COLUMNS[0],
            Column("review_allowed", "allowed", Kind.SHARE),
            _SHARE_COLUMNS[1],
            Column("urgent_allowed", "allowed", Kind.SHARE),
        ),
        [_row(*pair, rates) for policy in policies for pair in audited if pair[0].policy == policy],
        about=_ABOUT,
        notes=[
            *_absent(audited),
            *unjudged(rate for rate in rates if rate.kind == "audit"),
            *_twice(rates),
            *(_recall(policy, rates) for policy in policies),
        ],
        card=True,
    )


def _row(review: Rate, urgent: Rate, rates: Sequence[Rate]) -> Row:
    return {
        "policy": review.policy,
        "audit": review.rows_of,
        "texts": review.rows,
        **dict(zip(("review", "review_allowed"), _held(review, rates), strict=True)),
        **dict(zip(("urgent", "urgent_allowed"), _held(urgent, rates), strict=True)),
    }


def _held(rate: Rate, rates: Sequence[Rate]) -> tuple[Value, Value]:
    """Return a share, marked where it is above what it is held to, and that."""
    allowed = allowance(rate, rates)
    if allowed is None:
        return rate.share, None
    return (Marked(rate.share, ABOVE) if rate.share.value > allowed.share else rate.share), allowed.share


def _absent(audited: Sequence[tuple[Rate, Rate]]) -> Iterator[str]:
    """Yield which audits had nothing to measure: they are not passed."""
    missing = [name for name in AUDITS if name not in {review.rows_of for review, _ in audited}]
    if missing:
        named = ", ".join(missing)
        yield f"Not measured, for fewer than {LEAST_ROWS} texts are here that can be judged: {named}."


def _twice(rates: Sequence[Rate]) -> Iterator[str]:
    """Yield what the allowances that depend on a corpus's own negatives are twice of."""
    found = [
        f"`{rate.policy}` · {rate.rows_of}: 2 × {allowed.twice.share.value:.1%}, of {allowed.twice.rows}"
        " negatives"
        for rate in rates
        if rate.kind == "audit" and (allowed := allowance(rate, rates)) and allowed.twice
    ]
    if found:
        yield f"Allowed at review by a corpus's own negatives: {'; '.join(found)}."


def _functionalities(rates: Sequence[Rate]) -> Iterator[Table]:
    tested = list(level_pairs([rate for rate in rates if rate.kind == "functionality"]))
    if tested:
        yield Table(
            "harmless-functionalities",
            f"Harmless cases of {FUNCTIONAL_SUITE} that `hate` flags",
            (
                Column("functionality", "functionality", key=True),
                Column("cases", "cases", Kind.COUNT),
                *_SHARE_COLUMNS,
            ),
            [
                {
                    "functionality": review.rows_of,
                    "cases": review.rows,
                    "review": review.share,
                    "urgent": urgent.share,
                }
                for review, urgent in tested
            ],
            about=("One functionality at a time: none is hidden in a mean.",),
            notes=[
                *unjudged(rate for pair in tested for rate in pair),
                _recall(tested[0][0].policy, rates, FUNCTIONAL_SUITE),
            ],
            card=True,
        )


def _recall(policy: str, rates: Sequence[Rate], corpus: str | None = None) -> str:
    """Return the recall of a policy in the language of the audits, by corpus, in one line."""
    told = [
        f"{review.rows_of} {review.share.value:.1%} / {urgent.share.value:.1%}"
        for review, urgent in level_pairs(
            [rate for rate in rates if (rate.kind, rate.policy) == ("recall", policy)]
        )
        if review.language == AUDITED_LANGUAGE and corpus in {None, review.rows_of}
    ]
    if not told:
        return (
            f"Recall of `{policy}` at the same thresholds: not measured, too few test rows are positive for"
            " all of it."
        )
    return f"Recall of `{policy}` at the same thresholds (review / urgent): {'; '.join(told)}."


def _findings(audited: Sequence[Rate], rates: Sequence[Rate]) -> Iterator[str]:
    above = sorted(
        (
            (rate, allowed.share)
            for rate in audited
            if (allowed := allowance(rate, rates)) and rate.share.value > allowed.share
        ),
        key=lambda pair: pair[1] - pair[0].share.value,
    )
    for rate, allowed_share in above[:_WORST]:
        yield (
            f"`{rate.policy}` flags {rate.share.value:.1%} of {rate.rows_of} at {rate.level}: more than the"
            f" {allowed_share:.1%} allowed."
        )
    held = sum(allowance(rate, rates) is not None for rate in audited)
    yield f"Of {held} shares that are held to something, {held - len(above)} are within what is allowed."
    worst = max(audited, key=lambda rate: rate.share.value)
    yield (
        f"Most often flagged of what should be left alone: {worst.rows_of}, {worst.share.value:.1%} of"
        f" {worst.rows} texts, by `{worst.policy}` at {worst.level}."
    )
    harmless = [rate for rate in rates if rate.kind == "functionality"]
    if harmless:
        most = max(harmless, key=lambda rate: rate.share.value)
        yield (
            f"Among the harmless test cases of {FUNCTIONAL_SUITE}, {most.rows_of} are flagged most:"
            f" {most.share.value:.0%} of {most.rows} at {most.level}."
        )


SUITE: Final = FalsePositives()
