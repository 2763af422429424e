"""A report becomes the bundle's card: every figure in it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tocsin.assessment import Tier
from tocsin.eval.card_metadata import metadata
from tocsin.eval.markdown import grid, markdown, paragraph
from tocsin.eval.report import Report
from tocsin.eval.suite import Answer
from tocsin.models import Bundle
from tocsin.signals import Signal

__all__ = ["render_card"]

_TIER_NAMES: Final[Mapping[Tier, str]] = {
    Tier.SCREEN: "",
    Tier.ENCODER: ", judged by its encoder",
    Tier.CASCADE: ", judged by its cascade",
}

_PURPOSE: Final = """\
Orders posts for human trust-and-safety reviewers by how much their language incites to, threatens,
glorifies or recruits for extremist violence. A person decides; the model only says where to look.

**Not for**: removing or restricting anything by itself, scoring or ranking people or accounts, evidence
in any proceeding, languages that the table below does not name, images, audio or video.
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
- What evasion costs, which groups' mentions it flags more, and what dialect does to it stand above where they
  were measured; none of it was mended by hiding it.
{tier}"""

_TIER_LIMITS: Final[Mapping[Tier, str]] = {
    Tier.SCREEN: """\
- The longer a text, the further its margin can move from the bias: long texts are flagged more often,
  harmless ones too. The audits show it where they hold whole documents beside single sentences.
- A linear model over n-grams reads neither irony nor context nor who speaks about whom.
""",
    Tier.ENCODER: """\
- A text of more than {room} tokens is read in windows, and the highest score counts: the longer a text, the
  more often it is flagged. The audits show it where they hold whole documents beside single sentences.
- It knows one text at a time: neither the thread it stands in, nor who speaks, nor a picture beside it.
- Languages other than {languages} are judged by the screen, whose figures stand in `card.md`; those that
  stand here too are the screen's.
- Scores were measured with weights and activations as 8-bit whole numbers, as they ship. On a processor
  without instructions for them (VNNI or the like) sums may saturate, and scores differ.
""",
    Tier.CASCADE: """\
- A cleared text carries the distilled screen's scores, no level and the tier `screen`. They rank it less well
  than the encoder would have: what is ranked, not flagged, is better ranked by the encoder alone.
""",
}


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
        metadata(bundle, training, report),
        f"# {manifest.name} {manifest.version}{_TIER_NAMES[bundle.tier]}\n",
        _PURPOSE,
        "## Signals\n",
        _signals(bundle),
        *_cleared(bundle),
        *(
            _section(answer)
            for answer in report.answers
            if any(table.card for table in answer.tables.values())
        ),
        "## Limits\n",
        _LIMITS.format(incitement=_calibrated_on(bundle, Signal.INCITEMENT), tier=_tier_limits(bundle)),
        *_not_run(report),
        "## Training\n",
        *_encoder(bundle, training),
        _training(training),
    )
    return "\n".join(parts)


def _not_run(report: Report) -> list[str]:
    """Return the suites that measured nothing, and why: they are not passed."""
    told = [f"`{answer.name}` ({answer.why_not})" for answer in report.answers if answer.measured is None]
    return [paragraph(f"Not run for this card: {'; '.join(told)}.")] if told else []


def _section(answer: Answer) -> str:
    """Return what one suite says: its findings, then its tables."""
    tables = [table for table in answer.tables.values() if table.card]
    findings = answer.measured.findings if answer.measured else ()
    parts = [f"## {answer.title}\n", "".join(paragraph(f"- {words}", "  ") for words in findings)]
    for table in tables:
        parts += [f"### {table.title}\n"] if len(tables) > 1 else []
        parts += [markdown(table)]
    return "\n".join(part for part in parts if part)


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
    return grid(header, rows)


def _cleared(bundle: Bundle) -> list[str]:
    """Return what the cascade clears under the shipped policy, and what that may lose."""
    record = bundle.manifest.cascade
    if bundle.cascade is None or record is None:
        return []
    rows = [
        (
            one.language,
            f"{one.rows}",
            f"{one.flagged}",
            "nothing" if one.threshold is None else f"{one.cleared / one.rows:.1%}",
            f"{one.lost}",
        )
        for one in record.clearings
    ]
    about = (
        "A screen distilled from the encoder reads every text first and clears what stays clear of every"
        f" threshold; the encoder reads the rest. At {record.confidence:.0%} confidence at most"
        f" {record.loss:.0%} of what the encoder would flag is lost, on texts drawn as those of the"
        f" {record.split} split of {', '.join(record.corpora)} were: they fitted no weight, no calibration"
        " and no threshold, but helped to choose among settings."
        " Other texts may lose more; `tocsin cascade refit` fits the rule to a platform's own."
    )
    header = ("language", "texts", "flagged by the encoder", "cleared", "flagged ones lost")
    return ["## What is cleared\n", paragraph(about), grid(header, rows)]


def _tier_limits(bundle: Bundle) -> str:
    encoder = bundle.encoder
    if encoder is None:
        return _TIER_LIMITS[Tier.SCREEN]
    languages = " and ".join(sorted(encoder.languages))
    told = _TIER_LIMITS[Tier.ENCODER].format(room=encoder.windows.room, languages=languages)
    return told + (_TIER_LIMITS[Tier.CASCADE] if bundle.cascade else "")


def _encoder(bundle: Bundle, training: Mapping[str, Any]) -> list[str]:
    """Return what the encoder was made from, and how its dev rows were ranked at each look."""
    record, told = bundle.manifest.encoder, training.get("encoder")
    if bundle.tier is Tier.SCREEN or record is None or told is None:
        return []
    rows = [(f"{look['step']}", f"{look['quality']:.4f}") for look in told["looks"]]
    about = (
        f"The backbone is {record.backbone} (weights as SHA-256, tensor by tensor:"
        f" `{told['backbone_sha256']}`), {_adapted(told)}fine-tuned on the rows below in"
        f" {', '.join(sorted(record.languages))}. At each look training was judged by the mean AUROC over"
        " dev's cells; the best look is what ships."
    )
    return [paragraph(about), grid(("step", "dev AUROC, mean of cells"), rows)]


def _adapted(told: Mapping[str, Any]) -> str:
    """Return what a backbone was taught before it was fine-tuned; records of old tell nothing of it."""
    losses = (told.get("adapted") or {}).get("losses")
    if not losses:
        return ""
    return (
        f"taught to fill in hidden words of their texts for {told['config']['adapt_epochs']:g} epochs (loss"
        f" {losses[0]['loss']:.2f} to {losses[-1]['loss']:.2f} nats a word), and then "
    )


def _calibrated_on(bundle: Bundle, signal: Signal) -> str:
    scalings = bundle.calibration.signals.get(signal, {})
    told = [f"{scaling.positives} ({language})" for language, scaling in sorted(scalings.items())]
    return " and ".join(told) or "none"


def _training(training: Mapping[str, Any]) -> str:
    corpora = [
        (name, record["title"], record["licence"], "tests only" if record["test_only"] else "trained on")
        for name, record in training["corpora"].items()
    ]
    corpora += [(name, "rows of one's own", "not stated", "trained on") for name in training["own"]]
    return grid(("corpus", "source", "licence", "use"), corpora) + _COUNTS.format(
        **training["rows"], **training["kept"]
    )
