"""What to know first: how much, where, how sure; or that nobody can know yet, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout, Manifest
from tocsin.service.audit.estimating import FigureRecord, read_estimates, write_estimates
from tocsin.service.audit.known.testing import CHOIR, find
from tocsin.service.audit.reporting import ReportRecord, report_of
from tocsin.service.audit.reporting.testing import audit_posts, label, timed_posts
from tocsin.service.audit.reporting.wording import apart, at_most, percent, posts_in
from tocsin.service.audit.sampling import SamplePlan, draw_sample, write_design
from tocsin.service.audit.sampling.testing import write_audit

ROWS = 3000
RANDOM = np.random.default_rng(11)
TOWNS = RANDOM.choice(["north", "south"], ROWS, p=[0.7, 0.3]).tolist()
TRUTH = RANDOM.random(ROWS) < np.where(np.array(TOWNS) == "south", 0.3, 0.04)
SCORES = np.clip(0.1 + 0.5 * TRUTH + 0.3 * RANDOM.random(ROWS), 0, 1)
VIEWS = RANDOM.lognormal(3, 1, ROWS)


def write(folder: Path) -> tuple[AuditLayout, Manifest]:
    scores = {"soup": SCORES, "cake": RANDOM.random(ROWS) / 3, "rare": RANDOM.random(ROWS) / 3}
    return write_audit(folder / "out", scores, slices={"town": TOWNS}, weights=VIEWS)


def answer(name: str, place: int) -> str:
    return {"soup": "yes" if TRUTH[place - 1] else "no", "rare": "no", "cake": ""}[name]


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> ReportRecord:
    layout, manifest = write(tmp_path_factory.mktemp("estimated"))
    label(layout, manifest, answer, labels=600)
    return report_of(layout, manifest)


def test_the_first_sentence_says_how_much_and_how_sure_and_holds_the_truth(estimated: ReportRecord) -> None:
    found = re.fullmatch(
        r"Between ([\d.]+)% and ([\d.]+)% of posts break \*soup\* \(best guess ([\d.]+)%,"
        r" 95% interval, 600 labels\):"
        r" ([\d,]+) to ([\d,]+) of 3,000 posts\.",
        estimated.findings["soup"][0],
    )

    assert found
    low, high, guess = (float(number) for number in found.groups()[:3])
    assert low < 100 * TRUTH.mean() < high
    assert low < guess < high
    assert int(found[4]) < TRUTH.sum() < int(found[5])


def test_it_says_where_there_is_more_and_how_the_levels_do(estimated: ReportRecord) -> None:
    told = " ".join(estimated.findings["soup"])

    assert re.search(r"By `town`: higher than among all the rest in south \(between \S+ and \S+\)", told)
    assert re.search(r"lower than among all the rest in north", told)
    assert re.search(r"Of all views, between \S+ and \S+ fall on posts that break it", told)
    assert re.search(r"posts that it flags at `review` or above, between \S+ and \S+ break it", told)
    assert re.search(r"These are between \S+ and \S+ of all that break it", told)


def test_without_a_hit_it_says_at_most_and_never_nought(estimated: ReportRecord) -> None:
    first = estimated.findings["rare"][0]

    assert re.fullmatch(
        r"At most 0\.\d+% of posts break \*rare\* \(95% confidence\): of 600 labels none says that .*", first
    )


def test_a_policy_without_labels_is_not_known_and_is_listed_as_missing(estimated: ReportRecord) -> None:
    assert estimated.findings["cake"][0].startswith("How much breaks *cake* is not known: fewer than 10")
    assert any("*cake*" in one.what and "10 labels" in one.why for one in estimated.missing)


def test_without_estimates_it_says_that_scores_cannot_count_and_what_to_do(tmp_path: Path) -> None:
    layout, manifest = write(tmp_path)

    report = report_of(layout, manifest)

    first, second = report.findings["soup"]
    assert first == "How much breaks *soup* is not known: no labels."
    flagged = int((SCORES >= 0.5).sum())
    assert second.startswith(f"Scores cannot count: {flagged:,} posts ({percent(flagged / ROWS)})")
    assert report.findings["cake"][1].startswith("Scores cannot count: they flag no post, which does not say")
    assert report.missing[0].why == "no sample was drawn and labelled"
    assert "tocsin audit sample OUT" in report.missing[0].todo
    assert "tocsin audit estimate OUT" in report.missing[0].todo


def test_where_a_sample_was_drawn_it_asks_for_its_labels(tmp_path: Path) -> None:
    layout, manifest = write(tmp_path)
    write_design(layout, draw_sample(layout, manifest, SamplePlan(100, seed=1)).design)

    report = report_of(layout, manifest)

    assert "a sample of 100 posts was drawn" in report.missing[0].why
    assert "tocsin audit sample" not in report.missing[0].todo
    assert report.sample is not None
    assert (report.sample.seed, report.sample.drawn) == (1, 100)


def test_answers_that_are_missing_are_counted_aloud(tmp_path: Path) -> None:
    layout, manifest = write(tmp_path)
    label(
        layout, manifest, lambda name, place: "unsure" if place % 7 == 0 else answer(name, place), labels=300
    )

    report = report_of(layout, manifest)

    (some,) = [one for one in report.missing if one.what == "Some answers"]
    assert re.search(r"\*soup\* 0 without a label, \d+ unsure", some.why)
    assert "intervals are then too narrow" not in some.why

    write_estimates(layout, read_estimates(layout).model_copy(update={"copies": 40}))

    (some,) = [one for one in report_of(layout, manifest).missing if one.what == "Some answers"]
    assert "40 of them take the label of a copy" in some.why
    assert "intervals are then too narrow" in some.why


def test_a_sample_that_replaced_the_estimates_own_is_not_told_as_theirs(tmp_path: Path) -> None:
    layout, manifest = write(tmp_path)
    label(layout, manifest, answer, labels=100)
    write_design(layout, draw_sample(layout, manifest, SamplePlan(100, seed=99)).design)

    report = report_of(layout, manifest)

    assert report.sample is None
    assert any("has been replaced" in one.why for one in report.missing)


@pytest.mark.parametrize("name", ["estimates", "sample", "known"])
def test_files_of_an_earlier_run_are_refused(tmp_path: Path, name: str) -> None:
    posts = [{"id": f"p-{n}", "text": CHOIR.format(n % 3)} for n in range(60)]
    layout, manifest = audit_posts(tmp_path, posts, slices=())
    label(layout, manifest, lambda *_: "no", labels=30)
    find(layout)
    path = {"estimates": layout.estimates, "sample": layout.sample_design, "known": layout.known_record}[name]
    digest = report_of(layout, manifest).audit
    path.write_text(path.read_text("utf-8").replace(digest, "sha256:" + "0" * 64), "utf-8")

    with pytest.raises(InputError, match=rf"{path.name}: must be .*of this audit, is .*of an earlier run"):
        report_of(layout, manifest)


def test_estimates_by_a_column_of_persons_are_refused(tmp_path: Path) -> None:
    layout, manifest = write(tmp_path)
    label(layout, manifest, answer, labels=100)
    told = read_estimates(layout)
    policy = told.policies[0]
    odd = policy.model_copy(update={"cuts": {"user_id": policy.cuts["town"]}})
    write_estimates(layout, told.model_copy(update={"policies": (odd,)}))

    with pytest.raises(InputError, match="no aggregates by author"):
        report_of(layout, manifest)


def test_copies_are_told_where_they_were_looked_for(tmp_path: Path) -> None:
    posts = [post | {"id": f"c-{n}"} for n, post in enumerate(timed_posts(100))]
    posts += [{"id": f"k-{n}", "text": CHOIR.format("Monday")} for n in range(25)]
    layout, manifest = audit_posts(tmp_path, posts, slices=(), time="at")
    assert report_of(layout, manifest).known is None

    find(layout)

    known = report_of(layout, manifest).known
    assert known is not None
    assert [one.rows for one in known.clusters] == [25]


@pytest.mark.parametrize(
    ("share", "written"),
    [
        pytest.param(0, "0%", id="nothing"),
        pytest.param(0.0000012, "0.00012%", id="very rare"),
        pytest.param(0.0099996, "1.0%", id="rounded up to the next digit"),
        pytest.param(0.0975, "9.8%", id="some"),
        pytest.param(0.12345, "12%", id="more"),
        pytest.param(0.9999999, "99.9%", id="all but one is not all"),
        pytest.param(1, "100%", id="all"),
    ],
)
def test_a_share_has_as_many_digits_as_matter(share: float, written: str) -> None:
    assert percent(share) == written


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 10**9))
def test_ends_of_intervals_are_rounded_outwards(first: float, second: float, third: float, rows: int) -> None:
    low, value, high = sorted((first, second, third))
    figure = FigureRecord(value=value, low=low, high=high)

    told_low, _, told_high = (float(one.removesuffix("%")) / 100 for one in apart(figure))
    written = posts_in(figure, rows).split(" of ")[0]
    fewest, most = (int(one.replace(",", "")) for one in written.split(" to "))

    assert told_low <= low + 1e-9
    assert told_high >= high - 1e-9
    assert fewest <= low * rows + 1e-5
    assert most >= high * rows - 1e-5
    assert float(at_most(high).removesuffix("%")) / 100 >= high - 1e-9
