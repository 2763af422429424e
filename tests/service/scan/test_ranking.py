from hypothesis import given
from hypothesis import strategies as st

from tocsin.assessment import Level
from tocsin.item import Item
from tocsin.service.scan import Judged
from tocsin.service.scan.ranking import Ranking
from tocsin.service.scan.testing import WordAssessor

ORDER = [Level.URGENT, Level.REVIEW, Level.NONE]


@given(
    st.lists(st.tuples(st.sampled_from(ORDER), st.sampled_from([0.0, 0.25, 0.5, 1.0]))),
    st.integers(min_value=1, max_value=5),
)
def test_rows_rank_by_level_then_priority_then_input_order(
    rows: list[tuple[Level, float]], size: int
) -> None:
    ranking = Ranking(size)
    for number, (level, priority) in enumerate(rows):
        item = Item(str(number), "soup")
        ranking.add(Judged(item, WordAssessor({"soup": priority}).assess([item])[0]), level)

    expected = sorted(range(len(rows)), key=lambda row: (ORDER.index(rows[row][0]), -rows[row][1], row))

    assert [int(row.item.id) for row in ranking.rows()] == expected[:size]
