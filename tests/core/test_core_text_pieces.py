"""A text is normalised by its pieces where that is the same, and as a whole where it is not."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tocsin.text import Piece, normalise, parted, piece, piece_all, pieces
from tocsin.text.emoji_names import emoji
from tocsin.text.entities import entities
from tocsin.text.folding import FOLDING
from tocsin.text.lookalikes import lookalike
from tocsin.text.pieces import _by_steps
from tocsin.training.build import Build

CODES = range(sys.maxunicode + 1)
WHITE = [chr(code) for code in CODES if chr(code).isspace()]

ATOMS = [
    *"aSxäßé0134578@$!#.-_*·'\"<>&;:/(,",
    *("soup", "Soup", "s0up", "sooup", "lll", "www.", "WWW", "://", "http", "https://", "@cook", "'s"),
    *("&nbsp;", "&amp;", "&#32;", "&Tab;", "&shy;", "&quot;", "&#x61;", "&amp;nbsp;", "&amp", "nbsp;"),
    *("\u200b", "\u00ad", "\ufe0f", "\ufe0e", "\u200d", "\ud800", "\U00100000", "\U000e0067", "\U000e007f"),
    *("\u2800", "\x00", "\x07", "\u200e", "\u3164", "¨", "´", "¸", "’", "“", "½", "ﬁ", "™", "ʻ", "ª", "ŉ"),
    *("\u0301", "\u0308", "\u0323", "\u20e3", "\u3099", "\u1161", "\u11a8", "ᄀ", "か", "ﾞ", "\u0345"),
    *("а", "о", "В", "суп", "ж", "й", "Σ", "ω", "ה", "ا", "ツ", "Ꭰ", "𝐁", "ⓑ", "ᴀ", "ø"),
    *("🔥", "👩\u200d🍳", "🏽", "🇩", "🇪", "🇸", "1\ufe0f\u20e3", "🅰", "🅱\ufe0f", "🆂", "Ⓜ", "🏴", "©", "❤"),
]
ALPHABETS = [
    pytest.param(ATOMS, 4, id="everything"),
    pytest.param(
        [*"abIK014$@!.-'\"(", "\u200b", "\u2800", "&nbsp;", "¨", "🔥", "\u0308", "@cook", "ab", "а"],
        2,
        id="single-letters-and-signs",
    ),
    pytest.param([*"abi4.'(", "\u2800", "ab"], 3, id="single-letters-and-blanks-within-pieces"),
    pytest.param([*"аовжbʻ·@🔥", "ab", "суп", "\u0301"], 3, id="several-scripts"),
    pytest.param(
        [*"aäиか가ᄀ", "\u0301", "\u0308", "\u0323", "\u0306", "\u3099", "\u1161", "\u11a8", "\u0301" * 8],
        9,
        id="marks",
    ),
    pytest.param(
        ["w", "www.", "w.", "://", "h7tp", "https", "&amp;", *'/.a"<@#7s'], 5, id="links-and-handles"
    ),
]
BLANKS = st.sampled_from([" ", " ", " ", "  ", "   ", "\n", "\u00a0", "\x1f", "\u2028", "\u3000"])


def texts(atoms: list[str], most: int) -> st.SearchStrategy[str]:
    """Return texts of pieces of up to `most` atoms each, blanks between and now and then around them."""
    raw = st.lists(st.sampled_from(atoms), min_size=1, max_size=most).map("".join)
    rest = st.lists(st.tuples(BLANKS, raw), max_size=7).map(lambda pairs: "".join(map("".join, pairs)))
    return st.builds(lambda *parts: "".join(parts), st.just("") | BLANKS, raw, rest, st.just("") | BLANKS)


def joined(found: list[Piece]) -> str:
    return " ".join(one.text for one in found if one.text)


def listed(raw: list[str]) -> list[Piece]:
    found = piece_all(raw)
    return [
        Piece(text, depends=place in found.depends, single=place in found.single)
        for place, text in enumerate(found.texts)
    ]


def check(text: str) -> None:
    found = list(map(piece, pieces(text)))
    if parted(found):
        assert joined(found) == normalise(text)
    event(f"parted: {parted(found)}")


@pytest.mark.parametrize(("atoms", "most"), ALPHABETS)
@settings(max_examples=150)
@given(st.data())
def test_a_text_that_is_parted_is_its_pieces(atoms: list[str], most: int, data: st.DataObject) -> None:
    check(data.draw(texts(atoms, most)))


@given(st.text(st.characters(exclude_categories=())))
def test_so_is_any_text(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("s o u p", id="spelled-out"),
        pytest.param("(t e a)", id="spelled-out-between-signs"),
        pytest.param("s 0 u p", id="spelled-out-with-a-digit"),
        pytest.param("a \u200b b \u00ad c", id="with-nothing-to-see-between"),
        pytest.param("t&nbsp;e a", id="two-letters-in-one-piece"),
        pytest.param("t e&nbsp;a!", id="two-letters-in-the-last"),
        pytest.param("t e\u2800 a", id="with-a-blank-that-does-not-part-pieces"),
        pytest.param("hot bread сор", id="lookalikes-in-latin-writing"),
    ],
)
def test_a_text_that_is_not_its_pieces_is_not_parted(text: str) -> None:
    found = list(map(piece, pieces(text)))

    assert joined(found) != normalise(text)
    assert not parted(found)


@given(texts(ATOMS, 6) | st.from_regex(r"[!-~]{1,12}", fullmatch=True))
def test_a_piece_holds_its_own_normal_form(text: str) -> None:
    assert [piece(raw).text for raw in pieces(text)] == list(map(normalise, pieces(text)))


def test_white_space_is_nothing_but_blanks_to_every_step() -> None:
    assert [chr(code) for code in CODES if pieces(f"a{chr(code)}b") != [f"a{chr(code)}b"]] == WHITE
    assert {FOLDING[ord(white)] for white in WHITE} == {" "}
    for white in WHITE:
        assert not emoji(white)
        for before, after in (("&amp", ";"), ("&", "amp;"), ("🇩", "🇪"), ("🔥\u200d", "🔥"), ("1", "\u20e3")):
            text = f"{before}{white}{after}"
            assert not any(start <= len(before) < end for start, end, _ in [*entities(text), *emoji(text)])


def test_a_letter_that_starts_no_look_at_lookalikes_is_not_changed_by_one_either() -> None:
    assigned = [code for code in CODES if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}]
    folded = {
        letter for code in assigned for letter in FOLDING[code] if letter.isalnum() and letter < "\u0370"
    }

    assert len(folded) > 50
    assert not [letter for letter in folded if lookalike(letter) or letter.isupper()]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("Soup!", id="word"),
        pytest.param("don't", id="contraction"),
        pytest.param("b4ked", id="respelled"),
        pytest.param("(s.o.u.p)", id="spelled-out-within"),
        pytest.param("sooooup", id="stretched"),
        pytest.param("2026", id="number"),
        pytest.param("Käse", id="umlaut"),
        pytest.param("crème", id="accent"),
        pytest.param("🔥🔥", id="emoji"),
        pytest.param("hot🔥", id="emoji-at-a-word"),
        pytest.param("—", id="dash"),
        pytest.param("“soup”", id="quotes"),
        pytest.param("@cook:", id="handle"),
        pytest.param("https://soup.example/a", id="link"),
        pytest.param("salt&amp;pepper", id="entity"),
        pytest.param("hot&nbsp;soup", id="two-words"),
        pytest.param("\u200b", id="nothing-to-see"),
        pytest.param("суп", id="another-script"),
        pytest.param("pоtato", id="latin-with-a-lookalike"),
        pytest.param("寿司", id="no-script-with-lookalikes"),
    ],
)
def test_an_ordinary_piece_does_not_depend_on_others(raw: str) -> None:
    assert piece(raw) == Piece(normalise(raw), depends=False, single=False)


@pytest.mark.parametrize(
    ("raw", "depends", "single"),
    [
        pytest.param("a", False, True, id="letter"),
        pytest.param("Ä", False, True, id="umlaut"),
        pytest.param("4", False, True, id="digit-that-stands-for-a-letter"),
        pytest.param("2", False, False, id="digit-that-does-not"),
        pytest.param("!", False, False, id="end-of-a-sentence"),
        pytest.param("(a", False, True, id="letter-in-brackets"),
        pytest.param("a).", False, True, id="letter-before-a-sign"),
        pytest.param("i'm", False, False, id="letter-of-a-contraction"),
        pytest.param("cook's", False, False, id="possessive"),
        pytest.param("(4", False, False, id="digit-that-starts-no-word"),
        pytest.param("1,000", False, True, id="digit-before-a-sign"),
        pytest.param("e.g.", False, True, id="abbreviation"),
        pytest.param("@cook's", False, True, id="letter-after-a-handle"),
        pytest.param("e\u2800", False, True, id="letter-before-a-blank"),
        pytest.param("\u2800e.", False, True, id="letter-after-a-blank"),
        pytest.param("a&nbsp;b", True, True, id="two-letters"),
        pytest.param("(a\u2800b", True, True, id="two-letters-in-brackets"),
        pytest.param("а", True, False, id="lookalike-alone"),
        pytest.param("hot-сор", True, False, id="word-of-lookalikes-alone"),
        pytest.param("\u200b\u0308soup", False, False, id="mark-first-stands-on-nothing"),
        pytest.param("soup-a", False, True, id="letter-after-a-sign"),
        pytest.param("e\u0301", False, True, id="mark-on-a-letter"),
    ],
)
def test_a_piece_says_what_it_takes_to_become_another(raw: str, *, depends: bool, single: bool) -> None:
    found = piece(raw)

    assert (found.depends, found.single) == (depends, single)


@pytest.mark.parametrize(
    ("text", "is_parted"),
    [
        pytest.param("", True, id="nothing"),
        pytest.param("hot soup, b4ked bread \u200b 🔥", True, id="words"),
        pytest.param("soup a b stew", True, id="two-in-a-row"),
        pytest.param("a b \u200b soup c d", True, id="two-and-two"),
        pytest.param("s o u p", False, id="three-in-a-row"),
        pytest.param("a \u200b b \u200b \u200b c", False, id="nothing-between-them"),
        pytest.param("soup а", False, id="one-that-depends"),
    ],
)
def test_a_text_is_parted_without_three_in_a_row_and_one_that_depends(text: str, *, is_parted: bool) -> None:
    assert parted(map(piece, pieces(text))) is is_parted


@given(st.lists(texts(ATOMS, 3), max_size=4))
def test_many_pieces_at_a_time_are_what_each_of_them_is(some: list[str]) -> None:
    raw = [one for text in some for one in pieces(text)]

    assert listed(raw) == list(map(piece, raw))


@given(st.from_regex(r"(?i:[a-z]{1,3}|[0-9]{1,3}|[!-/:-@\[-`{-~]|@cook|https?://|'s){1,6}", fullmatch=True))
def test_what_no_step_needs_to_look_at_is_what_the_steps_make_of_it(raw: str) -> None:
    assert piece(raw) == _by_steps(raw)


@pytest.mark.parametrize(
    "part", ["a", "a\u2800", "\u2800", "(a\u2800b", "é", "ж", "\u0301", "ab-"], ids=ascii
)
def test_a_piece_ten_times_as_long_takes_about_ten_times_as_long(part: str) -> None:
    piece(f"é🔥я{part}")  # tables are loaded

    short = min(seconds(f"({part * 10_000}(") for _ in range(2))
    long = seconds(f"({part * 100_000}(")

    assert long < 40 * short + 0.3


def seconds(raw: str) -> float:
    start = time.process_time()
    piece(raw)
    return time.process_time() - start


@pytest.mark.corpora
def test_posts_are_their_pieces_and_nearly_all_of_them_parted(real_build: Build) -> None:
    found = {key: (parted(of), joined(of) == whole) for key, of, whole in forms(real_build)}
    not_parted = sum(not is_parted for is_parted, _ in found.values()) / len(found)

    assert [key for key, (is_parted, is_same) in found.items() if is_parted and not is_same] == []
    assert not_parted < 0.01


def forms(rows: Build) -> Iterator[tuple[str, list[Piece], str]]:
    for split in rows.splits.rows.values():
        for row in split:
            yield row.id, listed(pieces(row.text)), normalise(row.text)
