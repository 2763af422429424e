"""A report becomes the bundle's card: every figure in it was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tocsin.eval.card_calibration import calibration_part
from tocsin.eval.card_levels import audits_part, rates_part
from tocsin.eval.cells import LEAST_POSITIVES, Cell
from tocsin.eval.evaluation import Detection, Report
from tocsin.eval.markdown import decimals, table
from tocsin.models import Bundle
from tocsin.models.manifest import GateRecord
from tocsin.signals import Signal

__all__ = ["render_card"]

_PURPOSE: Final = """\
Orders posts for human trust-and-safety reviewers by how much their language incites to, threatens,
glorifies or recruits for extremist violence. A person decides; the model only says where to look.

**Not for**: removing or restricting anything by itself, scoring or ranking people or accounts, evidence
in any proceeding, languages that the table below does not name, images, audio or video.
"""

_FIGURES: Final = """\
On test rows that fitted nothing: no copy, contrast partner or row of the same group of one is in
training, calibration or thresholds; nor, as far as locality-sensitive hashing finds them, is a near-copy
(90% of the characters alike). Each figure has its 95% percentile bootstrap interval in brackets
({draws} draws). Recall at fpr is the recall at the lowest threshold whose false-positive rate on the
cell's own test negatives does not pass that rate: a measure of ranking, not what the shipped thresholds
do. Figures of different corpora are not comparable, and none is pooled: which corpus a text comes from
is easier to tell than what it says.
† fewer than {least} positives: shown with its interval, no ground for a claim.
"""

_LEVELS: Final = """\
A target is *certified* where enough calibration rows decide the whole policy: with 95% confidence over
the draw of those rows, the true rate keeps the target **on texts drawn like all of those rows together**: not
corpus by corpus, as the table of rates below shows, and a platform's own texts are drawn otherwise. Where a
target is not certified, each signal's own threshold stands in, aiming at its share of the error; beside it
stand the calibration rows that it was fitted on. Where they are too few to tell such a rate (a hundred
negatives tell nothing of 0.5%), it lies above all of them and may miss the target.
"""

_DETECTION: Final = """\
Test rows whose language nobody names. *Undetermined* ones are judged as English unless the operator says
otherwise, *mistaken* ones as another language of this bundle; *refused* ones are unscorable, as if in a
language that it has not (nearly every refusal here is a mistake, but some rows do quote another language).
"""

_LIMITS: Final = """\
- The labels are those of public corpora, mostly US English, and carry their annotators' errors: the authors
  of digital-extremism later relabelled about a fifth of it.
- `incitement` was learned from few calls for violence, and calibrated on as few positive rows: {incitement}.
- English `call_to_action` was learned from harmless activism. No English row of any corpus is labelled both
  as a call to action and as extremist: there `recruitment` is assembled from its parts and **not certified**.
- Presumed negatives of `extremism` come from other corpora than its positives: telling corpora apart is part
  of what that signal has learned.
- Scores are calibrated on the calibration rows of all corpora together, at the declared reference
  prevalence: how well that holds corpus by corpus stands above, and in cells marked **missed** it does not.
  Errors by identity term and dialect, and robustness against evasion have not been measured for this bundle.
- The longer a text, the further its margin can move from the bias: long texts are flagged more often,
  harmless ones too. The audits show it where they hold whole documents beside single sentences.
- A linear model over n-grams reads neither irony nor context nor who speaks about whom.
"""


_COUNTS: Final = """
{read} rows read; {merged} copies merged; {contradictions} contradictory labels made unknown; {touched_test}
rows kept out of training because they touch a test; {thinned} left out so that rows drawn with unequal
probabilities count alike. Train {train}, dev {dev}, calibration {calibration}, test {test}.

