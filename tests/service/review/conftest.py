"""The databases that a review queue is tested on: SQLite, and PostgreSQL where its server is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tocsin.service.review.contract_testing import FixedClock, desk_over, endpoint, open_desk_at, reviewer
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.testing import Cluster, cluster, missing


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Yield a PostgreSQL server; skip where there can be none, which in CI is a failure."""
    if reason := missing():
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with cluster(fsync=False) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/review.sqlite"
        return
    server: Cluster = request.getfixturevalue("postgres")
    url = server.database()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def ready() -> dict[str, str]:
    """Return what databases with this version's tables are made from: made once, then copied."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    ready: dict[str, str],
) -> Iterator[str]:
    """Yield the address of a database of each kind that has its tables, and nothing in them."""
    if request.param == "sqlite":
        if "sqlite" not in ready:
            ready["sqlite"] = _with_tables(f"sqlite:///{tmp_path_factory.mktemp('ready')}/review.sqlite")
        shutil.copy(ready["sqlite"].removeprefix("sqlite:///"), tmp_path / "review.sqlite")
        yield f"sqlite:///{tmp_path}/review.sqlite"
        return
    server: Cluster = request.getfixturevalue("postgres")
    if "postgresql" not in ready:
        name = _with_tables(server.database()).rpartition("/")[2]
        ready["postgresql"] = f'TEMPLATE "{name}" {_by_file(server)}'
    url = server.database(options=ready["postgresql"])
    yield url
    server.drop(url)


def _by_file(server: Cluster) -> str:
    """Return what makes a server copy files, which costs half of what logging pages does."""
    return "STRATEGY FILE_COPY" if int(server.psql("SHOW server_version_num")[0][0]) >= 150_000 else ""


def _with_tables(url: str) -> str:
    open_desk_at(url).close()
    return url


@pytest.fixture
def clock() -> FixedClock:
    """Return the time of `desk`."""
    return FixedClock()


@pytest.fixture
def make_desk(ready_url: str, clock: FixedClock) -> Iterator[Callable[..., Desk]]:
    """Yield what makes a desk over a database of each kind, with settings or endpoints of its own."""
    with ExitStack() as closing:

        def make(**given: Any) -> Desk:
            desk = desk_over(ready_url, clock=clock, **given)
            closing.callback(desk.close)
            return desk

        yield make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk whose endpoint `platform` hears of everything; it draws no random audit."""
    return make_desk(endpoints=[endpoint()])


@pytest.fixture
def alice(desk: Desk) -> Reviewer:
    """Return a reviewer."""
    return reviewer(desk, "alice")


@pytest.fixture
def bob(desk: Desk) -> Reviewer:
    """Return another reviewer."""
    return reviewer(desk, "bob")


@pytest.fixture
def senior(desk: Desk) -> Reviewer:
    """Return a senior reviewer."""
    return reviewer(desk, "sanna", Role.SENIOR)


@pytest.fixture
def lead(desk: Desk) -> Reviewer:
    """Return a lead."""
    return reviewer(desk, "lena", Role.LEAD)
