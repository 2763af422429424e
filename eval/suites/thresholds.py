"""Suite "thresholds": what each target promised, and what it does on rows that fitted nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES
from tocsin.eval.levels import Rate, level_pairs, policy_rates, unjudged
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.suites.corpora import FEW
from tocsin.eval.tables import Column, Kind, Marked, Row, Table, Value, bare
from tocsin.eval.target_checks import Verdict, target_checks, target_of
from tocsin.models.manifest import GateRecord
from tocsin.policy import Target, TargetKind

__all__ = ["SUITE", "Thresholds", "gate_records"]

ABOVE_TARGET: Final = "above target"
_LEVEL: Final = (
    Column("policy", "policy", Kind.CODE, key=True),
    Column("level", "level", key=True),
    Column("language", "language", key=True),
    Column("target", "target"),
)
_GATES: Final = (
    (
        "A target is *certified* where enough calibration rows decide the whole policy: with 95%"
        " confidence over the draw of those rows, the true rate keeps the target **on texts drawn like all"
        " of those rows together**: not corpus by corpus, as the table of rates below shows, and a"
        " platform's own texts are drawn otherwise. Where too few rows decide it, each signal's own"
        " threshold stands in, aiming at its share of the error; beside it stand the calibration rows that"
        " it was fitted on. Where they are too few to tell such a rate (a hundred negatives tell nothing"
        " of 0.5%), it lies above all of them and may miss the target. In a language that lacks one of its"
        " signals nothing is certified of a policy."
    ),
)
_CHECKS: Final = (
    (
        "Each false-positive target, on test rows put together in the proportions of the calibration rows"
        " that it was fitted on: the only mixture that it speaks of. A mixture is known where one signal"
        " decides the policy, or one threshold was fitted on rows of one corpus; elsewhere the rates by"
        " corpus below are all there is. So they are where a rate at the target itself would flag fewer than"
        " five of the test negatives: none flagged would tell nothing. A target is missed where the whole"
        " interval lies above it."
    ),
)
_RATES: Final = (
    (
        "Of the test rows whose labels decide the whole policy, the share that reaches a level with the"
        " thresholds of this policy (95% interval). Recall is over positives, fpr over negatives; a rate"
        f" above the policy's own fpr target is marked **{ABOVE_TARGET}**: no target promises anything of"
        " one corpus."
    ),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Measure what the levels of every policy do, target by target and corpus by corpus."""

    name: str = "thresholds"
    title: str = "Thresholds, and what the levels catch"
    question: str = "Do the thresholds keep what they promise, and what share of the positives do they find?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return the gates, their check and the rates; raise NotRun where no row decides any policy."""
        tell("checking thresholds")
        known = {row.language: subject.known(row.language) for row in subject.rows}
        rates = list(policy_rates(subject.scorer.policy.policies, subject.rows, subject.assessments, known))
        if not rates:
            raise NotRun("needs at least 20 test rows whose labels decide a policy: had none")
        gates = gate_records(subject)
        checks = _checks(subject, gates, rates)
        tables = [_gates(gates), *([checks] if checks.rows else []), _rates(rates, gates)]
        return Measured(tables, list(_findings(checks, rates)))


def gate_records(subject: Subject) -> list[GateRecord]:
    """Return every gate of the scorer's policy, in every language of its bundle."""
    return [
        record
        for language in sorted(subject.scorer.bundle.manifest.languages)
        for fitted in subject.scorer.policies(language)
        for record in fitted.records(language)
    ]


def _gates(records: Sequence[GateRecord]) -> Table:
    return Table(
        "gates",
        "Thresholds of the policy",
        (
            *_LEVEL,
            Column("certified", "certified"),
            Column("threshold", "threshold"),
            Column("positives", "decided +", Kind.COUNT),
            Column("negatives", "decided −", Kind.COUNT),
        ),
        [
            {
                "policy": record.policy,
                "level": record.level,
                "language": record.language,
                "target": record.target,
                "certified": "yes" if record.certified else "no",
                "threshold": _threshold(record),
                "positives": record.positives,
                "negatives": record.negatives,
            }
            for record in records
        ],
        about=_GATES,
        card=True,
    )


def _threshold(record: GateRecord) -> str:
    members = "; ".join(
        f"{signal} ≥ {_number(member.threshold)} ({member.positives} / {member.negatives})"
        for signal, member in record.members.items()
    )
    return members or f"score ≥ {_number(record.threshold)}"


def _number(value: float | None) -> str:
    return "∞" if value is None else f"{value:.3f}"


