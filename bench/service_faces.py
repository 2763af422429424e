"""What is asked: each face's request for texts, and the naive peer's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service_texts import NEW_WORD

__all__ = ["FACES", "NAIVE", "Face", "bodies"]


@dataclass(frozen=True)
class Face:
    """Say where a request goes, how many texts it holds, and its body for them."""

    title: str
    path: str
    body: Callable[[Sequence[str]], Any]
    texts: int = 1


def _native(texts: Sequence[str]) -> Any:
    return {"items": [{"text": text} for text in texts]}


def _perspective(texts: Sequence[str]) -> Any:
    return {"comment": {"text": texts[0]}, "requestedAttributes": {"THREAT": {}, "IDENTITY_ATTACK": {}}}


def _moderations(texts: Sequence[str]) -> Any:
    return {"model": "tocsin", "input": texts[0]}


def _predict(texts: Sequence[str]) -> Any:
    return {"inputs": texts[0]}


def _post(texts: Sequence[str]) -> Any:
    return {"text": texts[0]}


FACES: Final[Mapping[str, Face]] = {
    "native": Face("native, 1 text a request", "/v1/assess", _native),
    "native32": Face("native, 32 texts a request", "/v1/assess", _native, 32),
    "perspective": Face("Perspective, 2 attributes", "/v1alpha1/comments:analyze", _perspective),
    "openai": Face("OpenAI moderations", "/v1/moderations", _moderations),
    "tei": Face("TEI", "/predict", _predict),
}
NAIVE: Final[Mapping[str, Face]] = {
    "def": Face("naive, def", "/assess-in-a-thread", _post),
    "async": Face("naive, async def", "/assess-in-the-loop", _post),
}


def bodies(face: Face, posts: Sequence[str]) -> list[str]:
    """Return requests over all `posts` in turn, each text with the place of a new word at its end."""
    marked = [f"{post} {NEW_WORD}" for post in posts]
    count = max(1, len(marked) // face.texts)
    return [json.dumps(face.body(marked[at * face.texts : (at + 1) * face.texts])) for at in range(count)]
