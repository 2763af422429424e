"""No row, copy, group or contrast partner has two uses, whatever the rows are."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.duplicates import components, key, merge, shared_keys
from tocsin.training.near_copies import near_copies
from tocsin.training.splits import Ledger, Splits, split

YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION


def row(
    identity: str,
    text: str = "hot soup",
    *,
    corpus: str = "cooking",
    labels: Mapping[Signal, Label] | None = None,
    group: str | None = None,
    partners: tuple[str, ...] = (),
    official: Split | None = None,
    weight: float = 1.0,
    inclusion: float = 1.0,
    synthetic: bool = False,
) -> Example:
    return Example(
        id=identity,
        text=text,
        language="en",
        corpus=corpus,
        licence="CC0-1.0",
        labels=labels or {},
        group=group,
        partners=partners,
        split=official,
        weight=weight,
        inclusion=inclusion,
        synthetic=synthetic,
    )


def keys_of(rows: Iterable[Example]) -> dict[str, str]:
    return {example.id: key(example.text) for example in rows}


def places(splits: Splits) -> dict[str, Split]:
    return {example.id: place for place, rows in splits.rows.items() for example in rows}


# What makes two texts copies.


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param("Hot SOUP 2", id="case"),
        pytest.param("hot  soup\n2!", id="blanks-and-punctuation"),
        pytest.param("hot soup 2 https://example.org/a", id="link"),
        pytest.param("@cook hot soup 2", id="handle"),
        pytest.param("hot s\u200boup 2", id="invisible-character"),
        pytest.param("ｈｏｔ soup ２", id="compatibility-form"),
    ],
)
def test_copies_differ_in_nothing_that_a_key_keeps(copy: str) -> None:
    assert key(copy) == key("hot soup 2")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("hot soup 3", id="digit"),
        pytest.param("hot soup 2 🍲", id="emoji"),
        pytest.param("hot soup 2 👍🏽", id="emoji-with-a-skin-tone"),
        pytest.param("cold soup 2", id="word"),
        pytest.param("", id="nothing"),
    ],
)
def test_texts_that_differ_in_letters_digits_or_emoji_are_no_copies(other: str) -> None:
    assert key(other) != key("hot soup 2")
    assert key("hot soup 2 👍🏽") != key("hot soup 2 👍🏿")


def test_texts_of_links_and_signs_alone_are_their_own_keys() -> None:
    texts = ["https://example.org/a", "https://example.org/b", "!!!", "...", ""]
    assert [key(text) for text in texts] == texts


# What merged copies say.


@pytest.mark.parametrize(
    ("said", "merged", "contradictions"),
    [
        pytest.param([YES, YES], YES, 0, id="agreement"),
        pytest.param([YES, NO], UNKNOWN, 1, id="gold-against-gold"),
        pytest.param([YES, NO, NO], UNKNOWN, 1, id="no-majority-decides"),
        pytest.param([YES, PRESUMED], YES, 0, id="gold-beats-presumed"),
        pytest.param([PRESUMED, NO], NO, 0, id="a-judged-no-beats-a-presumed-one"),
        pytest.param([YES, NO, PRESUMED], UNKNOWN, 1, id="presumed-settles-no-contradiction"),
        pytest.param([PRESUMED, PRESUMED], PRESUMED, 0, id="presumed-stays-presumed"),
        pytest.param([None, NO], NO, 0, id="silence-contradicts-nobody"),
        pytest.param([None, None], UNKNOWN, 0, id="silence"),
        pytest.param([UNKNOWN, NO], UNKNOWN, 0, id="no-copy-settles-what-was-contested"),
        pytest.param([UNKNOWN, PRESUMED], UNKNOWN, 0, id="nor-does-a-presumption"),
    ],
)
def test_copies_merge_their_labels(said: list[Label | None], merged: Label, contradictions: int) -> None:
    for order in (said, said[::-1]):
        rows = [
            row(f"r{place}", labels={} if label is None else {HATE: label})
            for place, label in enumerate(order)
        ]
        found = merge(rows, keys_of(rows), across=True)
        assert [example.label(HATE) for example in found.examples] == [merged]
        assert (found.copies, found.contradictions) == (len(said) - 1, contradictions)


def test_signals_merge_one_by_one() -> None:
    rows = [row("a", labels={HATE: YES, CALL: YES}), row("b", labels={HATE: NO})]
    found = merge(rows, keys_of(rows), across=True)
    assert [example.labels for example in found.examples] == [{HATE: UNKNOWN, CALL: YES}]
    assert found.contested == {"a": (HATE,)}


def test_copies_in_two_corpora_merge_only_across() -> None:
    rows = [
        row("a", labels={HATE: YES}),
        row("b", "Hot soup!", corpus="sport", labels={HATE: NO}),
        row("c", "hot soup", corpus="sport", labels={CALL: NO}),
    ]
    across, within = (merge(rows, keys_of(rows), across=across) for across in (True, False))
    assert [example.labels for example in across.examples] == [{HATE: UNKNOWN, CALL: NO}]
    assert (across.into, within.into) == ({"b": "a", "c": "a"}, {"c": "b"})
    assert [example.labels for example in within.examples] == [{HATE: YES}, {HATE: NO, CALL: NO}]
    assert (across.copies, across.contradictions, within.copies, within.contradictions) == (2, 1, 1, 0)


def test_the_first_copy_stands_for_all_at_the_weight_of_the_heaviest() -> None:
    rows = [row("a", weight=0.5, inclusion=0.1), row("b", "Hot soup!", weight=1.0, inclusion=0.2)]
    found = merge(rows, keys_of(rows), across=True)
    assert [(one.id, one.text, one.weight, one.inclusion) for one in found.examples] == [
        ("a", "hot soup", 1.0, 0.2)
    ]


# What makes two texts near-copies.

RECIPE = "simmer the garlic and the onion in butter, add flour, and whisk until the soup is smooth"
STEW = RECIPE.replace("soup", "stew")
SERVED = RECIPE + " now"


@pytest.mark.parametrize(
    ("other", "near"),
    [
        pytest.param(STEW, True, id="a-word-changed"),
        pytest.param("Today: " + RECIPE, True, id="a-word-more"),
        pytest.param(RECIPE.upper(), False, id="a-copy-is-no-near-copy"),
        pytest.param(RECIPE[: len(RECIPE) // 2], False, id="half-of-it"),
        pytest.param(
            "the keeper and the coach met the referee in the stadium after the match", False, id="other"
        ),
    ],
)
def test_texts_are_near_copies_where_nine_tenths_are_alike(other: str, near: bool) -> None:
    assert bool(list(near_copies([key(RECIPE), key(other)]))) is near


def test_a_near_copy_names_the_first_place_of_each_of_two_texts() -> None:
    keys = [key(text) for text in ("bread", RECIPE, RECIPE.upper(), STEW)]
    assert [sorted(pair) for pair in near_copies(keys)] == [[1, 3]]


def test_near_copies_and_their_copies_are_in_one_cluster_under_one_key() -> None:
    rows = [
        row(f"r{place}", text) for place, text in enumerate(("bread", RECIPE, RECIPE.upper(), STEW, SERVED))
    ]
    keys = [key(example.text) for example in rows]
    alike = list(near_copies(keys))
    found = components(rows, keys, alike).tolist()
    assert [found.count(cluster) for cluster in found] == [1, 4, 4, 4, 4]
    assert shared_keys(keys, alike) == ["bread", *[min(keys[1:])] * 4]


def test_keys_without_a_near_copy_stand_for_themselves() -> None:
    assert shared_keys(["soup", "bread", "soup"], []) == ["soup", "bread", "soup"]


@pytest.mark.parametrize(
    ("official", "kept"),
    [
        pytest.param(Split.TEST, ["a", "b"], id="an-official-test-keeps-them"),
        pytest.param(Split.DEV, ["a", "b"], id="what-a-model-is-fitted-to-keeps-them"),
    ],
)
def test_near_copies_stay_two_rows(official: Split, kept: list[str]) -> None:
    splits = split([row("a", RECIPE, official=official), row("b", STEW, official=official)])
    assert [example.id for example in splits.rows[official]] == kept
    assert splits.report.merged == 0


def test_near_copies_of_one_corpus_are_one_row_in_a_test_of_our_own() -> None:
    rows = [
        row("a", RECIPE, official=Split.TEST),
        row("b", STEW, corpus="sport", labels={HATE: YES, CALL: YES}),
        row("c", SERVED, corpus="sport", labels={HATE: NO}),
    ]
    splits = split(rows)
    tested = [(one.id, one.labels) for one in splits.rows[Split.TEST]]
    assert tested == [("a", {}), ("b", {HATE: UNKNOWN, CALL: YES})]
    assert (splits.report.merged, splits.report.contradictions) == (1, 1)


# Where a row goes.


def unlike(number: int) -> str:
    """Return a text that is like no other number's."""
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def crowd(**changed: object) -> list[Example]:
    """Return a thousand texts that have nothing to do with each other."""
    return [replace(row(f"r{number}", unlike(number)), **changed) for number in range(1_000)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("official", "shares"),
    [
        pytest.param(None, (0.6, 0.1, 0.1, 0.2), id="no-official-split"),
        pytest.param(Split.TRAIN, (0.75, 0.125, 0.125, 0.0), id="official-train"),
        pytest.param(Split.DEV, (0.0, 1.0, 0.0, 0.0), id="official-dev"),
        pytest.param(Split.CALIBRATION, (0.0, 0.0, 1.0, 0.0), id="official-calibration"),
        pytest.param(Split.TEST, (0.0, 0.0, 0.0, 1.0), id="official-test"),
    ],
)
def test_rows_are_shared_out_as_their_official_split_allows(
    official: Split | None, shares: tuple[float, ...]
) -> None:
    kept = split(crowd(split=official, labels={HATE: NO})).report.kept
    for place, share in zip(Split, shares, strict=True):
        deviation = (share * (1 - share) / 1_000) ** 0.5
        assert abs(kept[place] / 1_000 - share) <= 4 * deviation


