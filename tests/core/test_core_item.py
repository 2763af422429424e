import dataclasses
from datetime import UTC, datetime

import pytest

from tocsin.item import Item


def test_an_item_needs_no_more_than_an_id_and_a_text() -> None:
    item = Item("p-1", "The soup is hot.")

    assert (item.language, item.time, item.community) == (None, None, None)


def test_an_item_keeps_what_the_platform_knows_of_it() -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    item = Item("p-1", "The soup is hot.", language="en-GB", time=noon, community="kitchen")

    assert dataclasses.astuple(item) == ("p-1", "The soup is hot.", "en-GB", noon, "kitchen")


def test_an_item_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Item("p-1", "The soup is hot.").text = "The soup is cold."  # type: ignore[misc]


def test_an_item_holds_nothing_about_who_wrote_it() -> None:
    assert {field.name for field in dataclasses.fields(Item)} == {
        "id",
        "text",
        "language",
        "time",
        "community",
    }
