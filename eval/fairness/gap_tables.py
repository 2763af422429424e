"""Tables of how much more often harmless posts are flagged where they name a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.fairness.gaps import Gap, gaps
from tocsin.eval.fairness.naming import Part
from tocsin.eval.ranks import NULL
from tocsin.eval.rules import RULES, flags
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.signals import Signal

__all__ = ["CLEAR", "FEW", "Placed", "found_gaps", "gap_findings", "gap_tables", "term_table"]

CLEAR: Final = "clear"
FEW: Final = "few"
_TOLD: Final = 3
_PLACE: Final = (Column("corpus", "corpus", key=True), Column("language", "language", key=True))
_FIGURES: Final = (
    Column("rows", "harmless rows", Kind.COUNT, about="Test rows labelled no hate that name it."),
    Column("rate", "flagged", Kind.SHARE, better=Better.LOWER, about="Share of these that is flagged."),
    Column(
        "apart",
        "against none named",
        Kind.POINTS,
        better=Better.LOWER,
        about="That share less the share of harmless rows of the corpus that name nobody.",
    ),
    Column("times", "times", Kind.SCORE, about="The one share over the other: 1 is even."),
    Column(
        "apart_from_all",
        "against all",
        Kind.POINTS,
        better=Better.LOWER,
        about="That share less the share of all harmless rows of the corpus.",
    ),
)
_ABOUT: Final = (
    "Test rows that people labelled *no hate*, and the share that the policy `hate` flags {where}: where a"
    " group is named, and where none is. Functional suites say themselves whom a case is about; elsewhere a"
    " row names a group where one of our neutral words for it stands in the text, and counts for each group"
    " that it names. The words are found whole; some have other meanings (*black* names a colour, too)."
)
_NOTE: Final = (
    f"**{CLEAR}**: more than where nobody is named, and the interval stays above 0; there are many, and of"
    f" even rates about one in forty would look so by chance alone. **{FEW}**: under {LEAST_POSITIVES} rows,"
    f" no ground for a claim; groups with under {LEAST_ROWS} are left out. Intervals are of 95%: Wilson's of"
    " shares, Newcombe's of differences, Katz's of ratios (–: nothing flagged on one side), for as many fresh"
    " rows as would tell as much: those that share an account, a post, a template or a contrast pair count"
    " together. What the two sides of a difference have in common is left out of account, which makes its"
    " interval rather too wide than too narrow. Difference and ratio are no effect of the name alone: posts"
    " that name a group are on harder subjects than those that name none"
    " (in functional suites, those abuse things and single persons). *Another group named instead* has the"
    " same texts on both sides. *Against all* has the group's own rows on both sides."
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold a gap with the corpus and language that it is in."""

    corpus: str
    language: str
    gap: Gap


def found_gaps(subject: Subject, parts: Iterable[Part], rule: str, *, terms: bool = False) -> list[Placed]:
    """Return every group's gap under a rule, or every term's, corpus by corpus."""
    flagged = flags(subject, rule)
    harmless = (subject.labels[Signal.HATE] == 0) & (flagged != NULL)
    found = []
    for part in parts:
        here = harmless[part.places]
        members = part.terms if terms else part.groups
        masks = {named: mask[here] for named, mask in members.items()}
        if here.any() and masks:
            told = gaps(flagged[part.places][here] == 1, masks, part.together[here])
            found += [Placed(part.corpus, part.language, gap) for gap in told]
    return found


def gap_tables(found: Mapping[str, Sequence[Placed]]) -> Iterator[Table]:
    """Yield a table of groups for each rule, the widest gaps of each corpus before them."""
    review = next(iter(found))
    yield Table(
        "widest",
        "The group that harmless posts are flagged for most, corpus by corpus",
        (*_PLACE, Column("group", "group"), *_FIGURES),
        list(_widest(found[review])),
        about=(
            (
                f"Of groups that at least {LEAST_POSITIVES} harmless rows of the corpus name, the one"
                " with the largest difference at `review`. The largest of many is larger than its true"
                " size, somewhat."
            ),
        ),
        card=True,
    )
    for rule, placed in found.items():
        yield Table(
            f"groups-{rule}",
            f"Harmless posts flagged {RULES[rule]}, by group named",
            (*_PLACE, Column("group", "group", key=True), *_FIGURES),
            [_row(one, ("group",)) for one in placed],
            about=(_ABOUT.format(where=RULES[rule]),) if rule == review else (),
            notes=(_NOTE,) if rule == review else (),
        )


