from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tocsin.assessment import Tier
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.models import Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.service.api.answered import Answered
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review.gauges import Gauges
from tocsin.service.shadow import Comparison
from tocsin.service.watching import Metrics, serve_metrics
from tocsin.signals import Signal

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
TEXT = "Everybody brings soup to the Zorbian choir on Friday."


@pytest.fixture
def metrics(shipped_scorer: Scorer) -> Metrics:
    return Metrics(shipped_scorer)


def value(metrics: Metrics, name: str, *labels: str) -> float | None:
    """Return the value at labels that stand in the order of their names."""
    return metrics.exposition.values()[name].get(labels)


def answered(status: int = 200, seconds: float = 0.02, why: str | None = None) -> Answered:
    return Answered("native", "assess", "POST", "/v1/assess", status, seconds, 1, "k", why)


def test_requests_count_by_face_operation_and_status_and_refusals_by_reason(metrics: Metrics) -> None:
    for one in (answered(), answered(), answered(429, why="rate_limited")):
        metrics.answered(one)

    assert value(metrics, "tocsin_requests", "native", "assess", "200") == 2
    assert value(metrics, "tocsin_requests", "native", "assess", "429") == 1
    assert value(metrics, "tocsin_refusals", "native", "rate_limited") == 1
    assert value(metrics, "tocsin_request_seconds_count", "native", "assess") == 3
    assert value(metrics, "tocsin_request_seconds_sum", "native", "assess") == pytest.approx(0.06)
    assert value(metrics, "tocsin_request_seconds_bucket", "native", "0.01", "assess") == 0
    assert value(metrics, "tocsin_request_seconds_bucket", "native", "0.025", "assess") == 3


def test_texts_count_by_what_was_said_of_them(metrics: Metrics, shipped_scorer: Scorer) -> None:
    items = [Item("a", TEXT, language="en"), Item("b", TEXT, language="en"), Item("c", ""), Item("d", TEXT)]
    assessments = shipped_scorer.assess([*items[:3], Item("d", TEXT, language="xx")])

    metrics.scored(items, assessments, 0.004)
    metrics.recalled(assessments[:1])
    metrics.failed(3)

    level = assessments[0].level
    assert value(metrics, "tocsin_items", "en", str(level), "no", "screen") == 2
    assert value(metrics, "tocsin_items", "en", str(level), "yes", "screen") == 1
    assert value(metrics, "tocsin_items", "other", "unjudged", "no", "none") == 1
    assert value(metrics, "tocsin_items", "und", "unjudged", "no", "none") == 1
    assert value(metrics, "tocsin_unscorable_items", "language") == 1
    assert value(metrics, "tocsin_unscorable_items", "empty") == 1
    assert value(metrics, "tocsin_failed_items") == 3
    assert value(metrics, "tocsin_policy_items", "unjudged", "hate") == 2
    assert value(metrics, "tocsin_batch_items_sum") == 4
    assert value(metrics, "tocsin_batch_seconds_sum") == 0.004


def test_scores_count_by_signal_and_tenth_and_null_counts_nowhere(
    metrics: Metrics, shipped_scorer: Scorer
) -> None:
    items = [Item(str(place), f"{TEXT} {place}", language="en") for place in range(40)]
    assessments = shipped_scorer.assess([*items, Item("empty", "")])

    metrics.scored([*items, Item("empty", "")], assessments, 0.1)

    found = metrics.exposition.values()["tocsin_scores"]
    for signal in Signal:
        scores = [one.signals[signal] for one in assessments]
        for tenth in range(10):
            expected = sum(
                score is not None and tenth <= min(score * 10, 9.5) < tenth + 1 for score in scores
            )
            assert found.get((signal.value, f"0.{tenth}"), 0) == expected


def test_a_language_that_the_bundle_does_not_know_makes_no_label(
    metrics: Metrics, shipped_scorer: Scorer
) -> None:
    items = [Item(str(place), TEXT, language=f"q{letter}") for place, letter in enumerate("abcdefgh")]

    metrics.scored(items, shipped_scorer.assess(items), 0.1)

    known = {*shipped_scorer.bundle.manifest.languages, "und", "other"}
    assert {labels[0] for labels in metrics.exposition.values()["tocsin_items"]} <= known


def test_every_metric_and_every_label_is_documented(metrics: Metrics) -> None:
    Comparison(metrics.exposition)
    Gauges(metrics.exposition.registry)
    page = PAGE.read_text(encoding="utf-8")

    for collector in list(metrics.exposition.registry._collector_to_names):
        (family,) = collector.describe()  # type: ignore[attr-defined]
        name = f"{family.name}_total" if family.type == "counter" else family.name
        row = re.search(rf"^\| `{name}` \| {family.type} \| (?P<labels>[^|]*)\|", page, re.MULTILINE)
        assert row, f"{name}, a {family.type}, must have a row in {PAGE.name}"
        documented = re.findall(r"`(\w+)`", row["labels"])
        assert documented == list(collector._labelnames), name  # type: ignore[attr-defined]