The whole experiment, with the checksum of every file it read, is in `training.json`.
"""


def render_card(bundle: Bundle, training: Mapping[str, Any], report: Report) -> str:
    """Return the card in Markdown, the metadata block of model hubs included."""
    manifest = bundle.manifest
    parts = (
        _metadata(manifest.languages, manifest.licence),
        f"# {manifest.name} {manifest.version}\n",
        _PURPOSE,
        "## Signals\n",
        _signals(bundle),
        "## Ranking, by corpus, signal and language\n",
        _FIGURES.format(draws=report.draws, least=LEAST_POSITIVES),
        _cells(report.cells),
        "## Calibration, after the shift to each corpus's prevalence\n",
        calibration_part(report.calibration),
        "## Thresholds of the shipped policy\n",
        _LEVELS,
        _gates(manifest.thresholds),
        "## What the levels catch, and what they flag\n",
        rates_part(report.rates),
        "## False-positive audits\n",
        audits_part(report.rates),
        "## Language detection\n",
        _DETECTION,
        _detection(report.detection),
        "## Limits\n",
        _LIMITS.format(incitement=_calibrated_on(bundle, Signal.INCITEMENT)),
        "## Training\n",
        _training(training),
    )
    return "\n".join(parts)


def _metadata(languages: frozenset[str], licence: str) -> str:
    lines = "\n".join(f"- {language}" for language in sorted(languages))
    return f"---\nlicense: {licence.lower()}\npipeline_tag: text-classification\nlanguage:\n{lines}\n---\n"


def _signals(bundle: Bundle) -> str:
    rows = []
    for signal, record in bundle.manifest.signals.items():
        for language in record.languages:
            scaling = bundle.calibration.of(signal, language)
            share = f"{scaling.reference_prevalence:.3f}" if scaling else "–"
            counts = f"{scaling.positives} / {scaling.negatives}" if scaling else "–"
            rows.append(
                (
                    f"`{signal}`",
                    language,
                    f"the text {signal.question}",
                    ", ".join(record.corpora),
                    share,
                    counts,
                )
            )
    header = ("signal", "language", "question", "corpora", "reference prevalence", "calibration + / −")
    return table(header, rows)


def _calibrated_on(bundle: Bundle, signal: Signal) -> str:
    scalings = bundle.calibration.signals.get(signal, {})
    told = [f"{scaling.positives} ({language})" for language, scaling in sorted(scalings.items())]
    return " and ".join(told) or "none"


def _cells(found: Sequence[Cell]) -> str:
    names = ("auroc", "average_precision", "recall_at_fpr_0.01", "recall_at_fpr_0.05")
    header = (
        "corpus",
        "signal",
        "language",
        "+ / −",
        "AUROC",
        "average precision",
        "recall at fpr 1%",
        "recall at fpr 5%",
    )
    shown = [cell for cell in found if cell.estimates]
    rows = [
        (
            cell.corpus,
            f"`{cell.signal}`" + ("" if cell.claimed else " †"),
            cell.language,
            f"{cell.positives} / {cell.negatives}",
            *(decimals(cell.estimates[name]) for name in names),
        )
        for cell in shown
    ]
    left_out = [
        f"{cell.corpus} `{cell.signal}` ({cell.positives} / {cell.negatives})"
        for cell in found
        if not cell.estimates
    ]
    note = (
        f"\nToo few rows of one class to report, or signal not offered: {', '.join(left_out)}.\n"
        if left_out
        else ""
    )
    return table(header, rows) + note


def _gates(records: Sequence[GateRecord]) -> str:
    header = ("policy", "level", "language", "target", "certified", "threshold", "decided rows + / −")
    return table(header, [_gate(record) for record in records])


def _gate(record: GateRecord) -> tuple[str, ...]:
    members = "; ".join(
        f"{signal} ≥ {_threshold(member.threshold)} ({member.positives} / {member.negatives})"
        for signal, member in record.members.items()
    )
    return (
        record.policy,
        record.level,
        record.language,
        record.target,
        "yes" if record.certified else "no",
        members or f"score ≥ {_threshold(record.threshold)}",
        f"{record.positives} / {record.negatives}",
    )


def _threshold(value: float | None) -> str:
    return "∞" if value is None else f"{value:.3f}"


def _detection(found: Sequence[Detection]) -> str:
    header = ("corpus", "language", "rows", "undetermined", "mistaken", "refused")
    return table(
        header,
        [
            (
                *(one.corpus, one.language, str(one.rows)),
                *(f"{part / one.rows:.1%}" for part in (one.undetermined, one.mistaken, one.refused)),
            )
            for one in found
        ],
    )


def _training(training: Mapping[str, Any]) -> str:
    corpora = [
        (name, record["title"], record["licence"], "tests only" if record["test_only"] else "trained on")
        for name, record in training["corpora"].items()
    ]
    corpora += [(name, "rows of one's own", "not stated", "trained on") for name in training["own"]]
    return table(("corpus", "source", "licence", "use"), corpora) + _COUNTS.format(
        **training["rows"], **training["kept"]
    )
