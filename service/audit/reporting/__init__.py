"""The report of an audit: how much, where, how sure; for people on a page, for machines in a file."""

from tocsin.service.audit.reporting.records import ReportRecord, write_report_record
from tocsin.service.audit.reporting.reporting import report_of

__all__ = ["ReportRecord", "report_of", "write_report_record"]