def test_no_metric_is_documented_that_is_not_there(toy_cascade_bundle: Path) -> None:
    bundle = read_bundle(toy_cascade_bundle, tier=Tier.CASCADE)
    metrics = Metrics(Scorer(bundle, default_policy()))
    Comparison(metrics.exposition)
    Gauges(metrics.exposition.registry)
    shown = metrics.exposition.exposed()[0].decode()

    for name in re.findall(r"^\| `(\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        assert f"# TYPE {name} " in shown


def test_what_is_shown_is_what_prometheus_reads(metrics: Metrics) -> None:
    metrics.answered(answered())

    body, media = metrics.exposition.exposed()

    assert media == "text/plain; version=0.0.4; charset=utf-8"
    families = {one.name: one for one in text_string_to_metric_families(body.decode())}
    (build,) = families["tocsin_build_info"].samples
    assert build.labels["bundle_digest"].startswith("sha256:")
    assert not any(name.endswith("_created") for name in families)


def test_no_text_id_or_key_becomes_a_label(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer)) as client:
        body = {
            "items": [
                {"id": "zebrafinch", "text": "quokka choir", "language": "marmoset", "community": "axolotl"}
            ]
        }
        assert client.post("/v1/assess?key=numbat", json=body).status_code == 200
        assert client.post("/v1/assess", content=b"wombat").status_code == 400
        shown = client.get("/metrics").text

    assert "tocsin_items_total" in shown
    words = ["zebrafinch", "quokka", "marmoset", "axolotl", "numbat", "wombat", "a-key-for-tests", "tests"]
    assert [word for word in words if word in shown] == []


def test_what_is_in_flight_and_waits_is_shown_as_it_is_when_asked(shipped_scorer: Scorer) -> None:
    began, go = threading.Event(), threading.Event()

    class Slow:
        def assess(self, items: object, *, explain: bool = False) -> list[object]:
            began.set()
            assert go.wait(10)
            raise ScoringError(f"enough, {items}, {explain}")

    with connect(make_app(shipped_scorer, assessor=Slow())) as client:  # type: ignore[arg-type]
        body = {"items": [{"text": f"soup {place}"} for place in range(600)]}
        thread = threading.Thread(target=client.post, args=("/v1/assess",), kwargs={"json": body})
        thread.start()
        assert began.wait(10)
        shown = client.get("/metrics").text
        go.set()
        thread.join(10)
        after = client.get("/metrics").text

    assert "\ntocsin_requests_in_flight 1.0" in shown
    assert "\ntocsin_waiting_items 344.0" in shown  # 600 less one batch
    assert "\ntocsin_requests_in_flight 0.0" in after
    assert "\ntocsin_waiting_items 0.0" in after


@pytest.fixture
def listener(metrics: Metrics) -> Iterator[str]:
    from socket import create_server

    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    end = serve_metrics(port, metrics.exposition)
    yield f"http://127.0.0.1:{port}"
    end()


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


def test_a_port_of_its_own_shows_metrics_without_a_key(listener: str, metrics: Metrics) -> None:
    metrics.answered(answered())

    status, body = fetch(f"{listener}/metrics")

    assert status == 200
    assert b'tocsin_requests_total{face="native",operation="assess",status="200"} 1.0' in body
    assert fetch(f"{listener}/")[0] == 404
    assert fetch(f"{listener}/metrics", Host="rebound.example")[0] == 421
    assert fetch(f"{listener}/metrics", Host="localhost")[0] == 200


WORKER = """
import sys
from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.service.api.answered import Answered
from tocsin.service.watching import Metrics
metrics = Metrics(Scorer(read_bundle(DEFAULT_BUNDLE), default_policy()))
class Two: requests = 2
class Five: waiting_items = 5
metrics.watch(Two(), Five())
for _ in range(3):
    metrics.answered(Answered("native", "assess", "POST", "/v1/assess", 200, 0.02, 1, None, None))
print(metrics.exposition.exposed()[0].decode() if "show" in sys.argv else "", flush=True)
sys.stdin.read()
"""

PARENT = """
import subprocess, sys
from tocsin.service.watching import prepare_parent, serve_metrics, worker_gone
from tocsin.service.watching.exposition import exposed_by_workers
folder = prepare_parent()
def begin(*more):
    command = [sys.executable, "-c", sys.argv[1], *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
first = begin()
first.stdout.readline()
second = begin("show")
shown = b"".join(iter(second.stdout.readline, b"\\n"))
first.communicate()
worker_gone(first.pid)
after = exposed_by_workers()[0]
second.communicate()
import json, shutil
shutil.rmtree(folder)
print(json.dumps([shown.decode(), after.decode()]))
"""


def test_workers_count_for_each_other_and_what_one_counted_outlives_it() -> None:
    import json

    environment = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    told = subprocess.run(
        [sys.executable, "-c", PARENT, WORKER], capture_output=True, text=True, check=True, env=environment
    )

    shown, after = json.loads(told.stdout)
    for page in (shown, after):
        assert 'tocsin_requests_total{face="native",operation="assess",status="200"} 6.0' in page
        assert 'tocsin_request_seconds_count{face="native",operation="assess"} 6.0' in page
        assert page.count("\ntocsin_build_info{") == 1
    assert "\ntocsin_requests_in_flight 4.0" in shown
    assert "\ntocsin_waiting_items 10.0" in shown
    assert "\ntocsin_requests_in_flight 2.0" in after, "a worker that is gone answers nothing"
    assert "\ntocsin_waiting_items 5.0" in after
