import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tocsin.text import URL, USER, letters, normalise, normalise_with_offsets
from tocsin.text.lookalikes import lookalike

ANY_CHARACTER = st.characters(exclude_categories=())  # surrogates, unassigned and controls too
PIECES = st.sampled_from(
    [
        *(
            "&amp;",
            "&lt;",
            "&#8203;",
            "&#x41;",
            "&frac12;",
            "&ZeroWidthSpace;",
            "&NewLine;",
            "&nosuch;",
            "&amp",
        ),
        *("http://soup.example/a", "HTTPS://Soup.example", "www.soup.example", "www.", "://"),
        *("@cook", "@@cook", "cook@soup.example", "＠cook", "＆", "；", "@"),
        *(" ", "  ", "\n", "\u00a0", "\u2028", "\u200b", "\u00ad", "\ufe0f", "\u202e", "\ud800"),
        *("\U000e0041", "\U00100000", "\u3164", "ß", "İ", "ﬁ", "Ⅷ", "½", "㌔", "ς", "é", "e\u0301", "’", "“"),
        *("ä", "u\u0308", "й", "и\u0306", "\u0301", "\u20e3", "か", "\u3099", "ﾞ", "ᄀ", "\u1161", "가", "की"),
        *("ø", "æ", "ə", "ᴀ", "𝐁", "а", "В", "о", "ж", "Щ", "Α", "Σ", "ω", "Ꭰ", "ה", "ع", "סופ", "суп"),
        *("👩\u200d🍳", "🍲", "❤", "\u200d", "👋🏽", "🇩🇪", "🇸", "🅰", "Ⓜ", "™", "1\ufe0f\u20e3", "\U0001faff"),
        *("soup", "Soup", "s0up", "aaa", "lll", "xxx", "w.w.w.", "a", "b", "x", "0", "1", "4", "!", "$"),
        *(".", "-", "_", "*", "·", "'", "#"),
    ]
)
TEXTS = st.lists(PIECES | st.text(ANY_CHARACTER, max_size=4), max_size=12).map("".join)


@given(TEXTS)
def test_offsets_do_not_change_the_text(text: str) -> None:
    assert normalise_with_offsets(text).text == normalise(text)


@given(TEXTS)
def test_every_character_knows_where_it_came_from(text: str) -> None:
    found = normalise_with_offsets(text)

    assert len(found.starts) == len(found.ends) == len(found.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)
    assert list(found.ends) == sorted(found.ends)


@given(TEXTS)
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assume("&" not in once)  # what looks like an entity in the end may not have been one before
    assume("@" not in once.replace(USER, ""))  # what follows a handle may become another
    # An emoji's name counts as writing once it is words: for letters that the writing around them decides,
    assume(not any(map(lookalike, once)))
    assume(" button" not in once and "circled m" not in once)  # and for single letters beside its own.

    assert normalise(once) == once


