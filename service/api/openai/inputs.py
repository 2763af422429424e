"""What a moderation request asks to have judged: one text, several, or the parts of one."""

from __future__ import annotations

from typing import Any, Final

from tocsin.service.api.openai.faults import InputRefusal

__all__ = ["read_inputs"]

_FIELDS: Final = ("input", "model")
_PART_FIELDS: Final = {"type", "text"}
_SHAPE: Final = (
    'input must be a string, an array of strings or an array of parts {"type": "text", "text": …}, not mixed'
)


def read_inputs(body: Any, most: int) -> list[str]:
    """Return the texts of a request's body, at most `most`; raise InputRefusal for any other body.

    A text in parts is one text: its parts, a line each.
    """
    if not isinstance(body, dict):
        raise InputRefusal('the body must be an object with "input"', None)
    for name in body:
        if name not in _FIELDS:
            raise InputRefusal(
                f"Unrecognized request argument supplied: {name[:64]}", name[:64], "unknown_parameter"
            )
    if "input" not in body:
        raise InputRefusal("Missing required parameter: 'input'.", "input", "missing_required_parameter")
    if not isinstance(body.get("model", ""), str):
        raise InputRefusal("model must be a string", "model", "invalid_type")
    return _texts(body["input"], most)


def _texts(given: Any, most: int) -> list[str]:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise InputRefusal(_SHAPE, "input", "invalid_type")
    if not 1 <= len(given) <= most:
        raise InputRefusal(
            f"an array as input must hold 1 to {most:,} elements, was {len(given):,}",
            "input",
            "invalid_value",
        )
    if all(isinstance(one, str) for one in given):
        return given
    if not all(isinstance(one, dict) for one in given):
        raise InputRefusal(_SHAPE, "input", "invalid_type")
    return ["\n".join([_part(one, f"input[{place}]") for place, one in enumerate(given)])]


def _part(part: dict[str, Any], param: str) -> str:
    if part.get("type") == "image_url":
        raise InputRefusal(
            f'{param}.type must be "text", was "image_url": images cannot be scored here',
            f"{param}.type",
            "unsupported_value",
        )
    if part.get("type") != "text":
        raise InputRefusal(f'{param}.type must be "text"', f"{param}.type", "invalid_value")
    text = part.get("text")
    if not isinstance(text, str):
        raise InputRefusal(f"{param}.text must be a string", f"{param}.text", "invalid_type")
    for name in part:
        if name not in _PART_FIELDS:
            raise InputRefusal(
                f"Unrecognized request argument supplied: {param}.{name[:64]}",
                f"{param}.{name[:64]}",
                "unknown_parameter",
            )
    return text
