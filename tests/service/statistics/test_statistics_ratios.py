import numpy as np
import pytest

from tocsin.service.audit.estimating.planning import labels_to_halve
from tocsin.service.statistics.ratios import Limits, apart, part_of_both
from tocsin.service.statistics.spread import Spread, Step


def limits(value: float, low: float, high: float) -> Limits:
    return Limits(np.array(value), np.array(low), np.array(high))


def test_the_difference_of_two_proportions_is_newcombes() -> None:
    # Newcombe (1998), method 10, of 56/70 and 48/80: 0.2000, 0.0524 to 0.3339; Wilson's limits of each.
    found = apart(limits(0.8, 0.6918, 0.8774), limits(0.6, 0.4905, 0.7003))

    assert float(found.value) == pytest.approx(0.2)
    assert float(found.low) == pytest.approx(0.0524, abs=2e-4)
    assert float(found.high) == pytest.approx(0.3339, abs=2e-4)


def test_a_ratio_of_symmetric_intervals_is_fiellers() -> None:
    a, b, half = 0.4, 0.1, 0.05
    found = part_of_both(limits(a, a - half, a + half), limits(b, b - half, b + half))

    # Fieller (1954): the roots in r of (b - r a)² = half² (1 + r²).
    roots = np.roots([a**2 - half**2, -2 * a * b, b**2 - half**2])
    assert float(found.value) == pytest.approx(0.8)
    assert [float(found.low), float(found.high)] == pytest.approx(sorted(1 / (1 + roots)))


def test_where_no_hit_was_missed_the_part_may_be_all() -> None:
    found = part_of_both(limits(0.02, 0.01, 0.03), limits(0.0, 0.0, 0.004))

    assert float(found.value) == float(found.high) == 1.0
    # The upper end of what was missed, over what 0.01 as the lower end says of 0.02.
    assert float(found.low) == pytest.approx(1 / (1 + 0.004 / np.sqrt(0.01 * 0.03)))


def test_where_no_hit_was_found_at_all_nothing_can_be_said() -> None:
    found = part_of_both(limits(0.0, 0.0, 0.1), limits(0.0, 0.0, 0.2))

    assert np.isnan([float(found.value), float(found.low), float(found.high)]).all()


def test_where_the_part_may_be_nothing_so_may_its_share() -> None:
    found = part_of_both(limits(0.01, 0.0, 0.03), limits(0.02, 0.01, 0.04))

    assert float(found.low) == 0.0
    assert 1 / 3 < float(found.high) < 1.0


def spread(hits: int, labels: int) -> Spread:
    share = hits / labels
    step = np.array(1 / labels)
    variance = np.array(share * (1 - share) / labels)
    third = variance * (1 - 2 * share) / labels
    return Spread(
        np.array(share), variance, third, Step(step, np.array(1 - share)), Step(step, np.array(share))
    )


def test_with_many_hits_three_times_as_many_more_labels_halve_the_interval() -> None:
    assert labels_to_halve(spread(5000, 10_000), 10_000, 10**6) == pytest.approx(30_000, rel=0.01)


def test_with_no_hit_as_many_more_halve_it() -> None:
    assert labels_to_halve(spread(0, 500), 500, 10**6) == pytest.approx(500, rel=0.01)


def test_it_asks_for_no_more_labels_than_there_are_rows() -> None:
    assert labels_to_halve(spread(5000, 10_000), 10_000, 39_000) is None


def test_what_has_no_width_cannot_be_halved() -> None:
    none = Step(np.array(0.0), np.array(0.0))

    assert labels_to_halve(Spread(np.array(0.5), np.array(0.0), np.array(0.0), none, none), 9, 99) is None