@pytest.mark.parametrize(
    ("tie", "first", "second"),
    [
        pytest.param("copy", row("a"), row("b", "HOT soup!", corpus="sport"), id="copies"),
        pytest.param("group", row("a", group="g"), row("b", "bread", group="g"), id="one-group"),
        pytest.param("partner", row("a", partners=("b",)), row("b", "bread"), id="contrast-partners"),
        pytest.param("near", row("a", RECIPE), row("b", RECIPE + " well"), id="near-copies"),
    ],
)
@pytest.mark.parametrize(
    ("officials", "kept"),
    [
        pytest.param((Split.TEST, Split.TRAIN), {"a": Split.TEST}, id="train-leaves-where-it-touches-a-test"),
        pytest.param((Split.TEST, Split.DEV), {"a": Split.TEST}, id="dev-leaves-too"),
        pytest.param((Split.DEV, Split.TRAIN), {"a": Split.DEV, "b": Split.DEV}, id="dev-binds-train"),
        pytest.param((Split.TEST, None), {"a": Split.TEST, "b": Split.TEST}, id="the-unplaced-join-the-test"),
    ],
)
def test_an_official_split_binds_whatever_is_tied_to_its_rows(
    tie: str,
    first: Example,
    second: Example,
    officials: tuple[Split | None, Split | None],
    kept: Mapping[str, Split],
) -> None:
    rows = [replace(first, split=officials[0]), replace(second, split=officials[1])]
    found = places(split(rows))
    merged = {identity: place for identity, place in kept.items() if identity in found}
    assert found == merged
    assert "a" in found
    assert found == kept or (tie == "copy" and kept["a"] is Split.DEV)


