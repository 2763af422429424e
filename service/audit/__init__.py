"""Audits of millions of stored posts: scored once, resumable, then sampled, estimated and reported."""

from tocsin.service.audit.columns import CellKind, ColumnRecord, SchemaRecord
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Counts, InputRecord, Manifest, SettingsRecord

__all__ = [
    "AuditLayout",
    "CellKind",
    "ColumnRecord",
    "Counts",
    "InputRecord",
    "Manifest",
    "SchemaRecord",
    "SettingsRecord",
]
