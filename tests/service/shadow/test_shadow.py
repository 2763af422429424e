from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Assessment, Level, Reason, Status, Tier
from tocsin.item import Item
from tocsin.models import DEFAULT_BUNDLE, Scorer, load
from tocsin.service.api.probes.schemas import ShadowReport
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import connect, make_app
from tocsin.service.shadow import Comparison, Shadow, make_shadow, shadow_report
from tocsin.service.watching import Exposition
from tocsin.service.watching.interval import wilson
from tocsin.signals import Signal

TEXT = "Everybody brings soup to the Zorbian choir on Friday."
PATIENCE_S = 20.0


class Twin:
    """Judge as another scorer does, but for what `change` makes of it."""

    def __init__(self, scorer: Scorer, change: Any = lambda one: one) -> None:
        self._scorer = scorer
        self._change = change
        self.open = threading.Event()
        self.open.set()
        self.model, self.policy = scorer.model, scorer.policy

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        assert self.open.wait(PATIENCE_S)
        return [self._change(one) for one in self._scorer.assess(items)]


def set_level(level: Level | None, policy: str = "hate") -> Any:
    """Return a change: what one policy says."""

    def change(one: Assessment) -> Assessment:
        return replace(
            one,
            policies=tuple(
                replace(result, level=level) if result.name == policy else result for result in one.policies
            ),
        )

    return change


class Setting:
    """A shadow over a twin, and what it counted."""

    def __init__(self, scorer: Scorer, change: Any = lambda one: one, **more: Any) -> None:
        self.exposition = Exposition()
        self.served = scorer
        self.twin = Twin(scorer, change)
        self.shadow = Shadow(self.twin, Comparison(self.exposition), **more)  # type: ignore[arg-type]
        self.shadow.start()

    def see(self, *texts: str) -> None:
        items = [Item(str(place), text, language="en") for place, text in enumerate(texts)]
        self.shadow.scored(items, self.served.assess(items), 0.1)

    def report(self) -> dict[str, Any]:
        assert self.shadow.settled(PATIENCE_S)
        report = shadow_report(self.served, self.shadow, self.exposition)
        ShadowReport.model_validate(report)
        return report

    def policy(self, name: str = "hate") -> dict[str, Any]:
        (found,) = [one for one in self.report()["policies"] if one["name"] == name]
        found_one: dict[str, Any] = found
        return found_one


@pytest.fixture
def make(shipped_scorer: Scorer) -> Iterator[Any]:
    made: list[Setting] = []

    def make_setting(change: Any = lambda one: one, **more: Any) -> Setting:
        made.append(Setting(shipped_scorer, change, **more))
        return made[-1]

    yield make_setting
    for one in made:
        one.twin.open.set()
        one.shadow.stop()


def test_a_shadow_that_is_the_same_differs_nowhere(make: Any) -> None:
    setting = make()
    setting.see(*[f"{TEXT} {place}" for place in range(50)], "")

    report = setting.report()

    assert report["items"] == 51
    assert report["unscorable"] == {"both": 1, "served_only": 0, "shadow_only": 0}
    assert {one["flips"] for one in report["policies"]} == {0}
    assert {one["items"] for one in report["policies"]} == {50}
    assert all(one["tenths"] == [50] + [0] * 9 for one in report["signals"])
    assert report["served"] == report["shadow"]
    assert report["seconds"] > 0
    assert report["dropped"] == report["failed"] == 0


def test_flips_count_by_policy_and_direction_with_their_interval(make: Any) -> None:
    raising = make(set_level(Level.URGENT))
    raising.see(*[f"{TEXT} {place}" for place in range(20)])
    other = make(set_level(Level.REVIEW, "incitement"))
    other.see(TEXT)

    hate = raising.policy()

    assert (hate["items"], hate["flips"], hate["raised"], hate["lowered"]) == (20, 20, 20, 0)
    assert (hate["share"], hate["high"]) == (1.0, 1.0)
    assert hate["low"] == pytest.approx(0.8389, abs=1e-4)  # R: binom::binom.wilson(20, 20)
    assert hate["moves"] == [{"served": "none", "shadow": "urgent", "items": 20}]
    assert raising.policy("incitement")["flips"] == 0
    assert other.policy("incitement")["raised"] == 1


def test_a_lower_level_is_a_flip_too(make: Any, shipped_scorer: Scorer) -> None:
    setting = make(set_level(Level.NONE))
    items = [Item("0", TEXT, language="en")]
    served = [set_level(Level.REVIEW)(one) for one in shipped_scorer.assess(items)]

    setting.shadow.scored(items, served, 0.1)

    assert (setting.policy()["raised"], setting.policy()["lowered"]) == (0, 1)


