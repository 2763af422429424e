from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tocsin.service.statistics.agreement import FEWEST_ITEMS, agreement, cohen
from tocsin.service.statistics.readings import Readings
from tocsin.service.statistics.testing import Reviewers

DRAWS = 250
BAND = (0.91, 0.99)  # of 250 draws of 95%, three standard errors either way


def readings(*items: str, weight: float = 1.0) -> Readings:
    """Return readings of items, a letter for each rater's label and a dot where one did not read it."""
    told = [(item, rater, ord(letter) - ord("a")) for item, said in enumerate(items)
            for rater, letter in enumerate(said) if letter != "."]  # fmt: skip
    columns = np.array(told, np.int64).reshape(-1, 3).T
    return Readings(columns[0], columns[1], columns[2], np.full(len(told), weight))


def test_cohens_kappa_is_that_of_the_textbook() -> None:
    # Fleiss, Levin and Paik 2003, table 18.1: 100 subjects, kappa 0.68.
    table = {"aa": 75, "ab": 1, "ac": 4, "ba": 5, "bb": 4, "bc": 1, "ca": 0, "cb": 0, "cc": 10}
    found = cohen(readings(*(said for said, count in table.items() for _ in range(count))))
    assert found.value == pytest.approx(0.6765, abs=5e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.6 < 0.75 < found.high


def test_kappas_are_those_of_cohens_own_example() -> None:
    # Cohen 1960, table 2: 200 patients, kappa .492; Scott's, with both raters' labels together, .487.
    table = {"aa": 88, "ab": 10, "ac": 2, "ba": 14, "bb": 40, "bc": 6, "ca": 18, "cb": 10, "cc": 12}
    given = readings(*(said for said, count in table.items() for _ in range(count)))
    assert cohen(given).value == pytest.approx(0.29 / 0.59)
    assert agreement(given).kappa.value == pytest.approx(0.285 / 0.585)
    assert agreement(given).plain.value == pytest.approx(0.70)


SAID = ("aa.a", "bbcb", "cccc", "cccc", "bbbb", "abcd", "dddd", "aaba", "bbbb", ".eee", "..aa", "..c.")


def test_krippendorffs_alpha_is_that_of_its_definition() -> None:
    many = readings(*SAID * 2)
    assert agreement(many).alpha.value == pytest.approx(by_definition(many))


def by_definition(given: Readings) -> float:
    """Return alpha by walking over pairs."""
    values: list[int] = []
    apart = 0.0
    for item in np.unique(given.item):
        said = given.label[given.item == item].tolist()
        if len(said) < 2:
            continue
        values += said
        apart += sum(one != other for one in said for other in said) / (len(said) - 1)
    expected = sum(one != other for one in values for other in values) / (len(values) - 1)
    return 1 - apart / expected


def test_the_definition_gives_what_krippendorff_gives_for_his_own_example() -> None:
    # "Computing Krippendorff's alpha-reliability" (2011), example C: nominal data with missing values.
    assert by_definition(readings(*SAID)) == pytest.approx(0.743, abs=5e-4)


def test_weights_count_as_copies_do() -> None:
    once, more = ["aa", "ab", "bb"] * 10, ["bb"] * 30
    both = readings(*once, *more)
    heavy = Readings(both.item, both.rater, both.label, np.where(both.item < 30, 3.0, 1.0))
    assert agreement(heavy).kappa.value == pytest.approx(agreement(readings(*once * 3, *more)).kappa.value)


def test_weighed_kappas_are_those_that_others_compute() -> None:
    random = np.random.default_rng(3)
    first, second = random.integers(0, 3, 200), random.integers(0, 3, 200)
    second = np.where(random.random(200) < 0.6, first, second)
    weights = np.where(first > 0, 1.0, 4.0)
    given = Readings(
        np.tile(np.arange(200), 2),
        np.repeat([0, 1], 200),
        np.concatenate([first, second]),
        np.tile(weights, 2),
    )
    assert cohen(given).value == pytest.approx(cohen_kappa_score(first, second, sample_weight=weights))
    either, other = np.concatenate([first, second]), np.concatenate([second, first])
    pooled = cohen_kappa_score(either, other, sample_weight=np.tile(weights, 2))
    assert agreement(given).kappa.value == pytest.approx(pooled)


def test_an_item_that_one_person_read_tells_nothing() -> None:
    told = readings(*["aa", "bb", "ab"] * 10)
    more = readings(*["aa", "bb", "ab"] * 10, *["b."] * 50)
    assert agreement(told) == agreement(more)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param(readings(*["ab"] * (FEWEST_ITEMS - 1)), "fewer than 20 items", id="too few items"),
        pytest.param(readings(*["aa"] * 100), "the same label", id="a label that nobody said"),
        pytest.param(readings(), "fewer than 20 items", id="nothing"),
    ],
)
def test_what_cannot_be_told_says_why(given: Readings, why: str) -> None:
    found = agreement(given).kappa
    assert found.value is None
    assert found.why is not None
    assert why in found.why