@given(TEXTS)
def test_a_normalised_text_has_no_capitals_no_controls_and_single_blanks(text: str) -> None:
    found = normalise(text)

    assert found == found.strip()
    assert "  " not in found
    assert found.replace(" ", "").isprintable() or not found.isascii()
    assert not any("A" <= character <= "Z" for character in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Bake THE Bread", "bake the bread", id="one-case"),
        pytest.param("STRASSE Straße", "strasse strasse", id="full-casefold"),
        pytest.param("ΣΊΣΥΦΟΣ ς", "σισυφοσ σ", id="final-sigma"),
        pytest.param("  soup \t\n and\u00a0bread\u2028", "soup and bread", id="white-space"),
        pytest.param("ﬁsh ½ Ⅶ ２", "fish 1⁄2 vii 2", id="compatibility"),
        pytest.param("𝐁𝐚𝐤𝐞 ⓑⓡⓔⓐⓓ ｎｏｗ", "bake bread now", id="styled-letters"),
        pytest.param("so\u200bu\u00adp", "soup", id="zero-width-and-soft-hyphen"),
        pytest.param("\u202ebread\u202c\u2066", "bread", id="bidi-controls"),
        pytest.param("soup\U000e0073\U000e0067", "soup", id="tag-characters"),
        pytest.param("so\ud83dup", "soup", id="lone-surrogate"),
        pytest.param("so\ue000u\U000f0000p", "soup", id="private-use"),
        pytest.param("so\u0378up", "soup", id="unassigned"),
        pytest.param("so\x00up", "so up", id="control-separates"),
        pytest.param("‘it’s’ “hot” ‛a‟", "'it's' \"hot\" 'a\"", id="typographic-quotes"),
        pytest.param(
            "„heiß“ ‚a‘ geht´s donʼt", "\"heiss\" 'a' geht's don't", id="german-quotes-and-apostrophes"
        ),
        pytest.param("so\u3164up so\u115fup", "soup soup", id="hangul-fillers"),
        pytest.param("so\u034fup so\U000e0100up", "soup soup", id="joiners-and-variants-that-are-not-seen"),
        pytest.param("hot\u2800soup", "hot soup", id="blank-braille-pattern"),
        pytest.param("", "", id="empty"),
        pytest.param("\u200b \ufeff", "", id="nothing-to-see"),
    ],
)
def test_a_text_takes_one_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("salt &amp; pepper", "salt & pepper", id="named"),
        pytest.param("salt &AMP; pepper", "salt & pepper", id="named-in-capitals"),
        pytest.param("&Auml;pfel", "äpfel", id="named-with-a-capital"),
        pytest.param("so&ZeroWidthSpace;up", "soup", id="named-with-capitals-only"),
        pytest.param("soup&NewLine;bread&Tab;", "soup bread", id="named-white-space"),
        pytest.param("&frac12; &there4;", "1⁄2 ∴", id="named-with-digits"),
        pytest.param("&#83;oup &#x53;oup &#X53;oup", "soup soup soup", id="numbered"),
        pytest.param("so&#8203;u&shy;p", "soup", id="invisible"),
        pytest.param("soup&nbsp;now", "soup now", id="white-space"),
        pytest.param("&#x110000; &#xd800;", "\ufffd \ufffd", id="no-such-code-point"),
        pytest.param("&nosuchname; &;", "&nosuchname; &;", id="none"),
        pytest.param("salt &amp pepper", "salt &amp pepper", id="without-semicolon"),
        pytest.param("&dagger;&Dagger;", "†‡", id="two-that-differ-in-case"),
        pytest.param("&NBSP;&QUOT;soup&QUOT;", '"soup"', id="in-capitals-that-nobody-defined"),
        pytest.param("&amp;amp;lt;", "<", id="escaped-three-times"),
        pytest.param("&amp;amp;amp;amp;", "&amp;", id="escaped-more-often"),
    ],
)
def test_an_entity_becomes_what_it_stands_for(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("see https://soup.example/a?b=c&d now", f"see {URL} now", id="https"),
        pytest.param("HTTP://SOUP.EXAMPLE", URL, id="capitals"),
        pytest.param("www.soup.example", URL, id="no-scheme"),
        pytest.param("soup:http://soup.example", f"soup: {URL}", id="stuck-to-a-word"),
        pytest.param('<a href="http://soup.example">hot</a>', f'<a href=" {URL} ">hot</a>', id="in-markup"),
        pytest.param("http:&#47;&#47;soup.example", URL, id="hidden-by-entities"),
        pytest.param("ht\u200btp://soup.example", URL, id="hidden-by-invisible-characters"),
        pytest.param("https://soup.example/@cook/b4ke", URL, id="handle-in-a-link"),
        pytest.param("www. http://", "www. http://", id="nothing-after-it"),
        pytest.param("hello @Zorbian_Cook!", f"hello {USER} !", id="handle"),
        pytest.param("＠cook", USER, id="wide-handle"),
        pytest.param("cook@soup.example", "cook@soup.example", id="mail-address-is-none"),
        pytest.param("@@cook", "@@cook", id="doubled-at-is-none"),
        pytest.param("@ cook", "@ cook", id="at-alone-is-none"),
        pytest.param("@cook@choir", f"{USER} @choir", id="second-of-two-joined-stays"),
        pytest.param("@" + "ab" * 30, f"{USER} " + "ab" * 5, id="longer-than-any-handle"),
        pytest.param("w.w.w.soup.example", URL, id="spelled-out"),
        pytest.param("h7tp://soup.example", URL, id="respelled"),
        pytest.param("httpѕ://soup.example", URL, id="with-a-cyrillic-letter"),
    ],
)
def test_links_and_handles_become_one_word_each(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("  Hot  SOUP", "soup", "SOUP", id="moved"),
        pytest.param("so\u200bup now", "soup", "so\u200bup", id="invisible-within"),
        pytest.param("hot ﬁsh", "fi", "ﬁ", id="one-becomes-two"),
        pytest.param("salt &amp; pepper", "&", "&amp;", id="entity"),
        pytest.param("see http://soup.example now", URL, "http://soup.example", id="link"),
        pytest.param("hello @cook!", USER, "@cook", id="handle"),
        pytest.param("\U0001f372 bread", "bread", "bread", id="code-points-not-utf-16-units"),
        pytest.param("hot &amp;amp; cold", "&", "&amp;amp;", id="entity-escaped-twice"),
        pytest.param("a s-o-u-p!", "soup", "s-o-u-p", id="spaced-out"),
        pytest.param("hot s0uuuup", "up", "uuuup", id="stretched"),
        pytest.param("hot s0up", "so", "s0", id="respelled"),
        pytest.param("vin brûle\u0301", "le", "le\u0301", id="combining-mark"),
        pytest.param("hоt soup", "hot", "hоt", id="cyrillic-letter"),
        pytest.param(
            "a 👩🏽\u200d🍳 cooks", "woman cook medium skin tone", "👩🏽\u200d🍳", id="emoji-sequence"
        ),
        pytest.param("🇩🇪🇫🇷", "france", "🇫🇷", id="second-flag"),
        pytest.param("1\ufe0f\u20e3 soup", "keycap 1", "1\ufe0f\u20e3", id="keycap"),
    ],
)
def test_a_word_is_found_again_in_the_original(text: str, word: str, expected: str) -> None:
    found = normalise_with_offsets(text)
    first = found.text.index(word)
    last = first + len(word) - 1

    assert text[found.starts[first] : found.ends[last]] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hot soup, 2 bowls!", "Hotsoupbowls", id="latin"),
        pytest.param("суп 🍲 スープ", "супスープ", id="every-script"),
        pytest.param("12:30 ½ _", "", id="none"),
    ],
)
def test_letters_are_what_is_left_in_order(text: str, expected: str) -> None:
    assert letters(text) == expected
