"""Texts that come again: copies, exact and near, and lists of texts that are known."""

from tocsin.service.audit.known.records import KnownRecord, read_known

__all__ = ["KnownRecord", "read_known"]
