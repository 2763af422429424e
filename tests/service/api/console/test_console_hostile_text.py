"""Whatever people write, the item's pages show it as words: no markup of theirs becomes markup of ours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.assessment import Span
from tocsin.models import Scorer
from tocsin.policy import parse_policy
from tocsin.service.api.console.item.testing import Kitchen, claim_of, elements
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.contract_testing import BY
from tocsin.service.review.decisions import Appeal, AppealSource, appeal
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.role import Role
from tocsin.signals import Signal

NUMBERS = count(1)
SHARP = [
    "<zorb onzorb=1>",
    '"><zorb>',
    "'><zorb x='",
    "</textarea><zorb>",
    "</title></div></form><zorb>",
    "<!--<zorb>",
    "]]><zorb>",
    "&lt;zorb&gt; &#60;zorb>",
    "{{ 7 * 7 }}{% zorb %}",
    '" autofocus onzorb="1',
    "javascript:zorb()",
    "\u202e<zorb>",
    "<zorb\u2028>",
    "soup\n<zorb>",
]
PLAIN = st.characters(exclude_categories=("Cs", "Cc"))
WORDS = (
    st.lists(st.one_of(st.sampled_from(SHARP), st.text(PLAIN, max_size=12)), min_size=1, max_size=4)
    .map("".join)
    .filter(lambda words: bool(words.strip()))
)
NAMES = WORDS.filter(lambda name: name.isprintable() and bool(name.strip()) and name not in {".", ".."})


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, shipped_scorer: Scorer
) -> Iterator[tuple[Kitchen, Browser]]:
    """Yield a kitchen under policies whose names and titles are hostile, and a lead's browser in it."""
    document = parse_policy(
        rb"""version = "1"
[policies.'<zorb>"x']
title = '<zorb onzorb="1">{{ 7 * 7 }}'
when = "hate"
severity = "low"
may_concern = ['"><zorb>']
review = "fpr 0.05"
urgent = "fpr 0.005"
""",
        "kitchen.toml",
    )
    kitchen = Kitchen(tmp_path_factory.mktemp("hostile"), Scorer(shipped_scorer.bundle, document))
    with connect(kitchen.app(), None) as client:
        yield kitchen, sign_in(Browser(client), kitchen.desk, colleague(kitchen.desk, Role.LEAD))


def hold_sound(browser: Browser) -> None:
    """Hold the last page to having no element and no attribute that is not ours."""
    page = elements(browser.page.text)
    assert "zorb" not in {tag for tag, _ in page.all}
    assert not [name for _, attrs in page.all for name in attrs if "zorb" in name or name.startswith("on")]
    assert not [attrs for _, attrs in page.all if "autofocus" in attrs or "style" in attrs]
    assert "49" not in "".join(page.text_of("h3"))
    for tag, attrs in page.all:
        for name in {"href", "action", "formaction", "src"} & attrs.keys():
            assert str(attrs[name]).startswith(("/review", "#")), (tag, name)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=NAMES, text=WORDS, more=WORDS, community=WORDS, said=WORDS, note=WORDS)
def test_what_people_write_stays_words_wherever_it_is_shown(
    house: tuple[Kitchen, Browser],
    name: str,
    text: str,
    more: str,
    community: str,
    said: str,
    note: str,
) -> None:
    kitchen, browser = house
    number = next(NUMBERS)
    text = f"{number} {text}"
    notice = Notice(f"n{number}", NoticeKind.NOTICE, NoticeSource.USER, policy=name, statement=said)
    item = f"{number}{name}"
    spans = [Span(0, len(text), Signal.HATE, 1.0), Span(0, 1, Signal.THREAT, 1.0)]
    kitchen.hand_in(item, text, thread=(more,), notice=notice, community=community, spans=spans)
    task = kitchen.desk.read(lambda tx, _: tx.exec_driver_sql("SELECT max(id) FROM tasks").scalar_one())
    path = f"/review/tasks/{task}"

    browser.get(path)
    hold_sound(browser)
    browser.post(f"{path}/claim")
    for part in ("whole", "thread:0", f"notice:{number}"):
        browser.post(f"{path}/reveal", {"part": part})
    hold_sound(browser)
    page = elements(browser.page.text)
    assert page.text_of("div", class_="text", lang="en") == [text]
    assert more in page.text_of("div", class_="text")
    assert said in page.text_of("div", class_="text")
    assert item in page.text_of("bdi")
    assert community in page.text_of("bdi")

    claim = claim_of(browser)
    fields = {"claim": claim, "escalate_reason": note, "skip_reason": note, "note": note, "policy": note}
    browser.post(f"{path}/decide", {**fields, "verdict": note}, 400)
    hold_sound(browser)
    assert note.strip() in [one.strip() for one in elements(browser.page.text).text_of("textarea")]
    policy = '<zorb>"x'
    browser.post(f"{path}/decide", {**fields, "policy": policy, "verdict": "confirm"}, 303, follow=False)
    kitchen.desk.write(appeal, item, Appeal(item, AppealSource.AUTHOR, statement=said), BY)
    for page_path in (path, f"{path}/history"):
        browser.get(page_path)
        hold_sound(browser)
        assert note.strip() in "".join(elements(browser.page.text).words)
    browser.post(f"{path}/holds", {"reason": note}, 200)
    hold_sound(browser)
