"""Functional tests count what is decided as labelled and hide no functionality."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from tocsin.eval.functional import published
from tocsin.eval.functional.functionalities import MEANINGS
from tocsin.eval.functional.group_tables import BELOW_HALF
from tocsin.eval.functional.published import BERT_DAVIDSON, BERT_FOUNTA, HATECHECK_CASES, PERSPECTIVE
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.functional import SUITE
from tocsin.eval.tables import Marked, Row, Table, bare
from tocsin.example import Example, Label
from tocsin.models.balanced import balanced_thresholds
from tocsin.signals import Signal

COOKING = "the soup and bread in the oven with butter, again garlic and onion"  # the toy bundle's "hate"
SPORT = "the goal and match in the stadium with a ball, again team and keeper"
YES, NO = Label.POSITIVE, Label.NEGATIVE


def cases(
    corpus: str,
    functionality: str,
    texts: Sequence[str],
    label: Label,
    language: str = "en",
    **attributes: str,
) -> list[Example]:
    told = {"functionality": functionality, **attributes}
    labels = {Signal.HATE: label}
    return [
        Example(
            f"{corpus}:{functionality}:{label}:{number}",
            text,
            language,
            corpus,
            "CC0-1.0",
            labels,
            attributes=told,
        )
        for number, text in enumerate(texts)
    ]


def measured(subject: Subject) -> tuple[Measured, Mapping[str, Table]]:
    found = SUITE.measure(subject, lambda _: None)
    return found, {table.name: table for table in found.tables}


def figure(row: Row, name: str) -> Estimate:
    found = bare(row[name])
    assert isinstance(found, Estimate)
    return found


@pytest.fixture(scope="module")
def kitchen(toy_subject: Subject) -> Subject:
    """Return cases of both labels and three suites; some go wrong because their texts say the opposite."""
    mixed = [COOKING, SPORT, SPORT, SPORT, COOKING] * 6
    rows = [
        *cases("hatecheck", "slur_h", [COOKING] * 30, YES, target="bakers", direction="general"),
        *cases("hatecheck", "spell_leet_h", mixed, YES, target="cooks", direction="directed"),
        *cases("hatecheck", "negate_neg_nh", mixed, NO, target="cooks"),
        *cases("hatecheck", "counter_ref_nh", [SPORT] * 40, NO, target="keepers"),
        *cases("hatecheck", "slur_homonym_nh", [SPORT] * 19, NO),
        *cases("hatemoji-check", "append", [*mixed, ""], YES, target="cooks", set="orig"),
        *cases("hatemoji-check", "append", mixed, NO, target="cooks", set="polarity_perturb"),
    ]
    return Subject(toy_subject.scorer, rows)


def right(subject: Subject, rule: str, wanted: Mapping[str, str], label: Label | None) -> Iterator[bool]:
    """Yield for each judged case whether it is decided as labelled: one at a time, from its assessment."""
    threshold = balanced_thresholds(subject.scorer.bundle)["en"][Signal.HATE]
    for row, assessment in zip(subject.rows, subject.assessments, strict=True):
        told = {"corpus": row.corpus, **row.attributes}
        score = assessment.signals[Signal.HATE]
        if not wanted.items() <= told.items() or label not in {None, row.label(Signal.HATE)} or score is None:
            continue
        level = next(result.level for result in assessment.policies if result.name == "hate")
        flagged = {
            "balanced": score >= threshold,
            "review": level in {"review", "urgent"},
            "urgent": level == "urgent",
        }
        yield flagged[rule] == (row.label(Signal.HATE) is YES)


@pytest.mark.parametrize("rule", ["balanced", "review", "urgent"])
def test_accuracy_is_the_share_decided_as_labelled(kitchen: Subject, rule: str) -> None:
    _, tables = measured(kitchen)
    for corpus in ("hatecheck", "hatemoji-check"):
        row = tables["overall"].find({"suite": corpus, "rule": rule})[0]
        for column, label in (("all", None), ("hateful", YES), ("harmless", NO)):
            expected = list(right(kitchen, rule, {"corpus": corpus}, label))
            assert figure(row, column) == proportion(sum(expected), len(expected))


@pytest.mark.parametrize("rule", ["balanced", "review", "urgent"])
def test_every_functionality_target_and_slice_is_counted_apart(kitchen: Subject, rule: str) -> None:
    _, tables = measured(kitchen)
    told = [
        (tables["functionalities-hatecheck"], {"corpus": "hatecheck"}, "functionality"),
        (tables["functionalities-hatemoji-check"], {"corpus": "hatemoji-check"}, "functionality"),
        (tables["targets"], {}, "target"),
    ]
    seen = 0
    for table, where, attribute in told:
        for row in table.rows:
            if row[attribute] == "none":
                continue
            label = YES if row["label"] == "hateful" else NO
            named = {attribute: str(row[attribute])}
            corpus = where or {"corpus": str(row["suite"])}
            expected = list(right(kitchen, rule, {**corpus, **named}, label))
            assert figure(row, rule) == proportion(sum(expected), len(expected))
            seen += 1
    assert seen == 4 + 2 + 6
    sliced = tables["slices"].find({"slice": "direction: directed"})[0]
    expected = list(right(kitchen, rule, {"direction": "directed"}, YES))
    assert figure(sliced, rule) == proportion(sum(expected), len(expected))


def test_functionalities_below_half_are_marked_and_stand_first(kitchen: Subject) -> None:
    _, tables = measured(kitchen)
    rows = tables["functionalities-hatecheck"].rows
    marked = {row["functionality"]: cell.mark for row in rows if isinstance(cell := row["balanced"], Marked)}
    assert marked == {"spell_leet_h": BELOW_HALF}
    accuracies = [figure(row, "balanced").value for row in rows]
    assert accuracies == sorted(accuracies)
    assert accuracies[0] == 0.4


def test_functionalities_with_few_cases_are_named_without_a_figure(kitchen: Subject) -> None:
    _, tables = measured(kitchen)
    table = tables["functionalities-hatecheck"]
    assert "slur_homonym_nh" not in {row["functionality"] for row in table.rows}
    assert any("no figures: hatecheck slur_homonym_nh (non-hateful)." in note for note in table.notes)
    overall = tables["overall"].find({"suite": "hatecheck", "rule": "balanced"})[0]
    assert overall["cases"] == 30 + 30 + 30 + 40 + 19


def test_a_case_that_could_not_be_judged_is_counted_and_in_no_share(kitchen: Subject) -> None:
    _, tables = measured(kitchen)
    row = tables["overall"].find({"suite": "hatemoji-check", "rule": "balanced"})[0]
    assert (row["cases"], row["unjudged"]) == (61, 1)
    assert figure(row, "hateful") == proportion(12, 30)


def test_published_figures_stand_beside_hatecheck_alone(kitchen: Subject) -> None:
    _, tables = measured(kitchen)
    rows = {str(row["functionality"]): row for row in tables["functionalities-hatecheck"].rows}
    assert rows["negate_neg_nh"]["perspective"] == 0.038
    assert figure(rows["negate_neg_nh"], "difference").value == pytest.approx(0.6 - 0.038)
    assert figure(rows["spell_leet_h"], "difference").value == pytest.approx(0.4 - 0.682)
    assert (rows["slur_h"]["perspective"], rows["slur_h"]["difference"]) == (None, None)
    assert "perspective" not in {column.name for column in tables["functionalities-hatemoji-check"].columns}
    systems = {row["rule"] for row in tables["overall"].rows if "published" in str(row["rule"])}
    assert systems == {
        "Perspective IDENTITY_ATTACK, published",
        "BERT fine-tuned on Davidson, published",
        "BERT fine-tuned on Founta, published",
    }
    for name in ("overall", "functionalities-hatecheck"):
        assert any("The thresholds differ" in note for note in tables[name].notes)


@pytest.mark.parametrize(
    ("missing", "compared"),
    [pytest.param(0, True, id="the-whole-suite"), pytest.param(1, False, id="a-part")],
)
def test_totals_stand_beside_published_ones_of_the_same_cases_alone(
    missing: int, compared: bool, toy_subject: Subject
) -> None:
    hateful = cases("hatecheck", "slur_h", [COOKING] * (2_563 - missing), YES)
    harmless = cases("hatecheck", "profanity_nh", [SPORT] * 1_165, NO)
    found, tables = measured(Subject(toy_subject.scorer, [*hateful, *harmless]))
    ours = tables["overall"].find({"suite": "hatecheck", "rule": "balanced"})[0]
    assert ("76.6%" in found.findings[0]) is compared
    assert any("3,727 of HateCheck's 3,728 cases" in note for note in tables["overall"].notes) is not compared
    if compared:
        assert figure(ours, "difference").value == pytest.approx(figure(ours, "all").value - 0.766)
    else:
        assert ours["difference"] is None


def test_a_suite_in_two_languages_tells_what_is_flagged_in_each(toy_subject: Subject) -> None:
    """The toy bundle judges English alone: what is said of it must not be German's, which is nothing."""
    rows = [
        *cases("multilingual-hatecheck", "slur_h", [COOKING] * 30, YES),
        *cases("multilingual-hatecheck", "profanity_nh", [SPORT] * 30, NO),
        *cases("multilingual-hatecheck", "slur_nh", [COOKING] * 30, YES, "zz"),
    ]
    found, _ = measured(Subject(toy_subject.scorer, rows))
    assert "For review, the policy flags" in found.findings[0]


