"""A statement of reasons as the DSA Transparency Database takes it, checked before anybody sends it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from tocsin.errors import InputError
from tocsin.service.review.compliance.personal import looks_personal
from tocsin.service.review.compliance.terms import (
    ACCOUNT_TYPES,
    ADDRESS,
    AUTOMATED,
    CATEGORIES,
    CONTENT_TYPES,
    COUNTRIES,
    DECISIONS,
    HOMES,
    KEYWORDS,
    LANGUAGES,
    SOURCES,
)

__all__ = ["FREE_TEXTS", "Statement", "check_statement"]

FREE_TEXTS: Final = (
    "decision_facts",
    "decision_visibility_other",
    "decision_monetary_other",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "content_type_other",
    "category_specification_other",
    "source_identity",
)
"""Fields that hold words of the platform's own: where personal data could stand."""

_RESTRICTED: Final = {
    "visibility": "end_date_visibility_restriction",
    "monetary": "end_date_monetary_restriction",
    "provision": "end_date_service_restriction",
    "account": "end_date_account_restriction",
}
_YEARS: Final = range(2000, 2040)


def _one_of(*words: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError("is not a value of this field")
        return word

    return AfterValidator(check)


def _distinct(words: list[str]) -> list[str]:
    if len(set(words)) < len(words):
        raise ValueError("must hold each value once")
    return words


def _day(text: str) -> str:
    try:
        known = date.fromisoformat(text)
    except ValueError:
        known = None
    if known is None or known.isoformat() != text or known.year not in _YEARS:  # weeks have ten signs too
        raise ValueError(f"must be YYYY-MM-DD in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return text


def _impersonal(text: str) -> str:
    found = looks_personal(text)
    if found:
        raise ValueError(f"must hold no personal data, holds what looks like {found}")
    return text


def _decided(field: str) -> AfterValidator:
    return _one_of(*(value for kind, value in DECISIONS.values() if kind == field))


def _listed(*words: str) -> Any:
    return Annotated[list[Annotated[str, _one_of(*words)]], Field(min_length=1), AfterValidator(_distinct)]


Day = Annotated[str, AfterValidator(_day)]
Short = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_impersonal)]
Explanation = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(_impersonal)]
YesNo = Literal["Yes", "No"]


class Statement(BaseModel):
    """One statement of reasons (Regulation (EU) 2022/2065, Articles 17 and 24(5))."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    decision_visibility: (
        Annotated[
            list[Annotated[str, _decided("visibility")]], Field(min_length=1), AfterValidator(_distinct)
        ]
        | None
    ) = None
    decision_visibility_other: Short | None = None
    decision_monetary: Annotated[str, _decided("monetary")] | None = None
    decision_monetary_other: Short | None = None
    decision_provision: Annotated[str, _decided("provision")] | None = None
    decision_account: Annotated[str, _decided("account")] | None = None
    account_type: Annotated[str, _one_of(*ACCOUNT_TYPES)] | None = None
    decision_ground: Literal["DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"]
    decision_ground_reference_url: Annotated[str, Field(max_length=500, pattern=ADDRESS)] | None = None
    illegal_content_legal_ground: Short | None = None
    illegal_content_explanation: Explanation | None = None
    incompatible_content_ground: Short | None = None
    incompatible_content_explanation: Explanation | None = None
    incompatible_content_illegal: YesNo | None = None
    category: Annotated[str, _one_of(*CATEGORIES)]
    category_addition: _listed(*CATEGORIES) | None = None  # type: ignore[valid-type]
    category_specification: _listed(*KEYWORDS) | None = None  # type: ignore[valid-type]
    category_specification_other: Short | None = None
    content_type: _listed(*CONTENT_TYPES)  # type: ignore[valid-type]
    content_type_other: Short | None = None
    content_language: Annotated[str, _one_of(*sorted(LANGUAGES))] | None = None
    content_date: Day
    territorial_scope: _listed(*COUNTRIES)  # type: ignore[valid-type]
    application_date: Day
    end_date_visibility_restriction: Day | None = None
    end_date_monetary_restriction: Day | None = None
    end_date_service_restriction: Day | None = None
    end_date_account_restriction: Day | None = None
    decision_facts: Annotated[str, Field(min_length=1, max_length=5_000), AfterValidator(_impersonal)]
    source_type: Annotated[str, _one_of(*dict.fromkeys(SOURCES.values()))]
    source_identity: Annotated[str, Field(max_length=500), AfterValidator(_impersonal)] | None = None
    automated_detection: YesNo
    automated_decision: Annotated[str, _one_of(*AUTOMATED.values())]
    puid: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,500}$")]

    @model_validator(mode="after")
    def _restricts(self) -> Statement:
        known = [field for field in _RESTRICTED if getattr(self, f"decision_{field}") is not None]
        if not known:
            raise ValueError(
                "decision_visibility: one of decision_visibility, decision_monetary, decision_provision and"
                " decision_account must be there: without a measure there is no statement"
            )
        for field, end in _RESTRICTED.items():
            ends = getattr(self, end)
            if ends is not None and field not in known:
                raise ValueError(f"{end}: must stand with decision_{field}, which is not there")
            if ends is not None and ends < self.application_date:
                raise ValueError(f"{end}: must not come before application_date ({self.application_date})")
        if self.application_date < self.content_date:
            raise ValueError("application_date: must not come before content_date")
        return self

    @model_validator(mode="after")
    def _explains(self) -> Statement:
        illegal = self.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT"
        wanted, other = ("illegal_content", "incompatible_content")[:: 1 if illegal else -1]
        grounds = {"illegal_content": "legal_ground", "incompatible_content": "ground"}
        for part in (grounds[wanted], "explanation"):
            if getattr(self, f"{wanted}_{part}") is None:
                raise ValueError(f"{wanted}_{part}: must be there with {self.decision_ground}, is missing")
        for name in (f"{other}_{grounds[other]}", f"{other}_explanation"):
            if getattr(self, name) is not None:
                raise ValueError(f"{name}: must not stand with {self.decision_ground}")
        if illegal and self.incompatible_content_illegal is not None:
            raise ValueError(f"incompatible_content_illegal: must not stand with {self.decision_ground}")
        return self

    @model_validator(mode="after")
    def _says_what_is_other(self) -> Statement:
        visible = self.decision_visibility or []
        for name, is_other in (
            ("decision_visibility_other", "DECISION_VISIBILITY_OTHER" in visible),
            ("decision_monetary_other", self.decision_monetary == "DECISION_MONETARY_OTHER"),
            ("content_type_other", "CONTENT_TYPE_OTHER" in self.content_type),
        ):
            if (getattr(self, name) is not None) != is_other:
                raise ValueError(f"{name}: must stand where that field says OTHER, and only there")
        if self.source_type == "SOURCE_VOLUNTARY" and self.source_identity is not None:
            raise ValueError("source_identity: must not stand with SOURCE_VOLUNTARY")
        return self

    @model_validator(mode="after")
    def _stands_under(self) -> Statement:
        named = {self.category, *(self.category_addition or [])}
        for keyword in self.category_specification or []:
            home = HOMES.get(keyword)
            if home is not None and home not in named:
                raise ValueError(f"category_specification: {keyword} must stand under {home}")
        return self


def check_statement(given: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a statement; raise InputError, which names the field and its rule.

    Values are not shown: what is wrong with one may be that it names a person.
    """
    try:
        return Statement.model_validate(given).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(": ".join(part for part in (place, message) if part)) from None