def test_items_that_weigh_far_more_than_others_are_too_few() -> None:
    both = readings(*["aa", "bb"] * 50)
    heavy = Readings(both.item, both.rater, both.label, np.where(both.item < 2, 100.0, 1.0))
    assert agreement(heavy).kappa.why == "worth fewer than 20 items with two readings, 4"


def test_perfect_agreement_is_not_certain() -> None:
    found = agreement(readings(*["aa", "bb"] * 15)).kappa
    assert found.value == found.high == 1.0
    assert found.low is not None
    assert 0.7 < found.low < 0.95


def test_the_same_readings_have_the_same_interval() -> None:
    given = readings(*["aa", "ab", "bb"] * 10)
    assert agreement(given) == agreement(given)


def test_a_rater_reads_an_item_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Readings(np.zeros(2, int), np.zeros(2, int), np.zeros(2, int), np.ones(2))


@pytest.mark.parametrize(
    ("reviewers", "items", "most", "shares"),
    [
        pytest.param(Reviewers(0.05), 30, 2, (1.0, 1.0), id="few items, a rare label"),
        pytest.param(Reviewers(0.3), 100, 2, (1.0, 1.0), id="a common label"),
        pytest.param(Reviewers(0.2, labels=5), 100, 2, (1.0, 1.0), id="five labels"),
        pytest.param(Reviewers(0.3), 60, 4, (1.0, 1.0), id="missing readings"),
        pytest.param(Reviewers(0.1), 150, 2, (0.5, 0.1), id="drawn unequally"),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(
    reviewers: Reviewers, items: int, most: int, shares: tuple[float, float]
) -> None:
    random = np.random.default_rng(1)
    held, told = 0, 0
    for _ in range(DRAWS):
        kappa = agreement(reviewers.read(random, items, most, shares)).kappa
        if kappa.value is not None and kappa.low is not None and kappa.high is not None:
            told += 1
            held += kappa.low <= reviewers.kappa <= kappa.high
    assert told > 0.7 * DRAWS
    assert BAND[0] <= held / told <= BAND[1]


@pytest.mark.parametrize(
    ("reviewers", "pairs"),
    [
        pytest.param(Reviewers(0.1), 100, id="a rare label"),
        pytest.param(Reviewers(0.3), 60, id="few pairs"),
        pytest.param(Reviewers(0.2, labels=5), 100, id="five labels"),
    ],
)
def test_they_do_where_what_was_said_first_has_a_say_in_what_is_drawn(
    reviewers: Reviewers, pairs: int
) -> None:
    random = np.random.default_rng(1)
    found = [agreement(reviewers.decide_twice(random, pairs, (0.08, 0.02))) for _ in range(DRAWS)]
    for told, truth in (
        ([one.kappa for one in found], reviewers.kappa),
        ([one.plain for one in found], reviewers.plain),
    ):
        ends = [(one.low, one.high) for one in told if one.low is not None and one.high is not None]
        assert len(ends) > 0.95 * DRAWS
        assert BAND[0] <= np.mean([low <= truth <= high for low, high in ends]) <= BAND[1]
    values = [one.kappa.value for one in found if one.kappa.value is not None]
    assert abs(np.mean(values) - reviewers.kappa) < 4 * np.std(values) / len(values) ** 0.5 + 0.02
