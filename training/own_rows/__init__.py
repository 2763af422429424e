"""A user's own labelled rows: CSV, JSON Lines or Parquet in, `Example` out."""

from tocsin.training.own_rows.reader import read_own, read_own_files
from tocsin.training.own_rows.source import corpus_name

__all__ = ["corpus_name", "read_own", "read_own_files"]
