"""A measure becomes a statement of reasons: from what the queue knows, and the platform wrote beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tocsin.errors import InputError
from tocsin.service.review.compliance.measured import Measured
from tocsin.service.review.compliance.personal import quotes
from tocsin.service.review.compliance.tables import GroundTable, PolicyTable, StatementsTable
from tocsin.service.review.compliance.terms import AUTOMATED, COUNTRIES, DECISIONS, LANGUAGES, SOURCES
from tocsin.service.review.compliance.wire import FREE_TEXTS, check_statement
from tocsin.service.review.log import LogKey
from tocsin.service.review.records.measuring import Ground, MeasureKind, MeasureSource

__all__ = ["LeftOut", "build_statement", "puid_of"]

_ENDS: Final = {
    "visibility": "end_date_visibility_restriction",
    "monetary": "end_date_monetary_restriction",
    "provision": "end_date_service_restriction",
    "account": "end_date_account_restriction",
}
_PUID_LETTERS: Final = 40
_UNCLEAR: Final = frozenset(
    ("EL", "EU")
)  # Eurostat's for Greece, and no country: left out, they would be lost


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Say why a measure gets no statement, and should not."""

    why: str


def puid_of(key: LogKey, measure: Measured) -> str:
    """Return what names a measure's statement, the same whenever it is made; nothing can be told from it.

    It hangs on the moment at which the measure was recorded too: a database restored from a backup counts its
    numbers anew, and another measure must not take one's name.
    """
    what = f"{measure.number} {measure.item} {measure.kind.value} {measure.recorded_at.isoformat()}"
    return f"tocsin-{key.mark('statement of reasons', what).hex()[:_PUID_LETTERS]}"


def build_statement(table: StatementsTable, measure: Measured, puid: str) -> dict[str, Any] | LeftOut:
    """Return the payload of a measure's statement, or why there is to be none.

    Raises InputError, which names the field and the rule, where one should be and cannot.
    """
    if measure.kind is MeasureKind.RESTORED:
        return LeftOut("a measure was taken back: that restricts nothing")
    if measure.source is MeasureSource.ORDER and table.orders == "leave_out":
        return LeftOut("an order: statements.orders leaves them out")
    scope = _scope(table, measure)
    if not scope:
        return LeftOut("it restricts nothing within the European Economic Area")
    policy, ground = _policy(table, measure), _ground(table, measure)
    made = check_statement(
        {
            **_decision(table, measure),
            **_grounds(measure, ground, policy),
            **_categories(policy),
            "account_type": table.account_type,
            "content_type": list(table.content_type),
            "content_type_other": table.content_type_other,
            "content_language": _language(measure),
            "content_date": _content_date(measure),
            "application_date": _day(measure.applied_at),
            "territorial_scope": scope,
            "decision_facts": policy.facts_by_source.get(measure.source, policy.facts),
            "source_type": SOURCES[measure.source],
            "automated_detection": _detection(table, measure),
            "automated_decision": AUTOMATED[measure.automation],
            "puid": puid,
        }
    )
    _check_unquoting(made, measure)
    return made


def _scope(table: StatementsTable, measure: Measured) -> list[str]:
    if not measure.territory:
        return list(table.territorial_scope)
    unclear = sorted(_UNCLEAR & set(measure.territory))
    if unclear:
        raise InputError(
            "territorial_scope: a measure's territory must name countries by ISO 3166, Greece GR and those of"
            f" the Union one by one, that of measure {measure.number} has {', '.join(unclear)}"
        )
    return [one for one in dict.fromkeys(measure.territory) if one in COUNTRIES]


def _policy(table: StatementsTable, measure: Measured) -> PolicyTable:
    if measure.policy is None:
        if table.without_policy is None:
            raise InputError(
                "category: a measure must rest on a decision that confirms a policy, or the compliance file"
                " must have statements.without_policy"
            )
        return table.without_policy
    if measure.policy not in table.policies:
        raise InputError(
            f"category: the compliance file must have statements.policies.{measure.policy}, has not"
        )
    return table.policies[measure.policy]


def _ground(table: StatementsTable, measure: Measured) -> GroundTable:
    found = table.ground_of(measure.ground, measure.ground_text)
    if found is None:
        raise InputError(
            "decision_ground: a measure's ground and ground_text must be among statements.grounds of the"
            f" compliance file, those of measure {measure.number} ({measure.ground.value}) are not"
        )
    return found


def _decision(table: StatementsTable, measure: Measured) -> dict[str, Any]:
    field, value = DECISIONS[measure.kind]
    made: dict[str, Any] = {f"decision_{field}": [value] if field == "visibility" else value}
    if measure.kind.value.endswith("_other"):
        name = "visibility_other" if field == "visibility" else "monetary_other"
        if measure.other not in getattr(table, name):
            raise InputError(
                f"decision_{name}: what a measure says is other must be among statements.{name} of the"
                f" compliance file, that of measure {measure.number} is not"
            )
        made[f"decision_{name}"] = measure.other
    if measure.ends_at is not None:
        made[_ENDS[field]] = _day(measure.ends_at)
    return made


def _grounds(measure: Measured, ground: GroundTable, policy: PolicyTable) -> dict[str, Any]:
    said = ground.wording or ground.text
    if measure.ground is Ground.ILLEGAL:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": said,
            "illegal_content_explanation": policy.illegal_explanation,
            "decision_ground_reference_url": ground.url,
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": said,
        "incompatible_content_explanation": policy.incompatible_explanation,
        "incompatible_content_illegal": ground.also_illegal,
        "decision_ground_reference_url": ground.url,
    }


def _categories(policy: PolicyTable) -> dict[str, Any]:
    return {
        "category": policy.category,
        "category_addition": list(policy.category_addition) or None,
        "category_specification": list(policy.keywords) or None,
        "category_specification_other": policy.keyword_other,
    }


def _detection(table: StatementsTable, measure: Measured) -> str:
    if measure.detected is not None:
        return "Yes" if measure.detected else "No"
    if table.detection_without_decision is None:
        raise InputError(
            "automated_detection: a measure must be on an item that a queue knew, or the compliance file must"
            " have statements.detection_without_decision"
        )
    return table.detection_without_decision


def _language(measure: Measured) -> str | None:
    """Return the language that an item was judged in, None where it has no code of two letters."""
    code = (measure.language or "").upper()
    return code if code in LANGUAGES else None


def _content_date(measure: Measured) -> str:
    """Return when it was posted: as told, else at the latest when it came, or was acted on."""
    return _day(measure.posted_at or min(measure.received_at, measure.applied_at))


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _check_unquoting(made: dict[str, Any], measure: Measured) -> None:
    for field in FREE_TEXTS:
        if field in made and (found := quotes(made[field], measure.texts, measure.names)):
            raise InputError(f"{field}: must not repeat what names a post, repeats {found}")