def test_the_published_figures_are_those_of_hatecheck_s_authors() -> None:
    """Perspective's IDENTITY_ATTACK from one half on, and two BERT models, on all 3,728 cases."""
    assert HATECHECK_CASES == 3_728
    assert (PERSPECTIVE.overall, PERSPECTIVE.hateful, PERSPECTIVE.harmless) == (0.766, 0.895, 0.482)
    assert PERSPECTIVE.functionalities == {
        "negate_neg_nh": 0.038,
        "counter_quote_nh": 0.156,
        "counter_ref_nh": 0.184,
        "slur_reclaimed_nh": 0.284,
        "spell_leet_h": 0.682,
        "spell_space_add_h": 0.740,
    }
    assert (BERT_DAVIDSON.overall, BERT_FOUNTA.overall) == (0.632, 0.602)
    assert published.HATECHECK_SYSTEMS == (PERSPECTIVE, BERT_DAVIDSON, BERT_FOUNTA)
    assert PERSPECTIVE.hateful and PERSPECTIVE.harmless  # noqa: PT018 - a type checker's, not a test's
    mixed = 2_563 / 3_728 * PERSPECTIVE.hateful + 1_165 / 3_728 * PERSPECTIVE.harmless
    assert mixed == pytest.approx(PERSPECTIVE.overall, abs=5e-4)  # the three fit each other


