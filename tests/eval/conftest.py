"""What tests of suites measure: the toy bundle on its own test rows, and the one that ships on the real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.eval.subject import Subject
from tocsin.example import Split
from tocsin.example_file import read_examples
from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.training.build import Build


@pytest.fixture(scope="session")
def toy_subject(toy_bundle: Path) -> Subject:
    """Return the toy bundle and the rows that test it."""
    return subject(toy_bundle, toy_bundle.parent / "work" / "test.jsonl")


@pytest.fixture(scope="session")
def shipped_subject(real_build: Build) -> Subject:
    """Return the bundle that ships and all rows that test it."""
    scorer = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy())
    training = json.loads((DEFAULT_BUNDLE / "training.json").read_text(encoding="utf-8"))
    return Subject(scorer, real_build.splits.rows[Split.TEST], training)


def subject(bundle: Path, rows: Path) -> Subject:
    """Return a bundle and the rows of a file."""
    training = json.loads((bundle / "training.json").read_text(encoding="utf-8"))
    return Subject(Scorer(read_bundle(bundle), default_policy()), read_examples(rows), training)
