from __future__ import annotations

import sys

import pytest

from tocsin.errors import MissingExtraError
from tocsin.service.review.store import Store, parse_url


def test_postgresql_without_its_driver_names_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[postgres\]'"):
        Store(parse_url("postgresql://db.example/tocsin"))
