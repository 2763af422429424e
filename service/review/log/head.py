"""The log's head: what pins all that was logged so far, once somebody else keeps it."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from tocsin.errors import InputError
from tocsin.service.review.errors import StoreVersionError
from tocsin.service.review.log.entry import canonical
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.store.tables import log_head

__all__ = ["Head", "read_head"]


def _as_time(written: str) -> str:
    if datetime.fromisoformat(written).tzinfo is None:
        raise ValueError("must say its zone")
    return written


class _Exported(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    seq: int = Field(strict=True, ge=0)
    mac: str = Field(pattern=r"^[0-9a-f]{64}$")
    at: Annotated[str, AfterValidator(_as_time)]
    signature: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Head:
    """Hold the number and the seal of the latest row; 0 and the seal of nothing where there is none."""

    seq: int
    mac: bytes

    def to_dict(self) -> dict[str, Any]:
        """Return the head as JSON has it."""
        return {"seq": self.seq, "mac": self.mac.hex()}

    def export(self, key: LogKey, at: datetime) -> str:
        """Return this head as a line of JSON, signed, for somebody else to keep."""
        told = {**self.to_dict(), "at": at.astimezone(UTC).isoformat()}
        return json.dumps({**told, "signature": key.seal_head(canonical(told).encode()).hex()})

    @classmethod
    def parse(cls, text: str, key: LogKey) -> Head:
        """Return an exported head; raise InputError where it is none, or not signed with `key`."""
        try:
            told = json.loads(text)
            exported = _Exported.model_validate(told)
        except (ValueError, RecursionError) as error:
            raise InputError(f"a head must be what 'tocsin review log-head' wrote: {_first(error)}") from None
        signature = told.pop("signature")
        if not hmac.compare_digest(key.seal_head(canonical(told).encode()).hex(), signature):
            raise InputError("a head must be signed with this log's key, was not")
        return cls(exported.seq, bytes.fromhex(exported.mac))


def read_head(tx: Connection) -> Head:
    """Return the log's head as the database has it; what is no number or no seal there fits no row."""
    raw = select(type_coerce(log_head.c.seq, NullType()), type_coerce(log_head.c.mac, NullType()))
    found = tx.execute(raw.where(log_head.c.id == 1)).first()
    if found is None:
        raise StoreVersionError("the log must have begun: run 'tocsin review upgrade'")
    seq, mac = found
    return Head(seq if isinstance(seq, int) else -1, mac if isinstance(mac, bytes) else b"")


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
    return "no JSON"
