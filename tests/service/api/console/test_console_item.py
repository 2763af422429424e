"""The item page: what is known in words, the text by parts, and whose the task is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import Level, Reason, Span
from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen, claim_of, elements
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.care.preferences import Preferences, keep_preferences
from tocsin.service.review.contract_testing import BY, PLATFORM, rows
from tocsin.service.review.correction_testing import correction, taken
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import log, tasks
from tocsin.service.review.tasks import claim_task
from tocsin.service.review.verdict import Verdict
from tocsin.signals import Signal

TEXT = "Marjoram soup simmers quietly. Pumpernickel stands beside 🍲 everything!"
SAID = "Objection: cardamom dumplings"
THREAD = ("Anybody for horseradish tonight", "Certainly, cinnamon")
NOTICE = Notice("n-4", NoticeKind.NOTICE, NoticeSource.USER, policy="hate", statement=SAID)
SPANS = (Span(0, 13, Signal.THREAT, 1.0), Span(9, 21, Signal.HATE, 0.5), Span(60, 70, Signal.HATE, 0.5))


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen in which one text waits, with a thread and a notice."""
    made = Kitchen(tmp_path, shipped_scorer)
    made.hand_in("p-17", TEXT, spans=SPANS, thread=THREAD, notice=NOTICE, community="Old mill", reach=1_200)
    return made


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    with connect(kitchen.app(), None) as client:
        yield Browser(client)


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Callable[..., Reviewer]:
    """Return what signs somebody in."""

    def do(role: Role = Role.REVIEWER, name: str | None = None, **chosen: Any) -> Reviewer:
        me = colleague(kitchen.desk, role, name)
        kitchen.desk.write(keep_preferences, me.number, replace(Preferences(), **chosen))
        sign_in(browser, kitchen.desk, me)
        return me

    return do


Enter = Callable[..., Reviewer]


def letters_of(*texts: str) -> set[str]:
    return {word.strip("!.") for text in texts for word in text.split() if len(word) > 3}


def absent(browser: Browser, *texts: str) -> None:
    """Hold the last answer, headers and all, to having no word of these texts."""
    came = browser.page.content + repr(browser.page.headers).encode()
    assert not [word for word in letters_of(*texts) if word.encode() in came]


