"""The dashboard: figures that are kept aside, as of when they were made, drawn small and told in tables."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.plots import Plot, bars, lines, whiskers
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.records.figures import Figures, figures_now, own_figures
from tocsin.service.review.records.figures.drift import FEWEST_ITEMS, Moved
from tocsin.service.review.records.figures.share import FEWEST
from tocsin.service.review.records.figures.volume import LEVELS
from tocsin.service.review.role import Role

__all__ = ["DASHBOARD_PAGES"]

_MOVED: Final = {
    Moved.STABLE: "about the same (under 0.1)",
    Moved.MOVED: "moved (0.1 to 0.25)",
    Moved.MUCH: "moved much (above 0.25)",
}
_LEVELS: Final = {"urgent": "urgent", "review": "review", "none": "below review", "unjudged": "not judged"}


def _dashboard(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del asked
    figures = figures_now(tx, context)
    mine = own_figures(tx, context, visit.reviewer.number) if visit.preferences.own_figures else None
    titles = {policy.name: policy.title for policy in visit.house.policies.policies}
    values = {
        "figures": figures,
        "plots": _plots(figures, titles),
        "mine": mine,
        "titles": titles,
        "fewest": FEWEST,
        "fewest_items": FEWEST_ITEMS,
        "moved": _MOVED,
        "levels": [(level, _LEVELS[level]) for level in LEVELS],
        "words": wording,
    }
    return Shown("dashboard.html", values)


def _plots(figures: Figures, titles: dict[str, str]) -> dict[str, Plot]:
    volume, flow = figures.volume, figures.flow
    ends = (f"{volume[0].day:%-d %b}", "today")
    told = [
        (titles.get(one.policy, one.policy)[:28], *_interval(one.any_policy))
        for one in figures.precision
        if one.any_policy.value is not None
    ]
    return {
        "handed_in": bars([[day.handed_in for day in volume]], *ends),
        "flagged": bars(
            [
                [0] * len(volume),  # so that each level has its own colour
                [day.urgent for day in volume],
                [day.review for day in volume],
                [day.unjudged for day in volume],
            ],
            *ends,
        ),
        "flow": lines([[day.came for day in flow], [day.done for day in flow]], *ends),
        "waiting": bars([[day.waiting for day in flow]], *ends),
        "precision": whiskers(told),
    }


def _interval(share: Any) -> tuple[float, float, float]:
    return share.low, share.value, share.high


DASHBOARD_PAGES: Final = (Page("GET", "/review/dashboard", "console_dashboard", Role.REVIEWER, _dashboard),)
