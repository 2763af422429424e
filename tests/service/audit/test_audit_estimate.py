import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout, Manifest
from tocsin.service.audit.estimating import (
    EstimatesRecord,
    FigureRecord,
    default_slices,
    estimate,
    read_estimates,
    write_estimates,
)
from tocsin.service.audit.sampling import Sampled, SamplePlan, draw_sample, write_design
from tocsin.service.audit.sampling.testing import write_audit
from tocsin.service.audit.unsure import Unsure

Floats = NDArray[np.float64]
ROWS = 20_000
RANDOM = np.random.default_rng(23)
TOWNS = RANDOM.choice(["north", "south", "isle"], ROWS, p=[0.7, 0.2995, 0.0005])
TRUTH = (RANDOM.random(ROWS) < np.where(TOWNS == "south", 0.25, 0.04)).astype(float)
SCORES = np.clip(RANDOM.beta(2, 12, ROWS) + 0.5 * TRUTH * RANDOM.random(ROWS), 0, 1)
VIEWS = np.ceil(RANDOM.lognormal(2, 1, ROWS)) * (1 + 2 * TRUTH)


class Study:
    """Audit made-up posts, draw a sample, and label it by the truth."""

    def __init__(self, folder: Path, plan: SamplePlan, *, weights: Floats | None = VIEWS) -> None:
        self.labels = folder / "labels.jsonl"
        self.layout: AuditLayout
        self.manifest: Manifest
        self.layout, self.manifest = write_audit(
            folder / "audit", {"soup": SCORES}, slices={"town": TOWNS.tolist()}, weights=weights
        )
        self.drawn: Sampled = draw_sample(self.layout, self.manifest, plan)
        write_design(self.layout, self.drawn.design)

    def fill(self, answer: Callable[[int, int], object]) -> None:
        """Write an answer for each row, by its number in the sample and its row among all."""
        with self.labels.open("w") as stream:
            for number, row in enumerate(self.drawn.rows):
                told = {"source": row.source, "place": row.place}
                stream.write(json.dumps(told | {"label_soup": answer(number, row.place - 1)}) + "\n")

    def estimate(self, *slices: str, unsure: Unsure = Unsure.UNLABELLED) -> EstimatesRecord:
        return estimate(self.layout, self.manifest, self.labels, slices, unsure)


def truthful(_: int, row: int) -> int:
    return int(TRUTH[row])


@pytest.fixture
def study(tmp_path: Path) -> Study:
    found = Study(tmp_path, SamplePlan(1500, seed=5))
    found.fill(truthful)
    return found


def holds(figure: FigureRecord | None, truth: float) -> bool:
    assert figure is not None
    return figure.low <= truth <= figure.high


def test_over_many_seeds_the_estimate_is_the_truth(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, weights=VIEWS)
    found = []
    for seed in range(60):
        drawn = draw_sample(layout, manifest, SamplePlan(200, seed=seed))
        found.append(sum(TRUTH[row.place - 1] / row.probability for row in drawn.rows) / ROWS)

    # Horvitz and Thompson's estimate has no bias, whatever the scores.
    assert np.mean(found) == pytest.approx(TRUTH.mean(), abs=3.5 * np.std(found) / np.sqrt(60))


def test_the_truth_lies_within_every_interval(study: Study) -> None:
    (soup,) = study.estimate("town").policies

    flagged = SCORES >= 0.5
    assert soup.weighted is not None
    for figures, truth in (
        (soup.prevalence, TRUTH.mean()),
        (soup.weighted, (TRUTH * VIEWS).sum() / VIEWS.sum()),
        (soup.levels[0].precision, TRUTH[flagged].mean()),
        (soup.levels[0].recall, TRUTH[flagged].sum() / TRUTH.sum()),
    ):
        assert holds(figures.classical, truth)
        assert holds(figures.powered, truth)
    assert soup.levels[0].level is Level.REVIEW
    assert soup.levels[0].flagged == flagged.sum()
    assert (soup.labelled, soup.unlabelled, soup.unsure, soup.empty_strata) == (1500, 0, 0, 0)
    assert soup.prevalence.more_labels == pytest.approx(4000, abs=1200)


def test_slices_are_told_apart_and_small_ones_kept_back(study: Study) -> None:
    (soup,) = study.estimate("town").policies
    town = soup.cuts["town"]

    told = {one.value: one for one in town.slices}
    assert set(told) == {"north", "south"}
    assert (town.suppressed, town.suppressed_rows) == (1, int((TOWNS == "isle").sum()))
    assert (told["south"].differs, told["north"].differs) == ("higher", "lower")
    for value, one in told.items():
        assert holds(one.prevalence.powered, TRUTH[value == TOWNS].mean())
        assert one.rows == np.sum(value == TOWNS)
        wide, narrow = one.beside, one.prevalence.powered
        assert wide is not None
        assert narrow is not None
        assert wide.low < narrow.low < narrow.high < wide.high
    assert "isle" not in study.estimate("town").to_json().decode()


def test_labels_that_are_missing_at_random_leave_the_estimate_where_it_is(study: Study) -> None:
    study.fill(lambda number, row: None if number % 3 == 0 else truthful(number, row))
    (soup,) = study.estimate().policies

    assert (soup.labelled, soup.unlabelled) == (1000, 500)
    assert holds(soup.prevalence.powered, TRUTH.mean())


