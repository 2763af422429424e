from dataclasses import replace

from tocsin.errors import MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import Judged, Tally
from tocsin.service.scan.tally import NO_POLICY
from tocsin.service.scan.testing import WordAssessor


def judged(text: str) -> Judged:
    item = Item("1", text)
    return Judged(item, WordAssessor({"soup": 0.9, "rugby": 0.6}).assess([item])[0])


def test_every_row_is_counted_once() -> None:
    tally = Tally()
    for text in ("soup", "rugby", "rugby", "bread", ""):
        tally.count(judged(text))
    tally.count(MalformedRowError("posts.csv", 2, "too few fields"))

    assert tally.rows == 6
    assert str(tally) == "6 rows read: 1 urgent, 2 review, 1 none; 1 unscorable (1 empty); 1 rejected"


def test_a_scan_of_nothing_says_so() -> None:
    assert str(Tally()) == "0 rows read: 0 urgent, 0 review, 0 none; 0 unscorable; 0 rejected"


def test_a_text_that_no_policy_could_judge_is_not_counted_as_harmless() -> None:
    row = judged("soup")
    silent = tuple(replace(result, level=None, score=None) for result in row.assessment.policies)
    tally = Tally()

    tally.count(Judged(row.item, replace(row.assessment, policies=silent)))

    assert tally.unscorable == {NO_POLICY: 1}
    assert not tally.levels
