"""No row, copy or partner of the real corpora has two uses.

Texts and keys are digests before anything is asserted, so that no message shows one.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.build import Build
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import read_corpora
from tocsin.training.duplicates import key
from tocsin.training.splits import SplitReport, split

PRESUMED, UNKNOWN = Label.PRESUMED_NEGATIVE, Label.UNKNOWN
COUNTED = json.loads((Path(__file__).parent / "label_counts.json").read_text(encoding="utf-8"))
OFFICIAL = {cell["corpus"]: cell["rows"] for cell in COUNTED if cell["split"] == "test"}
TEST_ONLY = {"hatecheck", "hatemoji-check", "muc", "multilingual-hatecheck", "pheme"}


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Real:
    """Hold the rows that were read and where they went; `keys` are digests."""

    read: Mapping[str, Example]
    keys: Mapping[str, str]
    splits: Mapping[Split, Sequence[Example]]
    report: SplitReport
    texts: Sequence[Example] = field(repr=False)

    @property
    def places(self) -> dict[str, Split]:
        return {example.id: place for place, rows in self.splits.items() for example in rows}


@pytest.fixture(scope="session")
def real(corpora_folder: Path, real_build: Build) -> Real:
    texts, splits = read_corpora(corpora_folder), real_build.splits
    return Real(
        read={example.id: replace(example, text=digest(example.text)) for example in texts},
        keys={example.id: digest(key(example.text)) for example in texts},
        splits={
            place: [replace(example, text=digest(example.text)) for example in rows]
            for place, rows in splits.rows.items()
        },
        report=splits.report,
        texts=texts,
    )


@pytest.mark.corpora
def test_no_real_row_is_in_two_splits(real: Real) -> None:
    found = Counter(example.id for rows in real.splits.values() for example in rows)
    assert [identity for identity, times in found.items() if times > 1] == []
    assert set(found) <= set(real.read)


@pytest.mark.corpora
@pytest.mark.parametrize(("one", "other"), list(combinations(Split, 2)))
def test_no_text_of_one_split_has_a_copy_in_another(real: Real, one: Split, other: Split) -> None:
    shared = {real.keys[row.id] for row in real.splits[one]} & {
        real.keys[row.id] for row in real.splits[other]
    }
    assert shared == set()


@pytest.mark.corpora
def test_no_copy_is_left_in_what_a_model_is_fitted_to(real: Real) -> None:
    for place in (Split.TRAIN, Split.DEV, Split.CALIBRATION):
        found = Counter(real.keys[example.id] for example in real.splits[place])
        assert [copied for copied, times in found.items() if times > 1] == []


@pytest.mark.corpora
def test_contrast_partners_are_never_on_two_sides(real: Real) -> None:
    found = real.places
    apart = [
        (example.id, partner)
        for rows in real.splits.values()
        for example in rows
        for partner in example.partners
        if found.get(partner, found[example.id]) is not found[example.id]
    ]
    assert apart == []


@pytest.mark.corpora
def test_groups_are_never_on_two_sides(real: Real) -> None:
    sides: dict[tuple[str, str], set[Split]] = defaultdict(set)
    for place, rows in real.splits.items():
        for example in rows:
            if example.group is not None:
                sides[example.corpus, example.group].add(place)
    assert [group for group, used in sides.items() if len(used) > 1] == []


@pytest.mark.corpora
@pytest.mark.parametrize(("corpus", "rows"), OFFICIAL.items())
def test_an_official_test_is_exactly_as_published(real: Real, corpus: str, rows: int) -> None:
    published = {
        identity: example.text
        for identity, example in real.read.items()
        if example.corpus == corpus and example.split is Split.TEST
    }
    tested = {example.id: example.text for example in real.splits[Split.TEST] if example.corpus == corpus}
    assert len(published) == rows
    same = tested == published
    assert same
    untouched = all(
        real.read[row.id].labels == row.labels for row in real.splits[Split.TEST] if row.id in published
    )
    assert untouched


@pytest.mark.corpora
def test_what_is_never_trained_on_is_never_outside_the_test(real: Real) -> None:
    assert {name for name, corpus in CORPORA.items() if corpus.test_only} == TEST_ONLY
    found = Counter(
        example.corpus
        for place, rows in real.splits.items()
        for example in rows
        if place is not Split.TEST and example.corpus in TEST_ONLY
    )
    assert found == {}


@pytest.mark.corpora
def test_what_nobody_judged_is_only_ever_trained_on(real: Real) -> None:
    found = Counter(place for identity, place in real.places.items() if identity.startswith("isis-topic:"))
    assert set(found) == {Split.TRAIN}


@pytest.mark.corpora
def test_weak_evidence_is_left_out_unless_it_is_named(real: Real) -> None:
    assert [name for name, corpus in CORPORA.items() if not corpus.by_default] == ["isis-supporters"]
    assert not any(identity.startswith("isis-supporters:") for identity in real.read)


@pytest.mark.corpora
def test_what_a_language_model_wrote_is_only_ever_trained_on(real: Real) -> None:
    written = {identity for identity, example in real.read.items() if example.synthetic}
    found = Counter(place for identity, place in real.places.items() if identity in written)
    assert set(found) == {Split.TRAIN}
    assert len(written) == 764


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("corpus", "tolerance"),
    [
        pytest.param("implicit-hate", 0.02, id="implicit-hate"),
        pytest.param("davidson", 0.02, id="davidson"),
        pytest.param("germeval-2026", 0.02, id="germeval"),
        pytest.param("digital-extremism", 0.06, id="digital-extremism-with-large-clusters"),
    ],
)
def test_corpora_without_an_official_split_are_shared_out_by_the_stated_shares(
    real: Real, corpus: str, tolerance: float
) -> None:
    clusters = {real.keys[identity] for identity, example in real.read.items() if example.corpus == corpus}
    for place, share in ((Split.TRAIN, 0.6), (Split.DEV, 0.1), (Split.CALIBRATION, 0.1), (Split.TEST, 0.2)):
        here = {real.keys[example.id] for example in real.splits[place]} & clusters
        assert abs(len(here) / len(clusters) - share) < tolerance


@pytest.mark.corpora
def test_every_real_row_is_kept_merged_or_kept_out_by_a_test(real: Real) -> None:
    report = real.report
    assert report.read == len(real.read)
    assert report.read == sum(report.kept.values()) + report.merged + report.touched_test


@pytest.mark.corpora
def test_training_rows_that_reach_an_official_test_leave(real: Real) -> None:
    """Walk from the official tests over copies, partners and groups; what is reached must be gone."""
    neighbours: dict[object, list[str]] = defaultdict(list)
    for identity, example in real.read.items():
        for link in links(example, real.keys[identity]):
            neighbours[link].append(identity)
    reached = {identity for identity, example in real.read.items() if example.split is Split.TEST}
    edge = list(reached)
    while edge:
        example = real.read[edge.pop()]
        for link in links(example, real.keys[example.id]):
            fresh = [identity for identity in neighbours.pop(link, []) if identity not in reached]
            reached.update(fresh)
            edge.extend(fresh)
    gone = {identity for identity in reached if real.read[identity].split not in {Split.TEST, None}}
    assert 0 < len(gone) <= real.report.touched_test
    assert gone & set(real.places) == set()
    own = {identity for identity in reached if real.read[identity].split is None}
    assert {real.places.get(identity, Split.TEST) for identity in own} == {Split.TEST}


@pytest.mark.corpora
def test_hardly_a_near_copy_of_a_test_row_is_outside_the_test(real: Real) -> None:
    """Some test rows are compared with every other row: hashing may miss a pair in thousands."""
    whole = {example.id: key(example.text) for example in real.texts}
    tested = [whole[example.id] for example in real.splits[Split.TEST][::40]]
    others = [
        whole[example.id] for place in Split if place is not Split.TEST for example in real.splits[place]
    ]
    missed = 0
    for first in range(0, len(tested), 250):
        alike = cdist(tested[first : first + 250], others, scorer=fuzz.ratio, score_cutoff=90, dtype=np.uint8)
        missed += int(alike.any(axis=1).sum())
    assert missed <= len(tested) / 1_000


def links(example: Example, copy: str) -> list[object]:
    """Return what ties a row to others; a pair of partners is one tie from either end."""
    tied: list[object] = [("copy", copy), *(frozenset({example.id, partner}) for partner in example.partners)]
    return tied if example.group is None else [*tied, ("group", example.corpus, example.group)]


@pytest.mark.corpora
def test_merged_rows_say_what_all_their_copies_say(real: Real) -> None:
    copies: dict[str, list[Example]] = defaultdict(list)
    for identity, example in real.read.items():
        copies[real.keys[identity]].append(example)
    astray, contradictions = [], 0
    for place in (Split.TRAIN, Split.DEV, Split.CALIBRATION):
        for example in real.splits[place]:
            alike = copies[real.keys[example.id]]
            for signal in Signal:
                said = {other.labels[signal] for other in alike if signal in other.labels}
                gold = said - {PRESUMED, UNKNOWN}
                contradictions += len(gold) == 2
                contested = len(gold) == 2 or UNKNOWN in said
                expected = UNKNOWN if contested else next(iter(gold or said), UNKNOWN)
                if example.label(signal) is not expected:
                    astray.append((example.id, signal))
    assert astray == []
    assert 0 < contradictions <= real.report.contradictions


@pytest.mark.corpora
def test_the_order_in_which_the_corpora_are_read_decides_nothing(real: Real) -> None:
    chosen = {"collective-action", "digital-extremism", "hatemoji-build"}
    rows = [example for example in real.texts if example.corpus in chosen]
    same = split(rows) == split(random.Random(11).sample(rows, len(rows)))  # noqa: S311
    assert same
