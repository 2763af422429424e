"""The documentation page: the OpenAPI document as plain HTML, without a script and from nowhere else."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["page_response"]

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; overflow-wrap: anywhere; }
td { border-bottom: 1px solid #8886; }
code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere; }
section { margin: 1.5rem 0; padding-left: 1rem; border-left: 3px solid #888; }
:root { color-scheme: light dark; }
"""
_DIGEST: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page_response(document: Mapping[str, Any]) -> Response:
    """Return the page for an OpenAPI document, under a policy that lets it load and run nothing."""
    return HTMLResponse(_page(document), headers=_HEADERS)


def _page(document: Mapping[str, Any]) -> str:
    title = escape(document["info"]["title"])
    operations = [
        (path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()
    ]
    faces = list(dict.fromkeys(one["tags"][0] for _, _, one in operations))
    parts = [
        f"<h1>{title} {escape(document['info']['version'])}</h1><p>{escape(document['info']['summary'])}</p>",
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>',
        _keys(document["components"].get("securitySchemes", {})),
    ]
    for face in faces:
        parts.append(f'<h2 id="face-{escape(face)}">{escape(face)}</h2>')
        parts += [_operation(*one) for one in operations if one[2]["tags"][0] == face]
    parts.append("<h2>Bodies</h2>")
    parts += [_schema(name, one) for name, one in document["components"]["schemas"].items()]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


def _keys(schemes: Mapping[str, Any]) -> str:
    if not schemes:
        return "<p>This server asks for no key.</p>"
    rows = [(f"<code>{escape(one['description'])}</code>",) for one in schemes.values()]
    return f"<h2>Keys</h2><p>A key comes in one of these ways:</p>{_table((), rows)}"


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    scopes = sorted(
        {scope for one in operation.get("security", []) for scopes in one.values() for scope in scopes}
    )
    asked = f"Scope: <code>{escape(', '.join(scopes))}</code>." if scopes else "No key."
    bodies = operation.get("requestBody", {}).get("content", {})
    rows = [
        (status, escape(answer["description"]), _content(answer.get("content", {})))
        for status, answer in operation["responses"].items()
    ]
    return (
        f'<section id="{escape(operation["operationId"])}">'
        f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
        f"<p>{escape(operation['summary'])}. {asked}</p>"
        + _paragraph(operation.get("description", ""))
        + _table(("in the query", "type", ""), [_parameter(one) for one in operation.get("parameters", [])])
        + (f"<p>Takes {_content(bodies)}</p>" if bodies else "")
        + _table(("status", "", "body"), rows)
        + "</section>"
    )


def _parameter(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    name = f"<code>{escape(parameter['name'])}</code>"
    return name, _type(parameter["schema"]), escape(parameter.get("description", ""))


def _content(content: Mapping[str, Any]) -> str:
    shown = [
        f"{_type(one.get('schema', {}))} as <code>{escape(media)}</code>" for media, one in content.items()
    ]
    return "; or ".join(shown)


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _type(one),
            "required" if field in required else "",
            escape(one.get("description", "")),
        )
        for field, one in schema.get("properties", {}).items()
    ]
    plain = "" if rows else f"<p>{_type(schema)}</p>"
    heading = f'<section id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
    table = _table(("field", "type", "", ""), rows)
    return f"{heading}{_paragraph(schema.get('description', ''))}{plain}{table}</section>"


def _type(schema: Mapping[str, Any]) -> str:
    """Return a type in a few words, with links to the bodies it names."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    for some in ("anyOf", "oneOf", "allOf"):
        if some in schema:
            return " or ".join(_type(one) for one in schema[some])
    if "enum" in schema or "const" in schema:
        return ", ".join(
            f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")])
        )
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {_type(schema['additionalProperties'])}"
    return escape(str(schema.get("type", "anything")))


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table, nothing where it has no rows; cells are HTML already."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>" if body else ""
