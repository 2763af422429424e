"""Each plot as a picture for a slide, by itself: PNG of 1920 by 1080 pixels, and SVG."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl

from tocsin.errors import InputError
from tocsin.page.dot_figure import Dot, dot_figure, elided
from tocsin.page.look import SLIDE
from tocsin.page.svg import drawing
from tocsin.page.words import Ids, clean
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.reporting.dots import prevalence_dots, share_scale, slice_dots
from tocsin.service.audit.reporting.histogram import histogram
from tocsin.service.audit.reporting.timeline import near_periods, timeline
from tocsin.service.audit.reporting.wording import many

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tocsin.service.audit.reporting.records import ReportRecord

__all__ = ["pages", "write_slides"]

_DPI: Final = 144
_LINES: Final = 11  # dots and names of groups that a slide has room for
_LONGEST: Final = 58  # letters of a title


def write_slides(report: ReportRecord, folder: Path) -> list[Path]:
    """Write every plot of a report into a folder, which is made; return the files.

    The same report gives the same files. Raises InputError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: must be a folder that can be written: {error.strerror}") from error
    ids, written = Ids(), list[Path]()
    counts = report.counts
    foot = clean(
        f"tocsin audit of {many(counts.read - counts.rejected, 'post')}, {report.finished:%Y-%m-%d},"
        f" {report.model.name} {report.model.version}"
    )
    with drawing():
        mpl.rcParams["svg.fonttype"] = "path"
        for names, figure in _figures(report):
            path = folder / ids.of(*names)
            figure.text(SLIDE.pad / SLIDE.width, 0.5 * SLIDE.foot / SLIDE.height, foot, **SLIDE.letters)
            for suffix, content in _saved(figure):
                written.append(path.with_name(f"{path.name}.{suffix}"))
                write_durably(written[-1], content)
    return written


def _figures(report: ReportRecord) -> Iterator[tuple[tuple[str, ...], Figure]]:
    """Yield each picture with what its file is named after."""
    estimates, time = report.estimates, report.time
    if estimates is not None:
        title = "Share of posts that break a policy, with its 95% interval"
        yield from _dots(("prevalence",), prevalence_dots(estimates), title)
        for policy in estimates.policies:
            for column, cut in policy.cuts.items():
                names = ("prevalence", policy.name, "by", column)
                told = f"{policy.name} by {column}: share that breaks it"
                yield from _dots(names, slice_dots(policy.name, cut), told)
    for one in report.scores:
        if one.judged:
            title = _title(f"{one.name}: {many(one.judged, 'post')} by score")
            yield ("scores", one.name), histogram(one, SLIDE, title=title)
    near = near_periods(time.periods, time.period) if time else []
    if time is not None and len(near) > 1:
        for name in report.policy.names:
            title = _title(f"{name}: share of posts flagged, by {time.period.value}")
            yield ("flagged", name, "over-time"), timeline(near, name, SLIDE, title=title)


def _dots(names: tuple[str, ...], dots: list[Dot], title: str) -> Iterator[tuple[tuple[str, ...], Figure]]:
    """Yield as many pictures as the dots take, all on one scale."""
    scale = share_scale(dots)
    if scale is None:
        return
    cut = list(pages(dots))
    for number, page in enumerate(cut, 1):
        told = f"{title} ({number} of {len(cut)})" if len(cut) > 1 else title
        yield (
            (*names, *([str(number)] if len(cut) > 1 else [])),
            dot_figure(page, scale, SLIDE, title=_title(told)),
        )


def pages(dots: list[Dot]) -> Iterator[list[Dot]]:
    """Cut dots into pages; a group's name takes a line, and a group stays together where it fits."""
    page: list[Dot] = []
    lines = 0
    for dot in dots:
        new = bool(dot.group) and (not page or page[-1].group != dot.group)
        takes = 1 + new + (sum(one.group == dot.group for one in dots) - 1 if new else 0)
        if page and lines + min(takes, _LINES) > _LINES:
            yield page
            page, lines = [], 0
            new = bool(dot.group)
        page.append(dot)
        lines += 1 + new
    if page:
        yield page


def _title(text: str) -> str:
    return clean(elided(text, _LONGEST))


def _saved(figure: Figure) -> Iterator[tuple[str, bytes]]:
    """Yield the figure in both formats; letters of the SVG are outlines, which look alike everywhere."""
    figure.set_facecolor(SLIDE.paper)
    for suffix in ("png", "svg"):
        stream = io.BytesIO()
        figure.savefig(stream, format=suffix, dpi=_DPI, metadata=_METADATA[suffix])
        yield suffix, stream.getvalue()


_METADATA: Final[dict[str, dict[str, str | None]]] = {"png": {"Software": None}, "svg": {"Date": None}}
