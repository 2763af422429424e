"""Requests made up from the server's own description, right ones and wrong ones: none may break it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Err
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.testing import connect, make_app

LEAST_OPERATIONS = 9


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_no_request_breaks_the_server(mode: GenerationMode, client: TestClient) -> None:
    described = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    operations = [found.ok() for found in described.get_all_operations() if not isinstance(found, Err)]
    assert len(operations) >= LEAST_OPERATIONS
    if mode is GenerationMode.NEGATIVE:
        operations = [one for one in operations if len(one.body)]  # without a body nothing can be wrong
    statuses: set[int] = set()

    for operation in operations:

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url="http://testserver", headers=dict(client.headers))
            sent.pop("cookies", None)
            if "data" in sent:
                sent["content"] = sent.pop("data")
            answer = client.request(**sent)
            statuses.add(answer.status_code)
            assert answer.status_code < 500, f"{case.method} {case.path}: {answer.status_code}"

        send()

    assert statuses >= {200, 400, 422}, "neither right nor wrong requests alone would try much"
