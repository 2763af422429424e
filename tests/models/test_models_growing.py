from __future__ import annotations

import numpy as np
import pytest

from tocsin.models.growing import Growing


@pytest.mark.parametrize("columns", [pytest.param(None, id="numbers"), pytest.param(3, id="rows of three")])
def test_rows_stand_in_the_order_in_which_they_were_added(columns: int | None) -> None:
    growing = Growing(np.int64, columns)
    shape = () if columns is None else (columns,)
    parts = [np.full((size, *shape), place, np.int64) for place, size in enumerate((0, 1, 5_000, 3, 20_000))]
    for part in parts:
        growing.add(part)

    np.testing.assert_array_equal(growing.rows, np.concatenate(parts))


def test_rows_that_were_handed_out_stay_as_they_were() -> None:
    growing = Growing(np.int64)
    growing.add(np.arange(10))
    before = growing.rows
    growing.add(np.arange(100_000))

    assert before.tolist() == list(range(10))
