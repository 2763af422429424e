import io
from collections.abc import Iterable
from dataclasses import replace

from rich.console import Console

from tocsin.item import Item
from tocsin.service.scan import Judged, TableSink, Tally
from tocsin.service.scan.testing import WordAssessor
from tocsin.service.scan.write_table import FOOTER, NOT_CERTIFIED

SOUP = WordAssessor({"soup": 0.9, "rugby": 0.65})
DOUBTED = WordAssessor({"soup": 0.9}, certified=False)
ITEMS = [
    Item("p-1", "Plain bread."),
    Item("p-2", "Come to the rugby on Sunday, bring your boots and two dry towels"),
    Item("p-3", "Leek soup at 12:30"),
    Item("p-4", "  ", "fr"),
    Item("p-5", "Hot soup"),
]


def printed(
    items: Iterable[Item], assessor: WordAssessor = SOUP, *, top: int = 50, show_text: bool = False
) -> str:
    rows = list(items)
    judged = [Judged(*pair) for pair in zip(rows, assessor.assess(rows), strict=True)]
    return table_of(judged, top=top, show_text=show_text)


def table_of(rows: Iterable[Judged], *, top: int = 50, show_text: bool = False) -> str:
    console, tally = Console(file=io.StringIO(), width=100, force_terminal=False), Tally()
    sink = TableSink(console, top=top, show_text=show_text, tally=tally)
    for row in rows:
        tally.count(row)
        sink.write(row)
    sink.finish()
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


GOLDEN = """\
Ranked: 3 of 4 rows

 rank   id    level    priority   policies       text
 ──────────────────────────────────────────────────────────────────────────────────────────────────
    1   p-3   urgent      0.900   appeal 0.900   •••• •••• •• ••:••
    2   p-5   urgent      0.900   appeal 0.900   ••• ••••
    3   p-2   review      0.650   appeal 0.650   •••• •• ••• ••••• •• ••••••, ••••• •••• … (64
                                                 characters)

Unscorable: 1 of 1 rows

 id    reason   language
 ───────────────────────
 p-4   empty    fr

5 rows read: 2 urgent, 1 review, 1 none; 1 unscorable (1 empty); 0 rejected
Scores order the work; a person decides."""


def test_the_table_looks_like_this() -> None:
    assert printed(ITEMS, top=3) == GOLDEN


def test_texts_are_shown_on_request() -> None:
    assert "Leek soup at 12:30" in printed(ITEMS, show_text=True)


def test_masked_texts_show_no_letter() -> None:
    masked = printed([Item("1", "zucchini \x1b[31m quiche 汤")])

    assert not any(word in masked for word in ("zucchini", "quiche", "汤", "31"))


def test_hostile_characters_are_shown_and_never_obeyed() -> None:
    hostile = "\x1b[31msoup\u202e\u200b[bold red]x[/] [link=file:///etc]y[/link] :soup:"
    shown = printed([Item(hostile, hostile)], show_text=True)

    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert shown.replace(" ", "").replace("\n", "").count("[boldred]x[/]") >= 1
    assert r"\x1b[31msoup\u202e\u200b" in shown.replace("\n", "")


def test_a_long_text_is_cut_even_when_shown() -> None:
    assert "(5000 characters)" in printed([Item("1", "x" * 5000)], show_text=True)


def test_policies_that_are_not_certified_are_marked_and_explained_once() -> None:
    shown = printed([Item("1", "soup"), Item("2", "bread")], DOUBTED)

    assert "appeal 0.900*" in shown
    assert shown.count("*") == 2
    assert shown.count(NOT_CERTIFIED) == 1


def test_policies_that_stayed_silent_carry_no_mark() -> None:
    assert "*" not in printed([Item("2", "bread")], DOUBTED)


def test_certified_policies_carry_no_mark() -> None:
    assert "*" not in printed(ITEMS)


def test_unscorable_rows_are_limited_and_counted() -> None:
    shown = printed([Item(f"blank-{number}", "") for number in range(10)], top=4)

    assert "Unscorable: 4 of 10 rows" in shown
    assert shown.count("blank-") == 4


def test_a_scored_row_that_no_policy_judged_stands_with_the_unscorable() -> None:
    (answer,) = SOUP.assess([Item("odd", "soup")])
    silent = replace(answer.policies[0], level=None, score=None)
    shown = table_of([Judged(Item("odd", "soup"), replace(answer, policies=(silent,)))])

    assert "Unscorable: 1 of 1 rows" in shown
    assert "no policy applies" in shown
    assert "Ranked" not in shown


def test_a_scan_of_nothing_prints_no_table() -> None:
    assert printed([]).splitlines() == [str(Tally()), FOOTER]