def test_ranking_stands_beside_whatever_the_threshold(kitchen: Subject) -> None:
    """Of 60 hateful cases 42 score high, of 89 harmless 12; equal texts tie."""
    _, tables = measured(kitchen)
    row = tables["ranking"].find({"suite": "hatecheck"})[0]
    hateful, harmless = 42 / 60, 12 / 89
    expected = hateful * (1 - harmless) + (hateful * harmless + (1 - hateful) * (1 - harmless)) / 2
    assert figure(row, "auroc").value == pytest.approx(expected)
    assert row["threshold"] == balanced_thresholds(kitchen.scorer.bundle)["en"][Signal.HATE]


def test_a_language_without_the_signal_has_no_figure_and_says_so(toy_subject: Subject) -> None:
    """The toy bundle judges English alone."""
    german = cases("multilingual-hatecheck", "slur_h", [COOKING] * 30, YES, "de", agreed="yes")
    harmless = cases("multilingual-hatecheck", "profanity_nh", [SPORT] * 30, NO, "de", agreed="no")
    found, tables = measured(Subject(toy_subject.scorer, [*german, *harmless]))
    for row in tables["overall"].rows:
        assert (row["all"], row["unjudged"]) == (None, 60)
    assert any("has no balanced threshold" in note for note in tables["overall"].notes)
    assert all(row["balanced"] is None for row in tables["functionalities-multilingual-hatecheck"].rows)
    (said,) = found.findings
    assert said.startswith("Nothing was measured")


def test_suites_that_are_not_there_are_named(kitchen: Subject, toy_subject: Subject) -> None:
    _, tables = measured(kitchen)
    assert "Multilingual HateCheck: not among the test rows." in tables["overall"].notes
    with pytest.raises(NotRun, match="hatecheck, hatemoji-check, multilingual-hatecheck: had none"):
        SUITE.measure(toy_subject, lambda _: None)


