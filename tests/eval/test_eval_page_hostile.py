from __future__ import annotations

from html.parser import HTMLParser

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval.page import render_page
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table

SCRIPT = "<script>alert(1)</script>"
HOSTILE = SCRIPT + "\"'><img src=x onerror=alert(1)>&amp;$x {{ 7 * 7 }} `<b>` **<u>**"


class Parser(HTMLParser):
    """Collect what a browser would see: elements, attributes, text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_table(name: str, plot: Plot) -> Table:
    columns = (
        Column(HOSTILE, HOSTILE, key=True, about=HOSTILE),
        Column("second", HOSTILE, Kind.CODE, key=True),
        Column("score", HOSTILE, Kind.SCORE),
        Column("figure", HOSTILE, Kind.SCORE, better=Better.HIGHER),
    )
    rows: list[Row] = [
        {
            HOSTILE: HOSTILE,
            "second": HOSTILE,
            "score": 0.5,
            "figure": Marked(Estimate(0.5, 0.4, 0.6), HOSTILE),
        }
        for _ in range(2)
    ]
    return Table(name, HOSTILE, columns, rows, about=(HOSTILE,), notes=(HOSTILE,), plot=plot)


def report_of(words: str, *tables: Table) -> Report:
    return Report(
        ModelStamp(words, words, words),
        words,
        (words,),
        PolicyStamp(words, words),
        RowsRead({words: 2}, (words,), (words + "3",)),
        words,
        words,
        (
            Answer(words, words, words, Measured(tables, (words,) * 3), None, 0.0),
            Answer(words, words, words, None, words, 0.0),
        ),
    )


def test_whatever_a_report_holds_is_text_markup_in_it_survives_nowhere() -> None:
    tables = hostile_table(HOSTILE, Plot.BARS), hostile_table("squares", Plot.RELIABILITY)

    page = Parser(render_page(report_of(HOSTILE, *tables)))

    assert not page.tags & {"script", "img", "b", "u"}
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    assert page.text.count(SCRIPT) > 40
    assert "{{ 7 * 7 }}" in page.text
    assert page.text.count("49") == 0


def test_control_characters_and_what_turns_the_order_of_reading_are_replaced() -> None:
    odd = "a\x00b\u202ec\ud800d\uffff"

    page = render_page(report_of(odd, hostile_table(odd, Plot.BARS)))

    assert not set(odd[1::2]) & set(page)
    assert page.count("a\ufffdb\ufffdc\ufffdd\ufffd") > 10
    page.encode("utf-8")
