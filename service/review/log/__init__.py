"""The log of what people did at the queue: it only grows, and shows where it was tampered with."""

from tocsin.service.review.log.agreement import disagreements
from tocsin.service.review.log.chain import append, genesis
from tocsin.service.review.log.check import check_key
from tocsin.service.review.log.entry import OPERATOR, Action, Actor, Entry, Row
from tocsin.service.review.log.head import Head, read_head
from tocsin.service.review.log.key import LogKey, ensure_log_key, read_log_key
from tocsin.service.review.log.verify import Finding, Verified, verify, verify_latest

__all__ = [
    "OPERATOR",
    "Action",
    "Actor",
    "Entry",
    "Finding",
    "Head",
    "LogKey",
    "Row",
    "Verified",
    "append",
    "check_key",
    "disagreements",
    "ensure_log_key",
    "genesis",
    "read_head",
    "read_log_key",
    "verify",
    "verify_latest",
]
