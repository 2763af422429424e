"""Records: who reviews, who saw what, what the platform did, what is held and what is erased."""

from tocsin.service.review.records.complaints import Complaint, complaints_about
from tocsin.service.review.records.counting import QueueCount, count_queues
from tocsin.service.review.records.erasing import Erasure, erase
from tocsin.service.review.records.legal_holds import hold, release_hold
from tocsin.service.review.records.measuring import (
    Automation,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    list_measures,
    record,
)
from tocsin.service.review.records.paging import (
    Cause,
    Page,
    acknowledge,
    count_unanswered,
    list_pages,
    list_unanswered,
    page_again,
    raise_page,
)
from tocsin.service.review.records.revealing import Revealed, hide, reveal, revealed
from tocsin.service.review.records.reviewers import (
    Reviewer,
    add_reviewer,
    change_reviewer,
    list_reviewers,
    reviewer_of_key,
)
from tocsin.service.review.records.viewing import Extent, View, view

__all__ = [
    "Automation",
    "Cause",
    "Complaint",
    "Erasure",
    "Extent",
    "Ground",
    "Measure",
    "MeasureKind",
    "MeasureSource",
    "Page",
    "QueueCount",
    "Revealed",
    "Reviewer",
    "View",
    "acknowledge",
    "add_reviewer",
    "change_reviewer",
    "complaints_about",
    "count_queues",
    "count_unanswered",
    "erase",
    "hide",
    "hold",
    "list_measures",
    "list_pages",
    "list_reviewers",
    "list_unanswered",
    "page_again",
    "raise_page",
    "record",
    "release_hold",
    "reveal",
    "revealed",
    "reviewer_of_key",
    "view",
]
