"""Which operation a request is for: a table of method and path, then paths with parts that vary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from tocsin.service.api.operation import Operation

__all__ = ["Routes"]


class _Routed(Protocol):
    @property
    def operation(self) -> Operation: ...


Target = TypeVar("Target", bound=_Routed)


class Routes(Generic[Target]):
    """Find what answers a request, and the parts of its path that vary.

    A ``{name}`` stands for one segment that is not empty; a slash within it comes as ``%2F``.
    """

    def __init__(self, targets: Iterable[Target]) -> None:
        self._plain: dict[tuple[str, str], Target] = {}
        self._varying: dict[tuple[str, int], list[tuple[list[str], Target]]] = {}
        for target in targets:
            operation = target.operation
            if "{" not in operation.path:
                self._plain[operation.method, operation.path] = target
                continue
            segments = operation.path.split("/")
            self._varying.setdefault((operation.method, len(segments)), []).append((segments, target))

    def find(self, scope: Mapping[str, Any]) -> tuple[Target, dict[str, str]] | None:
        """Return what answers an ASGI request and its parts, None where nothing does."""
        method, path = scope["method"], scope["path"]
        method = "GET" if method == "HEAD" else method
        # an address that a client joined with one slash too many is still meant
        plain = self._plain.get((method, path)) or self._plain.get((method, path.replace("//", "/")))
        if plain is not None:
            return plain, {}
        segments = _segments(scope)
        for pattern, target in self._varying.get((method, len(segments)), ()):
            parts = _parts(pattern, segments)
            if parts is not None:
                return target, parts
        return None

    def methods(self, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the methods that a request's path is answered with."""
        known = {method for method, _ in (*self._plain, *self._varying)}
        return tuple(sorted(one for one in known if self.find({**scope, "method": one}) is not None))


def _segments(scope: Mapping[str, Any]) -> list[str]:
    raw: bytes | None = scope.get("raw_path")
    return raw.decode("latin-1").split("/") if raw is not None else scope["path"].split("/")


def _parts(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    parts: dict[str, str] = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if wanted.startswith("{"):
            parts[wanted[1:-1]] = _unquoted(given)
        elif wanted != given:
            return None
    return parts if all(parts.values()) else None


def _unquoted(given: str) -> str:
    """Return what a segment spells, nothing where that is no UTF-8 or cannot be printed."""
    try:
        spelled = unquote(given, errors="strict")
    except UnicodeDecodeError:
        return ""
    return spelled if spelled.isprintable() else ""