def test_a_policy_that_one_side_cannot_judge_is_no_flip_but_shown(make: Any) -> None:
    setting = make(set_level(None))
    setting.see(TEXT)

    hate = setting.policy()

    assert (hate["items"], hate["flips"], hate["share"], hate["low"]) == (0, 0, None, None)
    assert hate["moves"] == [{"served": "none", "shadow": "unjudged", "items": 1}]


def test_texts_that_one_side_alone_cannot_judge_are_counted(make: Any) -> None:
    def unscorable(one: Assessment) -> Assessment:
        return replace(
            one,
            status=Status.UNSCORABLE,
            reason=Reason.LANGUAGE,
            signals=dict.fromkeys(Signal),
            policies=tuple(replace(result, level=None, score=None) for result in one.policies),
        )

    setting = make(unscorable)
    setting.see(TEXT, TEXT)

    assert setting.report()["unscorable"] == {"both": 0, "served_only": 0, "shadow_only": 2}
    assert setting.report()["signals"] == []


def test_distances_count_by_signal_in_tenths(make: Any, shipped_scorer: Scorer) -> None:
    def change(one: Assessment) -> Assessment:
        return replace(one, signals=dict(one.signals) | {Signal.HATE: 0.95, Signal.THREAT: None})

    setting = make(change)
    setting.see(TEXT)
    (served,) = shipped_scorer.assess([Item("0", TEXT, language="en")])
    expected = [0] * 10
    expected[int(np.abs(served.signals[Signal.HATE] - 0.95) * 10)] = 1  # type: ignore[operator]

    found = {one["signal"]: one["tenths"] for one in setting.report()["signals"]}

    assert expected[0] == 0
    assert found["hate"] == expected
    assert "threat" not in found
    assert found["incitement"] == [1] + [0] * 9


def test_a_share_is_drawn_at_random(make: Any) -> None:
    setting = make(share=0.25)
    for _ in range(10):
        setting.see(*[TEXT] * 100)

    assert 170 < setting.report()["items"] < 330  # 250 at most 6 standard deviations off


def test_no_share_is_none(make: Any) -> None:
    setting = make(share=0.0)
    setting.see(TEXT)

    assert setting.report()["items"] == 0


def test_it_never_blocks_and_counts_what_it_drops(make: Any) -> None:
    setting = make(most_items=30)
    setting.twin.open.clear()
    setting.see(TEXT)
    time.sleep(0.05)  # let it be taken

    started = time.monotonic()
    for _ in range(10):
        setting.see(*[TEXT] * 10)
    assert time.monotonic() - started < 2
    setting.twin.open.set()

    report = setting.report()
    assert report["items"] == 31
    assert report["dropped"] == 70


def test_long_texts_are_dropped_before_they_fill_memory(make: Any) -> None:
    setting = make()
    setting.twin.open.clear()
    setting.see(*["x" * 1_000_000] * 10)
    setting.twin.open.set()

    report = setting.report()
    assert (report["items"], report["dropped"]) == (4, 6)
    setting.see("x" * 1_000_000)
    assert setting.report()["items"] == 5, "room comes back"


def test_a_batch_that_fails_is_counted_and_the_next_is_judged(
    make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    failing = [True]

    def change(one: Assessment) -> Assessment:
        if failing.pop() if failing else False:
            raise ValueError("quokka")
        return one

    setting = make(change)
    setting.see(TEXT)
    assert setting.shadow.settled(PATIENCE_S)
    setting.see(TEXT)

    report = setting.report()
    assert (report["items"], report["failed"]) == (1, 1)
    assert "ValueError" in caplog.text
    assert "quokka" not in caplog.text


def test_where_priorities_are_refused_it_judges_all_the_same(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise PermissionError(1, "Operation not permitted", *args[:0])

    monkeypatch.setattr("os.setpriority", refuse)
    setting = make()
    setting.see(TEXT)

    assert setting.report()["items"] == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_shadow_whose_thread_ended_keeps_no_text(make: Any) -> None:
    def leave(one: Assessment) -> Assessment:
        raise SystemExit

    setting = make(leave)
    setting.twin.open.clear()
    setting.see(*[TEXT] * 40)
    time.sleep(0.05)
    setting.twin.open.set()
    setting.shadow._thread.join(PATIENCE_S)
    setting.see(*[TEXT] * 3)

    report = setting.report()
    assert (report["items"], report["dropped"]) == (0, 27)
    assert not setting.shadow._waiting


def test_texts_that_nobody_would_take_are_dropped(shipped_scorer: Scorer) -> None:
    exposition = Exposition()
    shadow = Shadow(shipped_scorer, Comparison(exposition))
    items = [Item("0", TEXT, language="en")]
    shadow.scored(items, shipped_scorer.assess(items), 0.1)  # nobody has started it

    assert not shadow._waiting
    assert exposition.values()["tocsin_shadow_dropped_items"][()] == 1


def test_texts_leave_memory_once_they_are_judged(make: Any) -> None:
    class Text(str):
        __slots__ = ("__weakref__",)

    setting = make()
    text = Text(TEXT)
    gone = weakref.ref(text)
    item = Item("0", text, language="en")
    setting.shadow.scored([item], setting.served.assess([item]), 0.1)
    del text, item
    assert setting.report()["items"] == 1
    gc.collect()

    assert gone() is None


def test_once_stopped_it_takes_nothing_more(make: Any) -> None:
    setting = make()
    setting.twin.open.clear()
    setting.see(*[TEXT] * 40)
    time.sleep(0.05)
    stopping = threading.Thread(target=setting.shadow.stop)
    stopping.start()
    time.sleep(0.05)
    setting.twin.open.set()
    stopping.join(PATIENCE_S)
    setting.see(TEXT)

    report = setting.report()
    assert (report["items"], report["dropped"]) == (16, 25)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        pytest.param(0, 10, 0.0, 0.2775328, id="none"),  # R: binom::binom.wilson(0, 10)
        pytest.param(10, 10, 0.7224672, 1.0, id="all"),
        pytest.param(81, 263, 0.2552898, 0.3662026, id="newcombe-1998"),  # Statistics in Medicine 17, 857-872
    ],
)
def test_the_interval_is_wilsons(hits: int, trials: int, low: float, high: float) -> None:
    assert wilson(hits, trials) == pytest.approx((low, high), abs=2e-4)