def term_table(placed: Sequence[Placed]) -> Table:
    """Return the table of single terms at `review`."""
    return Table(
        "terms",
        "Harmless posts flagged at `review`, by term",
        (*_PLACE, Column("group", "group", key=True), Column("term", "term", key=True), *_FIGURES),
        [_row(one, ("group", "term")) for one in placed],
        about=("Each term is counted in all its forms; functional suites are left out: they have targets.",),
    )


def gap_findings(placed: Sequence[Placed]) -> Iterator[str]:
    """Yield the widest clear gaps, one a corpus, then how many there are."""
    claimed = [one for one in placed if one.gap.apart is not None and one.gap.rows >= LEAST_POSITIVES]
    if not claimed:
        yield "No group is named by enough harmless posts for a claim about gaps."
        return
    clear = [one for one in claimed if one.gap.clear]
    by_corpus: dict[str, Placed] = {}
    for one in sorted(clear, key=lambda one: -_apart(one.gap)):
        by_corpus.setdefault(one.corpus, one)
    if by_corpus:
        told = "; ".join(map(_told, [*by_corpus.values()][:_TOLD]))
        yield (
            "Harmless posts are sent to review most often, beside those that name no group, where they name"
            f" {told}."
        )
    yield (
        f"At `review`, {len(clear)} of {len(claimed)} groups (corpus by corpus, with {LEAST_POSITIVES}"
        " harmless posts or more) are clearly flagged more often than posts that name"
        f" nobody{_known(clear)}."
    )


def _told(one: Placed) -> str:
    apart = one.gap.apart or one.gap.rate
    return (
        f"{one.gap.named[0]} in {one.corpus} ({one.gap.rate.value:.0%} of them, {100 * apart.value:.0f}"
        f" percentage points more, interval {100 * apart.low:.0f} to {100 * apart.high:.0f})"
    )


def _known(clear: Sequence[Placed]) -> str:
    """Return the groups that are clear in more than one corpus, with how many; corpora spell them apart."""
    corpora: dict[str, set[str]] = {}
    spellings: dict[str, set[str]] = {}
    for one in clear:
        group = one.gap.named[0].casefold()
        corpora.setdefault(group, set()).add(one.corpus)
        spellings.setdefault(group, set()).add(one.gap.named[0])
    repeated = sorted(
        (-len(found), min(spellings[group])) for group, found in corpora.items() if len(found) > 1
    )
    told = ", ".join(f"{group} ({-count})" for count, group in repeated)
    return f"; in more than one corpus: {told}" if told else ""


def _widest(placed: Sequence[Placed]) -> Iterator[Row]:
    for corpus, language in dict.fromkeys((one.corpus, one.language) for one in placed):
        here = [
            one
            for one in placed
            if (one.corpus, one.language) == (corpus, language)
            and one.gap.rows >= LEAST_POSITIVES
            and one.gap.apart is not None
        ]
        if here:
            yield _row(max(here, key=lambda one: _apart(one.gap)), ("group",))


def _apart(gap: Gap) -> float:
    return gap.apart.value if gap.apart is not None else float("-inf")


def _row(one: Placed, names: Sequence[str]) -> Row:
    gap = one.gap
    return {
        "corpus": one.corpus,
        "language": one.language,
        **dict(zip(names, gap.named, strict=True)),
        "rows": gap.rows if gap.rows >= LEAST_POSITIVES else Marked(gap.rows, FEW),
        "rate": gap.rate,
        "apart": Marked(gap.apart, CLEAR) if gap.clear else gap.apart,
        "times": gap.times,
        "apart_from_all": gap.apart_from_all,
    }
