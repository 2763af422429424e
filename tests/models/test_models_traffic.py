from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Reason, Status
from tocsin.item import Item
from tocsin.models.traffic import TrafficScores

SOUP = "the soup of the day"


def judged(language: str = "en", reason: Reason | None = None, **results: Any) -> Assessment:
    """Return an assessment; each result is a score and a level."""
    return Assessment(
        id="p-1",
        status=Status.UNSCORABLE if reason else Status.SCORED,
        reason=reason,
        language=language,
        signals={},
        policies=tuple(
            PolicyResult(name, score, level, certified=False) for name, (score, level) in results.items()
        ),
        priority=None,
        tier=None,
        spans=(),
        model=ModelStamp("toy", "1", "sha256:0"),
        policy=PolicyStamp("1", "sha256:1"),
    )


def test_scores_are_kept_by_language_and_policy_in_the_order_in_which_they_came() -> None:
    found = TrafficScores(["soup"], "en")
    found.add(Item("a", SOUP), judged(soup=(0.25, Level.NONE), bread=(0.5, Level.NONE)))
    found.add(Item("b", "two"), judged("de", soup=(0.5, Level.URGENT)))
    found.add(Item("c", "three"), judged(soup=(None, None)))

    assert found.rows == {"de": 1, "en": 2}
    assert found.scores("en", "soup").tolist() == pytest.approx([0.25, math.nan], nan_ok=True)
    assert found.urgent("en", "soup").tolist() == [False, False]
    assert found.urgent("de", "soup").tolist() == [True]
    with pytest.raises(KeyError):
        found.scores("en", "bread")


def test_a_text_that_nobody_could_place_counts_where_it_was_judged() -> None:
    found = TrafficScores(["soup"], "de")
    found.add(Item("a", SOUP), judged("und", soup=(0.25, Level.NONE)))

    assert found.rows == {"de": 1}


def test_what_could_not_be_judged_is_counted_apart() -> None:
    found = TrafficScores(["soup"], "en")
    for reason in (Reason.EMPTY, Reason.LANGUAGE, Reason.EMPTY):
        found.add(Item("a", SOUP), judged("und", reason, soup=(None, None)))

    assert found.rows == {}
    assert found.unscorable == {"empty": 2, "language": 1}


def test_copies_are_told_within_a_language() -> None:
    found = TrafficScores(["soup"], "en")
    for text, language in (
        (SOUP, "en"),
        (SOUP, "en"),
        (SOUP + " ", "en"),
        (SOUP, "en"),
        (SOUP, "de"),
    ):
        found.add(Item("a", text), judged(language, soup=(0.5, Level.NONE)))

    assert (found.duplicates("en"), found.duplicates("de")) == (2, 0)


def test_no_text_no_id_and_no_hash_that_another_process_could_make_is_kept() -> None:
    kept = []
    for _ in range(2):
        found = TrafficScores(["soup"], "en")
        found.add(Item("p-secret", SOUP), judged(soup=(0.5, Level.NONE)))
        rows = found._rows["en"]
        kept.append((list(rows.texts), rows.scores, rows.urgent))
        assert np.array(rows.texts).dtype == np.uint64

    assert kept[0][0] != kept[1][0]
    assert "soup of" not in repr(kept)
    assert "p-secret" not in repr(kept)
