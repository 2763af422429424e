"""The console's styles and scripts: read once, named by what is in them, so that browsers may keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.responses import Response

from tocsin.service.api.refusal import Refusal, Why

__all__ = ["STATIC", "StaticFiles"]

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KEPT: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media: str
    version: str


class StaticFiles:
    """Answer with files of one folder, and with nothing else."""

    def __init__(self, folder: Path) -> None:
        self._files: Mapping[str, _File] = {
            path.name: _File(content, _TYPES[path.suffix], sha256(content).hexdigest()[:16])
            for path in sorted(folder.iterdir())
            if path.suffix in _TYPES
            for content in (path.read_bytes(),)
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Return what there is."""
        return tuple(self._files)

    def address(self, name: str) -> str:
        """Return where a file is, with its version; raise KeyError where there is none."""
        return f"/review/static/{name}?v={self._files[name].version}"

    def response(self, name: str, version: str | None) -> Response:
        """Return a file; raise Refusal where there is none. Asked for by its version it may be kept."""
        file = self._files.get(name)
        if file is None:
            raise Refusal(Why.NOT_FOUND, "nothing is served at this path")
        return Response(
            file.content,
            media_type=file.media,
            headers={
                "Cache-Control": _KEPT if version == file.version else "no-cache",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )


STATIC: Final = StaticFiles(_FOLDER)