def test_groups_of_two_corpora_have_nothing_to_do_with_each_other() -> None:
    rows = [
        row("a", group="g", official=Split.TEST),
        row("b", "bread", corpus="sport", group="g", official=Split.DEV),
    ]
    assert places(split(rows)) == {"a": Split.TEST, "b": Split.DEV}


def test_ties_reach_as_far_as_they_go() -> None:
    rows = [
        row("a", "bread", official=Split.TEST),
        row("b", "bread!", group="g", official=Split.TRAIN),
        row("c", "butter", group="g", partners=("d",), official=Split.TRAIN),
        row("d", "flour", official=Split.TRAIN),
    ]
    assert places(split(rows)) == {"a": Split.TEST}


def test_official_tests_keep_their_copies_and_tests_of_our_own_do_not() -> None:
    official = [row(f"a{number}", official=Split.TEST) for number in range(3)]
    own = [row(f"b{number}", "hot soup", corpus="sport") for number in range(2)]
    splits = split([*official, *own])
    assert [example.id for example in splits.rows[Split.TEST]] == ["a0", "a1", "a2", "b0"]
    assert splits.report.merged == 1


def test_what_a_machine_wrote_only_ever_trains() -> None:
    assert set(places(split(crowd(synthetic=True, split=Split.TRAIN))).values()) == {Split.TRAIN}
    assert set(places(split(crowd(synthetic=True))).values()) == {Split.TRAIN}