def test_what_is_known_of_an_item_is_told_before_anything_is_read(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review/tasks/1")
    told = browser.words
    for words in (
        "Item p-17",
        "Urgent. A policy reached its level urgent.",
        "Level: urgent",
        "Community Old mill",
        "Reach 1,200",
        "Language en",
        f"{len(TEXT)} characters",
        "Incitement to, or threat of, violence urgent , score 0.731 , certified",
        "below review , score 0.012",
        "Severity: critical",
        "May be relevant to: Regulation (EU) 2021/784, Article 2(7)(a)",
        "A pointer, not a finding.",
        "set so that at most 0.5 % of the texts that do not break it reach this level",
        "Notice by user",
        "Reference n-4",
        "It names: hate",
        "Nobody has it. Taking it gives you 15 min.",
    ):
        assert words in told


def test_a_correction_says_what_it_is_and_masks_what_it_suggests(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    taken(kitchen.desk, correction(1))
    enter()
    browser.get("/review")
    assert "Suggested scores Somebody would score it otherwise." in browser.words
    browser.get("/review/tasks/2")
    assert "Suggested scores. Somebody would score it otherwise." in browser.words
    assert "Suggested scores by client" in browser.words
    assert "THREAT 0.125" not in browser.words
    browser.post("/review/tasks/2/claim")
    browser.post("/review/tasks/2/reveal", {"part": "notice:2"})
    assert "Suggested: THREAT 0.125." in browser.words
    browser.get("/review/tasks/2/history")
    assert "correction" in browser.words


@pytest.mark.parametrize("mask", ["word", "sentence", "whole"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR, Role.LEAD], ids=lambda role: role.word)
def test_no_word_that_was_not_revealed_is_in_the_answer(
    browser: Browser, enter: Enter, role: Role, mask: str
) -> None:
    enter(role, mask=mask)
    browser.get("/review/tasks/1")
    absent(browser, TEXT, SAID, *THREAD)
    browser.post("/review/tasks/1/claim")
    absent(browser, TEXT, SAID, *THREAD)
    browser.post("/review/tasks/1/reveal", {"part": "sentence:1"})
    absent(browser, TEXT.partition(". ")[0], SAID, *THREAD)
    browser.post("/review/tasks/1/reveal", {"part": "thread:1"})
    absent(browser, TEXT.partition(". ")[0], SAID, THREAD[0])
    browser.get("/review/tasks/1/history")
    absent(browser, TEXT, SAID, *THREAD)


@pytest.mark.parametrize(
    ("part", "shows", "hides"),
    [
        ("word:0", ["Marjoram"], ["soup", "simmers", SAID]),
        ("sentence:0", ["Marjoram", "simmers", "quietly."], ["Pumpernickel", SAID]),
        ("whole", ["Marjoram", "Pumpernickel", "🍲"], [SAID, *THREAD]),
        ("thread:0", [THREAD[0]], [THREAD[1], "Marjoram", SAID]),
        ("notice:1", [SAID], ["Marjoram", *THREAD]),
    ],
)
def test_what_is_asked_for_is_shown_and_nothing_beside_it(
    browser: Browser, enter: Enter, part: str, shows: list[str], hides: list[str]
) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    page = browser.post("/review/tasks/1/reveal", {"part": part})
    assert browser.path == "/review/tasks/1"
    assert all(one in page for one in shows)
    assert not [one for one in hides if one in page]
    assert page == browser.get("/review/tasks/1")


def test_what_is_shown_is_hidden_again(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    for part in ("whole", "thread:0", "notice:1"):
        browser.post("/review/tasks/1/reveal", {"part": part})
    assert "Marjoram" in browser.page.text
    browser.post("/review/tasks/1/hide")
    absent(browser, TEXT, SAID, *THREAD)
    assert "Hide all" not in browser.words


@pytest.mark.parametrize(
    ("mask", "presses"),
    [
        ("word", ["word:0", "word:1"]),
        ("sentence", ["sentence:0", "sentence:1"]),
        ("whole", ["whole"]),
    ],
)
def test_one_key_reveals_the_next_part_in_steps_of_ones_choice(
    browser: Browser, enter: Enter, mask: str, presses: list[str]
) -> None:
    enter(mask=mask)
    browser.get("/review/tasks/1")
    page = browser.post("/review/tasks/1/claim")
    for part in presses:
        (button,) = [one for one in elements(page).named("button") if one.get("data-key") == "v"]
        assert button["value"] == part
        page = browser.post("/review/tasks/1/reveal", {"part": button["value"]})


def test_each_look_is_kept_once_and_a_page_that_is_loaded_changes_nothing(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    me = enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    for _ in range(2):
        browser.post("/review/tasks/1/reveal", {"part": "sentence:0"})
        browser.get("/review/tasks/1")
    kept = rows(kitchen.desk, reveals)
    assert [(one.reviewer, one.extent, one.part) for one in kept] == [(me.number, "sentence", 0)]
    assert [one.action for one in rows(kitchen.desk, log)].count("text.viewed") == 1


def test_marks_stand_at_their_own_characters_with_their_signals_in_words(
    browser: Browser, enter: Enter
) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    page = elements(browser.post("/review/tasks/1/reveal", {"part": "whole"}))
    (text,) = page.text_of("div", class_="text", dir="auto")
    marks = [(one["title"], one["data-letters"], one["data-says"]) for one in page.named("mark")]
    assert text == TEXT
    assert page.text_of("mark", title="threat")[0] == TEXT[0:9]
    assert page.text_of("mark", title="threat, hate") == [TEXT[9:13]]
    assert page.text_of("mark", title="hate")[:2] == [TEXT[13:21], TEXT[60:70]]
    assert marks[1] == ("threat, hate", "th ha", "[marked threat, hate: ")
    assert page.text_of("mark")[-2:] == ["threat", "hate"]


def test_a_mask_says_how_many_words_it_hides_and_what_is_marked_there(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review/tasks/1")
    page = elements(browser.post("/review/tasks/1/claim"))
    masks = [one["aria-label"] for one in page.named("button") if one.get("class", "").startswith("mask")]  # type: ignore[union-attr]
    assert masks == ["4 words hidden, marked threat, hate: show", "5 words hidden, marked hate: show"]
    assert "0 of 9 words shown" in page.text_of("div", role="status", id="texts-said")


def test_a_text_that_could_not_be_judged_says_so_and_has_no_number(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    kitchen.hand_in("u-1", "Zupa jest gorąca", unscorable=Reason.LANGUAGE)
    enter()
    browser.get("/review/tasks/2")
    told = browser.words
    assert "The model could not judge this text: its language is none that the model was tested in" in told
    assert "Read it without a hint." in told
    assert "Not judged by the model" in told
    assert "score 0" not in told
    assert "below review" not in told
    assert "Level: not judged" in told
    assert not elements(browser.page.text).named("meter")


def test_an_erased_item_is_numbers_alone(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    enter(Role.LEAD)
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    browser.post("/review/tasks/1/reveal", {"part": "whole"})
    kitchen.desk.write(erase, "p-17", PLATFORM)
    browser.get("/review/tasks/1")
    absent(browser, TEXT, SAID, *THREAD, "Old mill", "p-17")
    assert "Erased item" in browser.words
    assert "Its numbers stay, its words are gone." in browser.words
    assert 'action="/review/tasks/1/decide"' not in browser.page.text
    browser.post("/review/tasks/1/reveal", {"part": "whole"}, 409)
    assert "The item was erased" in browser.words


def test_a_reviewer_sees_no_golden_item_as_such_and_a_lead_does(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    kitchen.hand_in("g-1", "A golden dumpling", Level.REVIEW, expected=Expected("hate"))
    enter(Role.SENIOR)
    for path in ("/review/tasks/2", "/review/tasks/2/history"):
        browser.get(path)
        assert "Known answer" not in browser.words
        assert "To review" in browser.words
    enter(Role.LEAD)
    browser.get("/review/tasks/2")
    assert "Known answer." in browser.words


def test_a_lead_looks_without_holding_and_the_page_says_how_that_is_logged(
    browser: Browser, enter: Enter, kitchen: Kitchen
) -> None:
    me = enter(Role.LEAD)
    browser.get("/review/tasks/1")
    assert f"What you reveal is logged with your number, {me.number}" in browser.words
    assert "Marjoram" in browser.post("/review/tasks/1/reveal", {"part": "whole"})
    kitchen.clock.advance(minutes=16)
    browser.get("/review/tasks/1")
    absent(browser, TEXT)


def test_nobody_else_reveals_anything_and_is_told_who_has_it(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    holder = colleague(kitchen.desk, Role.REVIEWER, "holder")
    kitchen.desk.jot(claim_task, holder, 1)
    enter(Role.SENIOR)
    browser.get("/review/tasks/1")
    assert f"Reviewer {holder.number} has it until" in browser.words
    browser.post("/review/tasks/1/reveal", {"part": "whole"}, 403)
    absent(browser, TEXT, SAID, *THREAD)
    assert "A text is shown to whoever holds its task, and to leads." in browser.words
    assert rows(kitchen.desk, reveals) == []


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("sentence:9", 404),
        ("word:-1", 400),
        ("word:²", 400),
        ("soup:1", 400),
        ("whole:1", 400),
        ("word", 400),
        ("word:99999999999", 400),
        ("", 400),
        ("notice:2", 404),
    ],
)
def test_a_part_that_is_none_is_refused_on_the_page(
    browser: Browser, enter: Enter, kitchen: Kitchen, part: str, status: int
) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    browser.post("/review/tasks/1/reveal", {"part": part}, status)
    assert elements(browser.page.text).text_of("div", role="alert")
    assert rows(kitchen.desk, reveals) == []


@pytest.mark.parametrize("first", ["scores", "text"])
def test_scores_or_the_text_stand_first_as_one_wishes(browser: Browser, enter: Enter, first: str) -> None:
    enter(first=first)
    browser.get("/review/tasks/1")
    page = browser.post("/review/tasks/1/claim")
    places = [page.index('id="scores-title"'), page.index('id="text-title"')]
    assert places == sorted(places, reverse=first == "text")


def test_the_next_task_is_served_from_a_queue_and_where_nothing_waits_that_is_said_kindly(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    kitchen.hand_in("r-1", "A second soup", Level.REVIEW)
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/claims", {"queue": "review"})
    assert browser.path == "/review/tasks/2"
    browser.post("/review/claims", {"queue": "review"})
    assert "Nothing waits for you now in To review. A good moment for a pause." in browser.words
    assert "Task 2" in browser.words
    browser.post("/review/claims")
    assert browser.path == "/review/tasks/1"


def test_whoever_holds_too_many_is_told_which_and_what_to_do(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    for number in range(6):
        kitchen.hand_in(f"r-{number}", f"Soup number {number}", Level.REVIEW)
    enter()
    browser.get("/review/tasks/1")
    for _ in range(5):
        browser.post("/review/claims")
    browser.post("/review/claims", status=409)
    assert "A reviewer must hold at most 5 tasks: decide or release one." in browser.words
    assert browser.words.count("Task ") == 5
    browser.get("/review/tasks/7")
    browser.post("/review/tasks/7/claim", status=409)
    assert "at most 5 tasks" in browser.words
    assert "The task is free: take it to go on." in browser.words


def test_whoever_has_read_enough_that_is_severe_is_told_so_and_until_when(
    tmp_path: Path, shipped_scorer: Scorer
) -> None:
    kitchen = Kitchen(tmp_path, shipped_scorer, severe_a_shift=1)
    for number in range(2):
        kitchen.hand_in(f"p-{number}", f"Soup number {number}")
    with connect(kitchen.app(), None) as client:
        browser = sign_in(Browser(client), kitchen.desk, colleague(kitchen.desk))
        browser.get("/review/tasks/1")
        browser.post("/review/claims")
        held = browser.path
        browser.post(f"{held}/reveal", {"part": "whole"})
        browser.post("/review/claims")
        assert "Enough for now" in browser.words
        assert "you have read 1 such texts" in browser.words
        assert "The next one may come in 8 h" in browser.words


def test_a_task_is_had_for_longer_or_given_back(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    kitchen.clock.advance(minutes=14)
    assert "1 min left" in browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/renew", {"claim": claim_of(browser)})
    assert browser.path == "/review/tasks/1?said=renewed"
    assert "15 min left" in browser.words
    browser.post("/review/tasks/1/release", {"claim": claim_of(browser)}, 303, follow=False)
    assert browser.page.headers["location"] == "/review?said=released"
    assert rows(kitchen.desk, tasks)[0].claim is None


def test_a_lapsed_claim_says_so_while_nobody_else_has_the_task(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    kitchen.clock.advance(minutes=20)
    browser.get("/review/tasks/1")
    assert "Your time has run out 5 min ago , but nobody else has taken the task." in browser.words
    lease = next(one for one in elements(browser.page.text).named("div") if one.get("id") == "lease")
    assert (lease["data-until"], lease["data-now"]) == ("2026-03-02T09:15:00Z", "2026-03-02T09:20:00Z")


def test_what_was_decided_of_near_copies_stands_there_without_their_text(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    kitchen.hand_in("q-1", f"{TEXT} #zorbia")
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    claim = str(kitchen.desk.jot(claim_task, other, 2).claim)
    kitchen.desk.write(decide, other, claim, Said(Verdict.CONFIRM, "hate", note="See the guide"))
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    assert "On items much like it" in browser.words
    assert "q-1 confirmed : Attack on people for a protected characteristic" in browser.words.replace(
        "confirmed:", "confirmed :"
    )
    absent(browser, TEXT)


def test_an_appeal_tells_what_it_is_against_and_who_objects(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    claim = str(kitchen.desk.jot(claim_task, other, 1).claim)
    kitchen.desk.write(decide, other, claim, Said(Verdict.CONFIRM, "hate", note="See the guide"))
    said = Appeal("a-1", AppealSource.AUTHOR, statement="Turmeric disagrees")
    number = kitchen.desk.write(appeal, "p-17", said, BY)
    enter()
    browser.get(f"/review/tasks/{number}")
    browser.post(f"/review/tasks/{number}/claim")
    assert "Appeal by author" in browser.words
    assert "against decision 1" in browser.words
    assert f"reviewer {other.number}" in browser.words
    assert "See the guide" in browser.words
    absent(browser, "Turmeric disagrees", TEXT)
    assert "Turmeric disagrees" in browser.post(f"/review/tasks/{number}/reveal", {"part": "appeal:1"})


def test_an_order_shows_how_long_is_left_and_when_it_has_passed(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    order = Notice("o-1", NoticeKind.ORDER, NoticeSource.AUTHORITY, threat_to_life=True)
    kitchen.hand_in("o-1", "A third soup", notice=order)
    enter(Role.LEAD)
    browser.get("/review/tasks/2")
    assert "Removal orders." in browser.words
    assert "in 1 h" in browser.words
    assert "It says that a life may be in danger." in browser.words
    assert "The leads were called over this task" in browser.words
    kitchen.clock.advance(minutes=65)
    sign_in(browser, kitchen.desk, colleague(kitchen.desk, Role.LEAD, "later"))
    browser.get("/review/tasks/2")
    assert "Its deadline has passed" in browser.words
    assert "5 min ago" in browser.words


def test_a_task_that_is_none_is_not_there(browser: Browser, enter: Enter) -> None:
    enter()
    for path in ("/review/tasks/99", "/review/tasks/99/history", "/review/tasks/soup"):
        browser.get(path, 404)
    browser.get("/review/tasks/1")
    for what in ("claim", "reveal", "renew", "release"):
        browser.get("/review/tasks/1")
        browser.post(f"/review/tasks/99/{what}", status=404)


@pytest.mark.parametrize("held", [False, True], ids=["free", "held"])
@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD], ids=lambda role: role.word)
def test_the_page_is_sound_for_keyboards_and_screen_readers(
    browser: Browser, kitchen: Kitchen, enter: Enter, role: Role, held: bool
) -> None:
    kitchen.hand_in("q-1", f"{TEXT} #zorbia")
    enter(role)
    browser.get("/review/tasks/1")
    if held:
        browser.post("/review/tasks/1/claim")
        browser.post("/review/tasks/1/reveal", {"part": "sentence:0"})
    page = elements(browser.page.text)
    ids = Counter(attrs["id"] for _, attrs in page.all if attrs.get("id"))
    keys = Counter(attrs["data-key"] for _, attrs in page.all if attrs.get("data-key"))
    fields = [
        attrs
        for tag, attrs in page.all
        if tag in {"input", "textarea", "select"} and attrs.get("type") not in {"hidden", "radio"}
    ]
    labels = {attrs.get("for") for attrs in page.named("label")}
    assert max(ids.values()) == max(keys.values()) == 1
    assert len(page.named("h1")) == 1
    assert all(attrs.get("id") in labels or attrs.get("aria-labelledby") in ids for attrs in fields)
    assert all(attrs.get("data-says") for _, attrs in page.all if attrs.get("data-key") not in {None, "?"})
    assert len(page.named("caption")) == len(page.named("table"))
    wanted = set("vVhcdsrxanit!1234") if held else set("cni!")
    assert wanted <= set(keys)
    assert ("e" in keys) == (held and role < Role.LEAD)
    assert ("C" in keys) == (held and role >= Role.SENIOR)


def test_a_reveal_exchanges_the_texts_alone_where_a_script_can(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    page = elements(browser.post("/review/tasks/1/reveal", {"part": "sentence:0"}))
    forms = {one.get("action"): one for one in page.named("form")}
    for path in ("/review/tasks/1/reveal", "/review/tasks/1/hide"):
        assert forms[path]["hx-post"] == path
        assert forms[path]["hx-target"] == forms[path]["hx-select"] == "#text"
        assert forms[path]["hx-select-oob"] == "#texts-said:innerHTML,#fault:innerHTML"
    places = {attrs.get("id") for attrs in page.named("div")}
    assert {"text", "texts-said", "fault"} <= places


@pytest.mark.parametrize("mask", ["word", "sentence", "whole"])
def test_a_text_of_a_hundred_thousand_characters_answers_at_once(
    browser: Browser, kitchen: Kitchen, enter: Enter, mask: str
) -> None:
    kitchen.hand_in("long", "Barley soup for all. " * 4_762)
    enter(mask=mask)
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/2/claim")
    for part in ("sentence:0", "sentence:4000", "whole"):
        started = time.process_time()
        browser.post("/review/tasks/2/reveal", {"part": part})
        assert time.process_time() - started < 1
    assert browser.page.text.count("Barley soup") == 4_762