@pytest.mark.parametrize(("share", "trials"), [(0.02, 200), (0.3, 50)], ids=["rare", "common"])
def test_the_interval_holds_the_truth_as_often_as_it_says(share: float, trials: int) -> None:
    draws = np.random.default_rng(7).binomial(trials, share, 4_000)

    held = np.mean([low <= share <= high for low, high in (wilson(int(hits), trials) for hits in draws)])

    assert 0.93 < held < 0.98


def test_without_bundle_and_policy_there_is_no_shadow(shipped_scorer: Scorer) -> None:
    assert make_shadow(ServeSettings(), shipped_scorer, Exposition()) is None


def test_a_policy_file_alone_makes_a_shadow_over_the_same_bundle(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    shipped = files("tocsin.policy").joinpath("default.toml").read_text(encoding="utf-8")
    path.write_text(shipped.replace("[policies.hate]", "[policies.dislike]"), encoding="utf-8")

    with connect(make_app(shipped_scorer, ServeSettings(shadow_policy=path))) as client:
        report = client.get("/v1/shadow").json()

    assert report["only_served"] == ["hate"]
    assert report["only_shadow"] == ["dislike"]
    assert report["served"]["bundle_digest"] == report["shadow"]["bundle_digest"]
    assert report["served"]["policy_digest"] != report["shadow"]["policy_digest"]


def test_served_texts_are_compared_but_for_those_not_to_be_remembered(
    shipped_scorer: Scorer, toy_bundle: Path
) -> None:
    app = make_app(shipped_scorer, ServeSettings(shadow_bundle=toy_bundle))
    with connect(app) as client:
        for body in (
            {"items": [{"text": TEXT}, {"text": f"{TEXT} Twice."}]},
            {"items": [{"text": TEXT}]},  # from memory
            {"items": [{"text": f"{TEXT} Never to be kept."}], "remember": False},
        ):
            assert client.post("/v1/assess", json=body).status_code == 200
        until = time.monotonic() + PATIENCE_S
        while client.get("/v1/shadow").json()["items"] < 2 and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.1)
        report = client.get("/v1/shadow").json()
        shown = client.get("/metrics").text

    ShadowReport.model_validate(report)
    assert report["items"] == 2
    assert report["served"]["name"] == "default"
    assert report["shadow"]["name"] == "toy"
    assert f'tocsin_shadow_info{{bundle="toy",bundle_digest="{report["shadow"]["bundle_digest"]}"' in shown
    assert 'tocsin_shadow_items_total{served="scored",shadow="scored"} 2.0' in shown


def test_the_bundle_that_ships_may_be_its_own_shadow(shipped_scorer: Scorer) -> None:
    shadow = make_shadow(ServeSettings(shadow_bundle=DEFAULT_BUNDLE), shipped_scorer, Exposition())

    assert shadow is not None
    assert shadow.scorer.bundle.digest == shipped_scorer.bundle.digest
    assert shadow.scorer.conditions == shipped_scorer.conditions


def test_a_shadow_may_be_the_other_tier_of_the_bundle_that_is_served(toy_encoder_bundle: Path) -> None:
    served = load(toy_encoder_bundle)
    settings = ServeSettings(bundle=toy_encoder_bundle, shadow_tier="encoder")

    shadow = make_shadow(settings, served, Exposition())

    assert shadow is not None
    assert (served.bundle.tier, shadow.scorer.bundle.tier) == (Tier.SCREEN, Tier.ENCODER)
    assert shadow.scorer.bundle.digest == served.bundle.digest
