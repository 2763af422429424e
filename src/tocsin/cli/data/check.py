"""`tocsin data check`: whether the files of corpora are the registered ones, byte for byte."""

from __future__ import annotations

from tocsin.cli.data.file_table import FileRow, print_files, require_all
from tocsin.cli.data.options import CorpusOption, DataOption, JsonOption, data_folder
from tocsin.cli.extras import needs

__all__ = ["check_corpora"]


def check_corpora(data: DataOption = None, corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Compare every file of corpora with its registered size and SHA-256: ok, missing or differs."""
    with needs("train", "checking corpora"):
        from tocsin.training.dataset import choose
        from tocsin.training.fetching import Condition, check_files
    folder = data_folder(data)
    rows = [
        FileRow(wanted.corpus.name, wanted.file.name, finding.condition, finding.size, finding.reason)
        for wanted, finding in check_files(choose(corpus), folder)
    ]
    print_files(rows, folder, as_json=as_json)
    require_all(rows, {Condition.OK}, "every file must be ok")
