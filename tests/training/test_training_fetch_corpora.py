"""What is registered of the corpora's files, and whether the real ones agree; ids and counts only."""

import re
from pathlib import Path

import httpx2
import pytest

from tocsin.training.corpora import CORPORA
from tocsin.training.fetching import Folder, State, Wanted, check_files, fetch
from tocsin.training.fetching.address import objection
from tocsin.training.fetching.place import Place

FILES = [Wanted(corpus, file) for corpus in CORPORA.values() for file in corpus.files]


@pytest.mark.parametrize("wanted", FILES, ids=str)
def test_a_file_is_registered_so_that_it_can_be_fetched_and_checked(wanted: Wanted) -> None:
    assert wanted.file.size > 0
    assert re.fullmatch("[0-9a-f]{64}", wanted.file.sha256)
    assert Place(Path("data"), wanted.corpus.name, wanted.file.name)
    assert wanted.corpus.licence
    assert wanted.corpus.origin


@pytest.mark.parametrize("wanted", [wanted for wanted in FILES if wanted.file.url], ids=str)
def test_a_file_comes_by_https_from_an_address_without_secrets(wanted: Wanted) -> None:
    url = httpx2.URL(wanted.file.url or "")

    assert url.scheme == "https"
    assert objection(url) is None
    assert (url.userinfo, url.query, url.fragment) == (b"", b"", "")


def test_no_two_files_of_a_corpus_meet_in_one_place() -> None:
    names = [str(wanted).lower() for wanted in FILES]
    parts = {f"{name}.part" for name in names}

    assert len(set(names)) == len(names)
    assert not parts & set(names)


@pytest.mark.corpora
def test_every_real_file_has_its_registered_size_and_checksum(corpora_folder: Path) -> None:
    differing = [
        (str(wanted), finding.reason)
        for wanted, finding in check_files(CORPORA.values(), corpora_folder)
        if not finding.ok
    ]

    assert differing == []


@pytest.mark.corpora
def test_every_real_file_can_be_copied_to_another_data_folder(corpora_folder: Path, tmp_path: Path) -> None:
    outcomes = list(fetch(CORPORA.values(), tmp_path, Folder(corpora_folder)))

    assert {str(outcome.wanted): outcome.state for outcome in outcomes} == {
        str(wanted): State.COPIED for wanted in FILES
    }
    assert all(finding.ok for _, finding in check_files(CORPORA.values(), tmp_path))