def test_what_a_machine_wrote_leaves_where_it_touches_a_test() -> None:
    rows = [row("a", official=Split.TEST), row("b", synthetic=True, official=Split.TRAIN)]
    assert places(split(rows)) == {"a": Split.TEST}


@pytest.mark.parametrize(
    "labels", [pytest.param({}, id="silent"), pytest.param({HATE: PRESUMED}, id="presumed")]
)
def test_what_nobody_judged_only_ever_trains(labels: Mapping[Signal, Label]) -> None:
    assert set(places(split(crowd(labels=labels))).values()) == {Split.TRAIN}
    beside = [row("a", labels=labels), row("b", official=Split.DEV, corpus="sport")]
    assert places(split(beside)) == {"a": Split.DEV}


def test_the_ledger_tells_of_every_row_that_is_in_no_split() -> None:
    rows = [
        row("a", "bread", official=Split.TEST),
        row("b", "bread!", official=Split.TRAIN),
        row("c", "goal", official=Split.DEV, labels={CALL: YES}),
        row("d", "Goal.", corpus="sport", official=Split.DEV, labels={CALL: NO}),
    ]
    ledger = split(rows).ledger
    assert ledger == Ledger(merged={"d": "c"}, dropped={"b": "a"}, contested={"c": (CALL,)})


def test_corpora_teach_what_their_own_rows_say_whichever_copy_stands_for_them() -> None:
    rows = [
        row("a", corpus="cooking", labels={HATE: YES}, synthetic=True),
        row("b", "Hot soup!", corpus="sport", labels={CALL: PRESUMED, HATE: UNKNOWN}),
        row("c", "a goal", corpus="gym", labels={CALL: NO}, official=Split.TEST),
    ]
    splits = split(rows)
    assert splits.ledger.merged == {"b": "a"}
    assert [one.id for one in splits.rows[Split.TRAIN]] == ["a"]
    assert (splits.teachers[HATE], splits.teachers[CALL]) == (("cooking",), ("sport",))


def test_nothing_is_split_into_nothing() -> None:
    report = split([]).report
    assert (report.read, report.merged, report.contradictions, report.touched_test) == (0, 0, 0, 0)
    assert set(report.kept.values()) == {0}


# Properties of any rows.

WORDS = (
    RECIPE,
    RECIPE + " now",
    "soup",
    "bread",
    "goal",
    "Soup!",
    "soup https://example.org",
    "match 2",
    "match 3",
    "🍲",
    "",
)
PATIENT = settings(deadline=None, max_examples=60)
LABELS = st.dictionaries(st.sampled_from([HATE, CALL]), st.sampled_from(list(Label)))


