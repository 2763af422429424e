import pytest

from tocsin.item import Item
from tocsin.service.scan.testing import WordAssessor
from tocsin.service.scoring import Memory

SOUP = Item("a", "soup on friday")
ANSWER = WordAssessor({}).assess([SOUP])[0]


def test_a_text_that_comes_again_gets_its_answer_under_its_own_id() -> None:
    memory = Memory(10)
    memory.keep(SOUP, ANSWER)

    again = memory.recall(Item("b", SOUP.text))

    assert again == WordAssessor({}).assess([Item("b", SOUP.text)])[0]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Item("a", "soup on monday"), id="another-text"),
        pytest.param(Item("a", SOUP.text, language="de"), id="another-hint"),
        pytest.param(Item("a", "de\0" + SOUP.text), id="a-text-that-looks-like-a-hint"),
    ],
)
def test_what_was_not_asked_is_not_known(other: Item) -> None:
    memory = Memory(10)
    memory.keep(SOUP, ANSWER)

    assert memory.recall(other) is None


def test_a_hint_is_not_taken_for_text() -> None:
    memory = Memory(10)
    memory.keep(Item("a", "c", language="a\0b"), ANSWER)

    assert memory.recall(Item("a", "b\0c", language="a")) is None


def test_the_answer_unused_for_longest_is_forgotten_first() -> None:
    memory = Memory(2)
    first, second, third = (Item(name, f"text {name}") for name in "abc")
    memory.keep(first, ANSWER)
    memory.keep(second, ANSWER)
    memory.recall(first)
    memory.keep(third, ANSWER)

    assert len(memory) == 2
    assert memory.recall(second) is None
    assert memory.recall(first) is not None


def test_a_memory_of_nothing_keeps_nothing() -> None:
    memory = Memory(0)
    memory.keep(SOUP, ANSWER)

    assert len(memory) == 0
    assert memory.recall(SOUP) is None


def test_two_processes_would_not_know_each_others_digests() -> None:
    one, other = Memory(1), Memory(1)
    one.keep(SOUP, ANSWER)
    other.keep(SOUP, ANSWER)

    assert set(one._kept) != set(other._kept)
    assert all(SOUP.text.encode() not in digest for digest in one._kept)


def test_half_a_surrogate_pair_is_a_text_like_any_other() -> None:
    memory = Memory(1)
    memory.keep(Item("a", "soup \ud83c"), ANSWER)

    assert memory.recall(Item("a", "soup \ud83c")) is not None