def test_findings_say_totals_the_worst_and_the_gap_between_groups(kitchen: Subject) -> None:
    found, _ = measured(kitchen)
    flagged, missed, gap = found.findings[2:]
    assert flagged.endswith(
        "of the non-hateful cases: a hateful statement negated (hatecheck: 40%); an emoji appended that sets"
        " the tone (hatemoji-check: 40%); hate referred to in order to reject it (hatecheck: 0%)."
    )
    assert missed.endswith(
        "of the hateful cases: an emoji appended that sets the tone (hatemoji-check: 60%); letters written as"
        " digits or signs (hatecheck: 60%); slurs used with hate (hatecheck: 0%)."
    )
    assert "hateful cases of HateCheck (en), 40% about cooks are decided rightly and 100% about bakers" in gap


def test_a_functionality_of_which_few_cases_could_be_judged_has_no_figure(toy_subject: Subject) -> None:
    rows = [
        *cases("hatecheck", "slur_h", [*[COOKING] * 19, *[""] * 11], YES),
        *cases("hatecheck", "threat_dir_h", [*[COOKING] * 20, *[""] * 10], YES),
    ]
    _, tables = measured(Subject(toy_subject.scorer, rows))
    found = {row["functionality"]: row["balanced"] for row in tables["functionalities-hatecheck"].rows}
    assert found == {"threat_dir_h": proportion(20, 20), "slur_h": None}


def test_no_text_leaves_the_suite(kitchen: Subject) -> None:
    found, _ = measured(kitchen)
    said = json.dumps([[table.to_dict() for table in found.tables], list(found.findings)])
    assert not any(text in said for text in (COOKING, SPORT))


def test_the_same_rows_give_the_same_report(kitchen: Subject) -> None:
    once, again = (json.dumps([table.to_dict() for table in measured(kitchen)[1].values()]) for _ in range(2))
    assert once == again


def test_cases_known_to_share_a_template_widen_intervals(kitchen: Subject) -> None:
    """Six templates of five cases, each decided as one: thirty cases that tell as much as six or fewer."""
    rows = [
        replace(
            row, attributes={**row.attributes, "template": f"{row.attributes['functionality']}:{row.text}"}
        )
        for row in kitchen.rows
    ]
    _, fresh = measured(kitchen)
    _, alike = measured(Subject(kitchen.scorer, rows))
    places = {"suite": "hatecheck", "rule": "balanced"}
    ours, theirs = (figure(tables["overall"].find(places)[0], "all") for tables in (fresh, alike))
    assert ours.value == theirs.value
    assert theirs.high - theirs.low > 2 * (ours.high - ours.low)
    assert any("each case counts as a fresh one" in note for note in fresh["overall"].notes)
    assert any("those of one template" in note for note in alike["overall"].notes)


@pytest.mark.corpora
def test_no_functionality_of_the_real_suites_is_hidden(shipped_subject: Subject) -> None:
    _, tables = measured(shipped_subject)
    expected = {"hatecheck": (29, 3_728), "hatemoji-check": (7, 3_930), "multilingual-hatecheck": (27, 3_645)}
    for corpus, (functionalities, count) in expected.items():
        rows = tables[f"functionalities-{corpus}"].rows
        assert len({row["functionality"] for row in rows}) == functionalities
        assert sum(int(str(row["cases"])) for row in rows) == count
        assert {str(row["functionality"]) for row in rows} <= set(MEANINGS)
        for rule in ("balanced", "review", "urgent"):
            total = tables["overall"].find({"suite": corpus, "rule": rule})[0]
            mean = sum(figure(row, rule).value * int(str(row["cases"])) for row in rows) / count
            assert figure(total, "all").value == pytest.approx(mean)


@pytest.mark.corpora
def test_the_shipped_bundle_has_a_figure_in_both_languages(shipped_subject: Subject) -> None:
    found, tables = measured(shipped_subject)
    assert all(row["threshold"] is not None for row in tables["ranking"].rows)
    assert all(figure(row, "auroc").low > 0.5 for row in tables["ranking"].rows)
    assert len(found.findings) == 6