@st.composite
def crowds(draw: st.DrawFn) -> list[Example]:
    return [
        row(
            f"r{number}",
            draw(st.sampled_from(WORDS)),
            corpus=draw(st.sampled_from(("cooking", "sport"))),
            labels=draw(LABELS),
            group=draw(st.none() | st.sampled_from(("g", "h"))),
            partners=draw(st.sampled_from(((), (f"r{number + 1}",), ("nobody",)))),
            official=draw(st.none() | st.sampled_from(list(Split))),
            weight=draw(st.sampled_from((1.0, 0.5))),
            inclusion=draw(st.sampled_from((1.0, 0.5))),
            synthetic=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


def equally_likely(rows: list[Example]) -> list[Example]:
    return [replace(row, inclusion=1.0) for row in rows]


@PATIENT
@given(rows=crowds(), across=st.booleans())
def test_merging_loses_no_row_uncounted_and_invents_no_label(rows: list[Example], across: bool) -> None:
    keys = keys_of(rows)
    merged = merge(rows, keys, across=across)
    assert len(merged.examples) + merged.copies == len(rows)
    for example in merged.examples:
        alike = [
            other
            for other in rows
            if keys[other.id] == keys[example.id] and (across or other.corpus == example.corpus)
        ]
        for signal in Signal:
            said = {other.labels[signal] for other in alike if signal in other.labels}
            gold = said - {PRESUMED}
            expected = UNKNOWN if UNKNOWN in said or len(gold) == 2 else next(iter(gold or said), UNKNOWN)
            assert example.label(signal) is expected
        assert example.weight == max(other.weight for other in alike)


@PATIENT
@given(rows=crowds())
def test_merging_twice_changes_nothing_more(rows: list[Example]) -> None:
    once = merge(rows, keys_of(rows), across=True)
    twice = merge(once.examples, keys_of(rows), across=True)
    assert twice.examples == once.examples
    assert (twice.copies, twice.contradictions) == (0, 0)


@PATIENT
@given(rows=crowds())
def test_splitting_counts_every_row_that_it_read(rows: list[Example]) -> None:
    splits = split(rows)
    report, ledger = splits.report, splits.ledger
    gone = {one.id for one in rows} - set(places(splits))
    assert gone == set(ledger.merged) | set(ledger.dropped) | set(ledger.thinned)
    assert report.merged == len(ledger.merged)
    assert (report.touched_test, report.thinned) == (len(ledger.dropped), len(ledger.thinned))
    assert report.read == len(rows)
    assert report.read == sum(report.kept.values()) + report.merged + report.touched_test + report.thinned
    assert report.kept == {place: len(kept) for place, kept in splits.rows.items()}
    assert set(splits.rows) == set(Split)


@PATIENT
@given(rows=crowds())
def test_no_row_copy_group_or_partner_has_two_uses(rows: list[Example]) -> None:
    splits = split(rows)
    found = [example.id for kept in splits.rows.values() for example in kept]
    assert len(found) == len(set(found))
    keys = [key(example.text) for example in rows]
    joined = components(rows, keys, list(near_copies(keys))).tolist()
    clusters = {example.id: cluster for example, cluster in zip(rows, joined, strict=True)}
    used: dict[int, set[Split]] = defaultdict(set)
    for identity, place in places(splits).items():
        used[clusters[identity]].add(place)
    assert all(len(where) == 1 for where in used.values())


@PATIENT
@given(rows=crowds().map(equally_likely))
def test_an_official_test_is_kept_to_the_row_and_nothing_official_joins_it(rows: list[Example]) -> None:
    test = split(rows).rows[Split.TEST]
    published = sorted((example for example in rows if example.split is Split.TEST), key=lambda one: one.id)
    assert [example for example in test if example.split is Split.TEST] == published
    assert {example.split for example in test} <= {Split.TEST, None}


@PATIENT
@given(rows=crowds(), seed=st.integers(0, 99))
def test_the_order_of_the_rows_decides_nothing(rows: list[Example], seed: int) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))  # noqa: S311
    assert split(shuffled) == split(rows)
