import pytest

from tocsin.language import UNDETERMINED, identify, primary_subtag, resolve

ENGLISH = "We bake bread every morning and it rains."
GERMAN = "Das Brot muss langsam im Ofen backen, sonst wird es nichts."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param(ENGLISH, "en", id="english"),
        pytest.param(GERMAN, "de", id="german"),
        pytest.param("Le pain cuit lentement dans le four de la cuisine.", "fr", id="french"),
        pytest.param("Хлеб печётся медленно, а суп уже готов.", "ru", id="cyrillic"),
        pytest.param("今日は暑いので冷たいスープを作ります。", "ja", id="japanese"),
        pytest.param(
            f"{GERMAN} https://soup.example/the/bread/of/the/day #the #best", "de", id="english-link"
        ),
        pytest.param("𝐖𝐞 𝐛𝐚𝐤𝐞 𝐛𝐫𝐞𝐚𝐝 𝐞𝐯𝐞𝐫𝐲 𝐦𝐨𝐫𝐧𝐢𝐧𝐠 𝐚𝐧𝐝 𝐢𝐭 𝐫𝐚𝐢𝐧𝐬.", "en", id="styled-letters"),
    ],
)
def test_a_sentence_is_in_the_language_that_it_is_written_in(text: str, language: str) -> None:
    assert resolve(text) == (language, language)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("12:30 !!!", id="digits"),
        pytest.param("🍲🔥", id="emoji"),
        pytest.param("https://soup.example @cook #soup &amp;", id="links-handles-hashtags-entities"),
    ],
)
def test_a_text_without_prose_is_in_no_language(text: str) -> None:
    assert identify(text) == (UNDETERMINED, 0.0)


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, "soup", "soup \ud800", "суп"])
def test_a_probability_is_one(text: str) -> None:
    assert 0 < identify(text)[1] <= 1


@pytest.mark.parametrize(
    ("tag", "primary"),
    [
        pytest.param("en", "en", id="primary-alone"),
        pytest.param("en-GB", "en", id="region"),
        pytest.param("zh-Hant-TW", "zh", id="script-and-region"),
        pytest.param("de-1996", "de", id="variant"),
        pytest.param("en_US", "en", id="as-posix-writes-it"),
        pytest.param("EN", "en", id="capitals"),
        pytest.param("gsw", "gsw", id="three-letters"),
        pytest.param(None, None, id="no-tag"),
        pytest.param("", None, id="empty"),
        pytest.param("und", None, id="undetermined"),
        pytest.param("und-Latn", None, id="undetermined-in-a-script"),
        pytest.param("e", None, id="one-letter"),
        pytest.param("x-zorbian", None, id="private-use"),
        pytest.param("english", None, id="a-name-is-no-tag"),
        pytest.param("en-", None, id="ends-in-a-hyphen"),
        pytest.param("en--GB", None, id="empty-subtag"),
        pytest.param("en-international", None, id="subtag-too-long"),
        pytest.param("en\n", None, id="line-break"),
        pytest.param(" en", None, id="blank"),
        pytest.param("１２", None, id="wide-digits"),
    ],
)
def test_a_tag_gives_its_primary_subtag_or_nothing(tag: str | None, primary: str | None) -> None:
    assert primary_subtag(tag) == primary


def test_the_hint_wins_over_detection() -> None:
    assert resolve(GERMAN, "en-GB") == ("en", "en")


def test_the_hint_wins_where_nothing_can_be_told() -> None:
    assert resolve("soup", "de", assumed="en") == ("de", "de")


@pytest.mark.parametrize("hint", ["und", "english", "", None])
def test_a_hint_that_says_nothing_leaves_it_to_detection(hint: str | None) -> None:
    assert resolve(GERMAN, hint, assumed="en") == ("de", "de")


def test_what_is_assumed_does_not_override_what_is_told() -> None:
    assert resolve(GERMAN, assumed="en") == ("de", "de")


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        pytest.param("soup", "en", id="too-short-to-tell"),
        pytest.param("Ｓｏｕｐ", "en", id="wide-letters"),
        pytest.param("12:30", "en", id="no-letters"),
        pytest.param("https://soup.example/bread", "en", id="a-link-alone"),
        pytest.param("суп", None, id="another-script"),
        pytest.param("суп soup", "en", id="half-of-the-letters"),
        pytest.param("супы soup", "en", id="exactly-half"),
        pytest.param("супчик so", None, id="less-than-half"),
        pytest.param("да https://soup.example/the/bread/of/the/day", None, id="link-does-not-count"),
        pytest.param("да @very_english_cook", None, id="handle-does-not-count"),
        pytest.param("#суп", None, id="a-hashtag-alone-shows-its-script"),
    ],
)
def test_a_text_that_nobody_can_place_is_judged_as_assumed_in_its_own_script(
    text: str, judged: str | None
) -> None:
    assert identify(text)[1] < 0.5
    assert resolve(text, assumed="en") == (UNDETERMINED, judged)


def test_a_text_that_nobody_can_place_is_not_judged_where_nothing_is_assumed() -> None:
    assert resolve("soup", assumed=None) == (UNDETERMINED, None)


def test_a_language_of_another_script_is_assumed_of_any_text() -> None:
    assert resolve("soup", assumed="ru") == (UNDETERMINED, "ru")
