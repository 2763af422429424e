"""The tables of the compliance file, each key with its rule."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tocsin.errors import TocsinError
from tocsin.service.review.compliance.personal import looks_personal
from tocsin.service.review.compliance.terms import (
    ACCOUNT_TYPES,
    ADDRESS,
    CATEGORIES,
    CONTENT_TYPES,
    COUNTRIES,
    EU,
    HOMES,
    KEYWORDS,
)
from tocsin.service.review.records.measuring import Ground, MeasureSource
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = [
    "DatabaseTable",
    "Document",
    "GroundTable",
    "PolicyTable",
    "PreservationTable",
    "RetentionTable",
    "StatementsTable",
]

_STRICT: Final = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_AREAS: Final = {"EU": list(EU), "EEA": list(COUNTRIES)}
_SHORTEST_MONTHS: Final = 6  # Regulation (EU) 2021/784, Article 6(2)


def _impersonal(text: str) -> str:
    found = looks_personal(text)
    if found:
        raise ValueError(f"must hold no personal data, holds what looks like {found}")
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _known(*words: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}, was {word[:64]!r}")
        return word

    return AfterValidator(check)


def _once(words: list[str]) -> list[str]:
    if len(set(words)) < len(words):
        raise ValueError("must name each once")
    return words


def _area(given: object) -> object:
    return _AREAS.get(given, given) if isinstance(given, str) else given


def _public(address: str) -> str:
    try:
        url = WebhookUrl.parse(address)
    except TocsinError:
        url = None
    if url is None or "?" in address or not re.fullmatch(ADDRESS, address):
        raise ValueError(
            "must be an https address without user, query or fragment, of ASCII letters, digits, % and two"
            " hexadecimal digits, and of - . _ ~ : / ! $ & ' ( ) * + , ; ="
        )
    return address


Short = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_impersonal)]
Explanation = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_impersonal)]
Facts = Annotated[str, Field(min_length=1, max_length=5_000), AfterValidator(_impersonal)]
Category = Annotated[str, _known(*CATEGORIES)]
Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]
YesNo = Literal["Yes", "No"]


class GroundTable(BaseModel):
    """One law or term: `text` is how measures name it, `wording` how statements do."""

    model_config = _STRICT

    ground: Ground
    text: Annotated[str, Field(min_length=1, max_length=500)]
    wording: Short | None = None
    url: Annotated[str, Field(max_length=500), AfterValidator(_public)] | None = None
    also_illegal: YesNo | None = None

    @model_validator(mode="after")
    def _whole(self) -> GroundTable:
        if self.also_illegal is not None and self.ground is Ground.ILLEGAL:
            raise ValueError("also_illegal must stand with what is incompatible with terms alone")
        if self.wording is None:
            _impersonal(self.text)
        return self


class PolicyTable(BaseModel):
    """What statements say where a policy was broken; the words are the platform's, written beforehand."""

    model_config = _STRICT

    category: Category
    category_addition: Annotated[list[Category], AfterValidator(_once)] = []
    keywords: Annotated[list[Annotated[str, _known(*KEYWORDS)]], AfterValidator(_once)] = []
    keyword_other: Short | None = None
    facts: Facts
    facts_by_source: dict[MeasureSource, Facts] = {}
    illegal_explanation: Explanation | None = None
    incompatible_explanation: Explanation | None = None

    @model_validator(mode="after")
    def _agreeing(self) -> PolicyTable:
        named = {self.category, *self.category_addition}
        for keyword in self.keywords:
            home = HOMES.get(keyword)
            if home is not None and home not in named:
                raise ValueError(f"keywords: {keyword} must stand under {home}, stands under {self.category}")
        if (self.keyword_other is not None) != ("KEYWORD_OTHER" in self.keywords):
            raise ValueError("keyword_other must stand with KEYWORD_OTHER, and only there")
        if self.category in self.category_addition:
            raise ValueError("category_addition must not repeat the category")
        if self.illegal_explanation is None and self.incompatible_explanation is None:
            raise ValueError("must have illegal_explanation, incompatible_explanation or both, has neither")
        return self


class StatementsTable(BaseModel):
    """What all statements of reasons have in common, and what each policy's and ground's say."""

    model_config = _STRICT

    territorial_scope: Annotated[
        list[Annotated[str, _known(*COUNTRIES)]],
        Field(min_length=1),
        AfterValidator(_once),
        BeforeValidator(_area),
    ]
    orders: Literal["leave_out", "other_notification"]
    content_type: Annotated[
        list[Annotated[str, _known(*CONTENT_TYPES)]], Field(min_length=1), AfterValidator(_once)
    ] = ["CONTENT_TYPE_TEXT"]
    content_type_other: Short | None = None
    account_type: Annotated[str, _known(*ACCOUNT_TYPES)] | None = None
    detection_without_decision: YesNo | None = None
    visibility_other: list[Short] = []
    monetary_other: list[Short] = []
    since: date | None = None
    grounds: Annotated[list[GroundTable], Field(min_length=1)]
    policies: dict[str, PolicyTable] = {}
    without_policy: PolicyTable | None = None

    @model_validator(mode="after")
    def _agreeing(self) -> StatementsTable:
        if (self.content_type_other is not None) != ("CONTENT_TYPE_OTHER" in self.content_type):
            raise ValueError("content_type_other must stand with CONTENT_TYPE_OTHER, and only there")
        named = [(one.ground, one.text) for one in self.grounds]
        if len(set(named)) < len(named):
            raise ValueError("grounds: must have each ground and text once")
        return self

    def ground_of(self, ground: Ground, text: str) -> GroundTable | None:
        """Return what is known of a law or term that a measure names, None where the file has no such one."""
        return next((one for one in self.grounds if (one.ground, one.text) == (ground, text)), None)


class DatabaseTable(BaseModel):
    """Where statements are sent."""

    model_config = _STRICT

    url: str
    token_file: Annotated[str, Field(min_length=1)]
    allow: list[str] = []
    ca_file: Annotated[str, Field(min_length=1)] | None = None


class PreservationTable(BaseModel):
    """What is preserved, whoever asks for erasure: what an order removed, and what broke these policies."""

    model_config = _STRICT

    months: Annotated[int, Field(strict=True, ge=_SHORTEST_MONTHS, le=120)] = _SHORTEST_MONTHS
    policies: Annotated[list[str], AfterValidator(_once)] = []


class RetentionTable(BaseModel):
    """How many days things are kept; without a number, for good."""

    model_config = _STRICT

    hourly: Annotated[bool, Field(strict=True)] = False
    confirmed_days: Days | None = None
    dismissed_days: Days | None = None
    passed_days: Days | None = None
    complaint_days: Days | None = None
    statement_days: Days | None = None


class Document(BaseModel):
    """The whole file."""

    model_config = _STRICT

    statements: StatementsTable | None = None
    database: DatabaseTable | None = None
    preservation: PreservationTable | None = None
    retention: RetentionTable | None = None

    @model_validator(mode="after")
    def _meant(self) -> Document:
        if self.database is not None and self.statements is None:
            raise ValueError("database: must stand with statements, which are what is sent")
        return self
