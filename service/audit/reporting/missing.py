"""What a report cannot say, why, and what would let it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from tocsin.service.audit.reporting.records import MissingRecord
from tocsin.service.audit.reporting.wording import many, percent

if TYPE_CHECKING:
    from tocsin.service.audit.estimating import EstimatesRecord
    from tocsin.service.audit.manifest import Manifest
    from tocsin.service.audit.reporting.records import CutRecord, SampleRecord

__all__ = ["missing_of"]

_SAMPLE: Final = "`tocsin audit sample OUT --labels 1000 --with-text` draws posts for people to label"
_ESTIMATE: Final = (
    "`tocsin audit estimate OUT --labels FILE` with the sample as people filled it in, or `--from-review`"
)
_AGAIN: Final = "then `tocsin audit report OUT` again"
_TOGETHER: Final = (
    ". {copies:,} of them take the label of a copy: a text is labelled with all its rows or with none, and"
    " intervals are then too narrow, by far where one text came often"
)
_FILL: Final = "people fill in its labels, then"


def missing_of(
    manifest: Manifest,
    estimates: EstimatesRecord | None,
    sample: SampleRecord | None,
    cuts: Mapping[str, CutRecord],
    *,
    replaced: bool,
) -> tuple[MissingRecord, ...]:
    """Return all of it, what matters most first."""
    return tuple(
        MissingRecord(what=what, why=why, todo=todo)
        for what, why, todo in (
            *_figures(manifest, estimates, sample),
            *_labels(estimates),
            *_rows(manifest),
            *_columns(manifest, cuts),
            *(_REPLACED if replaced else ()),
        )
    )


_REPLACED: Final = (
    (
        "How the sample was drawn",
        "`sample.json` has been replaced since the estimates were made",
        f"{_ESTIMATE}, {_AGAIN}",
    ),
)


def _figures(
    manifest: Manifest, estimates: EstimatesRecord | None, sample: SampleRecord | None
) -> Iterator[tuple[str, str, str]]:
    what = "How much breaks each policy"
    if estimates is None and sample is None:
        yield what, "no sample was drawn and labelled", f"{_SAMPLE}; {_ESTIMATE}; {_AGAIN}"
    elif estimates is None and sample is not None:
        why = f"a sample of {many(sample.drawn, 'post')} was drawn; nothing is estimated from its labels yet"
        yield what, why, f"{_FILL} {_ESTIMATE}; {_AGAIN}"
    elif estimates is not None:
        told = {one.name for one in estimates.policies if one.prevalence.powered is not None}
        whys = {one.name: one.prevalence.why for one in estimates.policies}
        lacking = [name for name in manifest.policy.names if name not in told]
        if lacking:
            yield (
                f"How much breaks {', '.join(f'*{name}*' for name in lacking)}",
                "; ".join(dict.fromkeys(whys.get(name) or "fewer than 10 labels" for name in lacking)),
                f"people fill in its column of the sample, then {_ESTIMATE}; {_AGAIN}",
            )


def _labels(estimates: EstimatesRecord | None) -> Iterator[tuple[str, str, str]]:
    told = [one for one in estimates.policies if one.prevalence.powered] if estimates else []
    lacking = [one for one in told if one.unlabelled or one.unsure]
    if lacking and estimates:
        each = "; ".join(
            f"*{one.name}* {one.unlabelled:,} without a label, {one.unsure:,} unsure" for one in lacking
        )
        yield (
            "Some answers",
            (
                f"of {many(estimates.drawn, 'post')} drawn: {each}. Figures hold if these are like others of"
                " their stratum" + (_TOGETHER.format(copies=estimates.copies) if estimates.copies else "")
            ),
            "label them; estimate with `--unsure no` and `--unsure yes` to see what they could change",
        )
    empty = [one for one in told if one.empty_strata]
    if empty:
        each = ", ".join(f"*{one.name}* {one.empty_strata:,}" for one in empty)
        yield (
            "What is in strata without a label",
            f"their posts count like those of neighbours: {each}",
            "label the rest of the sample",
        )


def _rows(manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    counts = manifest.counts
    unscorable = sum(counts.unscorable.values())
    if unscorable:
        reasons = ", ".join(f"{name} {count:,}" for name, count in counts.unscorable.items())
        yield (
            "What scores say of posts that could not be scored",
            f"{many(unscorable, 'post')}, {percent(unscorable / counts.read)} of all: {reasons}",
            "estimates count them all the same: some of them are in the sample",
        )
    if counts.rejected:
        yield (
            "Anything of rows that could not be read",
            (
                f"{many(counts.rejected, 'row')}, {percent(counts.rejected / counts.read)} of all; they"
                " are in no figure"
            ),
            "their places and reasons are in `OUT/rejects`",
        )


def _columns(manifest: Manifest, cuts: Mapping[str, CutRecord]) -> Iterator[tuple[str, str, str]]:
    for name, cut in cuts.items():
        if cut.why:
            yield (
                f"Anything by `{name}`",
                f"it has {cut.why}, and may well name persons",
                "audit with a coarser column",
            )
    if manifest.columns.time is None:
        yield "When it was posted", "the audit has no time column", "audit with `--time-column`"
    if manifest.columns.weight is None:
        yield "How often it was seen", "the audit has no weight column", "audit with `--weight views`"
