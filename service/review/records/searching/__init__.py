"""Searching tasks by what is known of them; never by their texts, which leave by one door."""

from tocsin.service.review.records.searching.filters import Filters, Judgement, State
from tocsin.service.review.records.searching.hit import Hit
from tocsin.service.review.records.searching.search import PAGE, Hits, search

__all__ = ["PAGE", "Filters", "Hit", "Hits", "Judgement", "State", "search"]
