"""What the framework does not say by itself of the JSON interface: problems, tokens, keys, versions, bodies.

It describes and enforces nothing.
"""

from collections.abc import Iterator
from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFUSED = {
    "description": "What is wrong, in the language of Accept-Language.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The same key with the same body gives the same answer, with another body 409.",
}
VERSION = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "pattern": '^(W/)?"?[0-9]{1,9}"?$'},
    "description": "The version of the case that you saw.",
}
PUBLIC = ("public",)
"""Tags of calls that need no token."""
UPLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "file"],
    "properties": {
        "kind": {"type": "string"},
        "file": {"type": "string", "format": "binary"},
    },
}
BODIES = {
    ("/api/v1/applications/{number}", "patch"): ("application/merge-patch+json", {"type": "object"}),
    ("/api/v1/applications/{number}/documents", "post"): ("multipart/form-data", UPLOAD),
    ("/api/v1/agencies/{agency}/messages", "post"): ("application/json", {"type": "object"}),
}
"""Bodies that their calls read themselves."""
FILES = {"{letter}": "application/pdf", "evidence": "application/zip"}
"""What is answered by a file, by the end of the address."""


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The framework's document with all of that."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, method, operation in _operations(document):
        _say(path, method, operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/"):
                yield path, method, operation


def _say(path: str, method: str, operation: dict[str, Any]) -> None:
    media = FILES.get(path.rpartition("/")[2], "application/json")
    operation["responses"] = {c: _answer(said, media) for c, said in operation["responses"].items() if c < "400"}
    operation["responses"]["default"] = REFUSED
    tags = tuple(operation.get("tags", ()))
    if tags != PUBLIC and not path.startswith("/api/v1/agencies/"):
        operation["security"] = [{"token": []}]
    asked = {"post": [KEY], "patch": [VERSION]}.get(method, [])
    operation["parameters"] = [*operation.get("parameters", ()), *asked]
    if body := BODIES.get((path, method)):
        operation["requestBody"] = {"required": True, "content": {body[0]: {"schema": body[1]}}}


def _answer(said: dict[str, Any], media: str) -> dict[str, Any]:
    """An answer of ours is written as bytes; what they hold is an object, or a file."""
    schema = {"type": "object"} if media.endswith("json") else {}
    return said | ({"content": {media: {"schema": schema}}} if "content" in said else {})