def test_a_stratum_without_a_label_is_counted_and_keeps_its_share(study: Study) -> None:
    stratum = {row.place - 1: row.stratum for row in study.drawn.rows}
    study.fill(lambda _, row: None if stratum[row] == 3 else 1)
    (soup,) = study.estimate().policies

    assert soup.empty_strata == 1
    assert soup.prevalence.classical is not None
    assert soup.prevalence.classical.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("unsure", "labelled", "value"),
    [(Unsure.UNLABELLED, 1200, 0.0), (Unsure.NO, 1500, 0.0), (Unsure.YES, 1500, 0.2)],
)
def test_unsure_answers_are_taken_for_what_was_said(
    study: Study, unsure: Unsure, labelled: int, value: float
) -> None:
    study.fill(lambda number, _: "unsure" if number % 5 == 0 else "no")
    (soup,) = study.estimate(unsure=unsure).policies

    assert (soup.labelled, soup.unsure) == (labelled, 300)
    assert soup.prevalence.classical is not None
    assert soup.prevalence.classical.value == pytest.approx(value, abs=0.03)


def test_too_few_labels_tell_nothing_and_say_so(study: Study) -> None:
    study.fill(lambda number, row: truthful(number, row) if number < 9 else None)
    (soup,) = study.estimate("town").policies

    assert soup.prevalence.powered is None
    assert soup.prevalence.why == "fewer than 10 labels"
    assert soup.prevalence.labels == 9
    assert {one.prevalence.why for one in soup.cuts["town"].slices} == {"fewer than 20 labels"}


def test_no_label_at_all_is_no_failure(study: Study) -> None:
    study.fill(lambda *_: None)
    (soup,) = study.estimate("town").policies

    assert (soup.labelled, soup.credit, soup.prevalence.powered) == (0, None, None)


def test_a_policy_that_flags_nothing_has_no_precision(study: Study) -> None:
    layout, manifest = write_audit(study.labels.parent / "quiet", {"soup": SCORES * 0.4})
    drawn = draw_sample(layout, manifest, SamplePlan(300, seed=1))
    write_design(layout, drawn.design)
    rows = [{"id": row.id, "label_soup": truthful(0, row.place - 1)} for row in drawn.rows]
    study.labels.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (soup,) = estimate(layout, manifest, study.labels, ()).policies

    assert {level.precision.why for level in soup.levels} == {"nothing was flagged"}
    assert soup.weighted is None


def test_where_every_row_is_labelled_there_is_nothing_to_doubt(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES[:300]})
    drawn = draw_sample(layout, manifest, SamplePlan(300, seed=1))
    write_design(layout, drawn.design)
    labels = tmp_path / "labels.jsonl"
    rows = [{"id": row.id, "label_soup": truthful(0, row.place - 1)} for row in drawn.rows]
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (soup,) = estimate(layout, manifest, labels, ()).policies

    for figure in (soup.prevalence.classical, soup.prevalence.powered):
        assert figure is not None
        assert [figure.low, figure.high] == pytest.approx([TRUTH[:300].mean()] * 2, abs=1e-9)


def test_estimates_of_rows_in_other_parts_are_the_same(study: Study, tmp_path: Path) -> None:
    layout, manifest = write_audit(
        tmp_path / "again", {"soup": SCORES}, slices={"town": TOWNS.tolist()}, weights=VIEWS, parts=7
    )
    write_design(layout, study.drawn.design)

    (parted,) = estimate(layout, manifest, study.labels, ("town",)).policies
    (soup,) = study.estimate("town").policies
    assert parted.cuts["town"].slices[1].rows == soup.cuts["town"].slices[1].rows
    for one, other in (
        (parted.prevalence, soup.prevalence),
        (parted.levels[0].recall, soup.levels[0].recall),
    ):
        assert one.powered is not None
        assert other.powered is not None
        # The order in which sums are added up moves the last digits.
        ends = [(figure.low, figure.value, figure.high) for figure in (one.powered, other.powered)]
        assert ends[0] == pytest.approx(ends[1], rel=1e-6)


def test_parts_that_changed_since_are_refused(study: Study) -> None:
    study.layout.scored_parts()[0].unlink()

    with pytest.raises(InputError, match="which have other rows now: draw a new sample"):
        study.estimate()


def test_a_sample_of_an_earlier_run_is_refused(study: Study) -> None:
    study.layout.manifest.write_bytes(study.layout.manifest.read_bytes() + b"\n")

    with pytest.raises(InputError, match="must be the sample of this audit, is one of an earlier run"):
        study.estimate()


def test_an_audit_without_a_sample_is_refused(study: Study) -> None:
    study.layout.sample_design.unlink()

    with pytest.raises(InputError, match=r"sample\.json: must be readable"):
        study.estimate()


def test_estimates_come_back_from_their_file_as_they_were(study: Study) -> None:
    found = study.estimate("town", "language")
    write_estimates(study.layout, found)

    assert read_estimates(study.layout) == found
    assert "p-" not in study.layout.estimates.read_text()


def test_slices_of_persons_are_left_out_unless_asked_for_and_refused_then(tmp_path: Path) -> None:
    slices: Mapping[str, list[str]] = {"user_id": TOWNS.tolist(), "town": TOWNS.tolist()}
    layout, manifest = write_audit(tmp_path / "audit", {"soup": SCORES}, slices=slices)
    write_design(layout, draw_sample(layout, manifest, SamplePlan(100, seed=1)).design)

    assert default_slices(manifest) == ("town", "language")
    with pytest.raises(InputError, match="no aggregates by author, was 'user_id'"):
        estimate(layout, manifest, tmp_path / "labels.csv", ("user_id",))