def _checks(subject: Subject, gates: Sequence[GateRecord], rates: Sequence[Rate]) -> Table:
    return Table(
        "targets",
        "Each target on test rows",
        (
            *_LEVEL,
            Column("certified", "certified"),
            Column("corpora", "corpora", Kind.COUNT),
            Column("rows", "test negatives", Kind.COUNT),
            Column("measured", "fpr", Kind.SHARE),
            Column("verdict", "verdict"),
        ),
        [
            {
                "policy": check.gate.policy,
                "level": check.gate.level,
                "language": check.gate.language,
                "target": check.gate.target,
                "certified": "yes" if check.gate.certified else "no",
                "corpora": check.corpora,
                "rows": check.rows,
                "measured": Marked(check.share, ABOVE_TARGET)
                if check.verdict is Verdict.MISSED
                else check.share,
                "verdict": check.verdict.value,
            }
            for check in target_checks(subject, gates, rates)
        ],
        about=_CHECKS,
        card=True,
    )


def _rates(rates: Sequence[Rate], gates: Sequence[GateRecord]) -> Table:
    targets: dict[tuple[str, str, str], Target] = {
        (gate.policy, gate.level, gate.language): target_of(gate) for gate in gates
    }

    def told(rate: Rate) -> Value:
        target = targets.get((rate.policy, rate.level.value, rate.language))
        above = (
            rate.kind == "fpr"
            and target is not None
            and target.kind is TargetKind.FPR
            and rate.share.value > target.value
        )
        return Marked(rate.share, ABOVE_TARGET) if above else rate.share

    return Table(
        "rates",
        "What the levels catch, and what they flag",
        (
            Column("policy", "policy", Kind.CODE, key=True),
            Column("corpus", "rows of", key=True),
            Column("language", "language", key=True),
            Column("measure", "measure", key=True),
            Column("rows", "rows", Kind.COUNT),
            Column("review", "at review", Kind.SHARE),
            Column("urgent", "at urgent", Kind.SHARE),
        ),
        [_rate(review, told(review), told(urgent)) for review, urgent in level_pairs(rates)],
        about=_RATES,
        notes=[
            (
                f"**{FEW}**: fewer than {LEAST_POSITIVES} positives, shown and no ground for a claim."
                " Intervals take rows for independent: where several come from one thread or template they"
                " are too narrow."
            ),
            *unjudged(rates),
        ],
        card=True,
    )


def _rate(review: Rate, at_review: Value, at_urgent: Value) -> Row:
    return {
        "policy": review.policy,
        "corpus": review.rows_of,
        "language": review.language,
        "measure": review.kind,
        "rows": Marked(review.rows, FEW) if _few(review) else review.rows,
        "review": at_review,
        "urgent": at_urgent,
    }


def _surely(checks: Table) -> int:
    """Count the targets that the whole interval keeps."""
    told = [(bare(row["measured"]), Target.parse(str(row["target"])).value) for row in checks.rows]
    return sum(isinstance(share, Estimate) and share.high <= target for share, target in told)


def _few(rate: Rate) -> bool:
    return rate.kind == "recall" and rate.rows < LEAST_POSITIVES


def _findings(checks: Table, rates: Sequence[Rate]) -> Iterator[str]:
    verdicts = [row["verdict"] for row in checks.rows]
    for row in checks.rows:
        if row["verdict"] == Verdict.MISSED.value:
            certified = "a certified" if row["certified"] == "yes" else "an uncertified"
            yield (
                f"`{row['policy']}` at {row['level']} ({row['language']}) misses {certified} target:"
                f" {row['target']}."
            )
    if verdicts:
        chance = verdicts.count(Verdict.CHANCE.value)
        others = f"; chance may explain {chance} that are not" if chance else ""
        yield (
            f"Of the {len(verdicts)} false-positive targets that test rows can check,"
            f" {verdicts.count(Verdict.KEPT.value)} are kept, {_surely(checks)} of them with the whole"
            f" interval{others}."
        )
    recalls = [rate for rate in rates if rate.kind == "recall" and rate.level == "review" and not _few(rate)]
    if len(recalls) == 1:
        (only,) = recalls
        yield (
            f"At review, {only.share.value:.0%} of the positives of `{only.policy}` on {only.rows_of} are"
            " found."
        )
    elif recalls:
        low, high = (choose(recalls, key=lambda rate: rate.share.value) for choose in (min, max))
        yield (
            f"At review, between {low.share.value:.0%} of the positives (`{low.policy}` on {low.rows_of}) and"
            f" {high.share.value:.0%} (`{high.policy}` on {high.rows_of}) are found."
        )


SUITE: Final = Thresholds()
