"""Inputs read, scored and written as one stream."""

from tocsin.service.scan.assessor import Assessor
from tocsin.service.scan.carried import Carried, Cell, CellKind
from tocsin.service.scan.columns import Columns
from tocsin.service.scan.console import table_console
from tocsin.service.scan.display import mask, reveal
from tocsin.service.scan.format import Format
from tocsin.service.scan.input import STDIN, Input, inputs_from
from tocsin.service.scan.judge import judge_rows
from tocsin.service.scan.limits import DEFAULT_EXPANSION, DEFAULT_RECORD_BYTES, Limits
from tocsin.service.scan.outcome import Judged, Outcome
from tocsin.service.scan.outfile import open_outfile
from tocsin.service.scan.overwrite import find_overwritten
from tocsin.service.scan.placed import Placed
from tocsin.service.scan.progress import show_progress
from tocsin.service.scan.read_jsonl import read_objects
from tocsin.service.scan.reader import read_rows
from tocsin.service.scan.rejections import Rejections, open_rejects
from tocsin.service.scan.row import Row
from tocsin.service.scan.sink import Sink
from tocsin.service.scan.tally import Tally
from tocsin.service.scan.write_csv import CsvSink
from tocsin.service.scan.write_jsonl import JsonLinesSink
from tocsin.service.scan.write_parquet import ParquetSink
from tocsin.service.scan.write_table import TableSink

__all__ = [
    "DEFAULT_EXPANSION",
    "DEFAULT_RECORD_BYTES",
    "STDIN",
    "Assessor",
    "Carried",
    "Cell",
    "CellKind",
    "Columns",
    "CsvSink",
    "Format",
    "Input",
    "JsonLinesSink",
    "Judged",
    "Limits",
    "Outcome",
    "ParquetSink",
    "Placed",
    "Rejections",
    "Row",
    "Sink",
    "TableSink",
    "Tally",
    "find_overwritten",
    "inputs_from",
    "judge_rows",
    "mask",
    "open_outfile",
    "open_rejects",
    "read_objects",
    "read_rows",
    "reveal",
    "show_progress",
    "table_console",
]
