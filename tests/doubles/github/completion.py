"""Completes a reply by its schema with the many URLs and flags that GitHub always sends and no test reads."""

from collections.abc import Mapping
from typing import Any

from tests.doubles.github.openapi import COMBINED

FILLER = {"uri": "https://github.invalid/", "date-time": "2026-01-01T00:00:00Z", "email": "nobody@github.invalid"}
EMPTY = {"integer": 0, "number": 0, "boolean": False, "array": []}


def complete(schema: Mapping[str, Any], value: Any) -> Any:
    """The value with its missing required properties added: null if that is allowed, otherwise the emptiest value."""
    if isinstance(value, list):
        choices = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
        items: Mapping[str, Any] = next((choice["items"] for choice in choices if "items" in choice), {})
        return [complete(items, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    known: dict[str, Any] = {}
    required: set[str] = set()
    for part in _parts(schema, value):
        known.update(part.get("properties", {}))
        required.update(part.get("required", ()))
    result = {name: complete(known.get(name, {}), item) for name, item in value.items()}
    return result | {name: _emptiest(known.get(name, {})) for name in sorted(required - result.keys())}


def _parts(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The object schemas that a value must satisfy: the schema, all of `allOf`, and the best match of a choice."""
    parts = [schema]
    for part in schema.get("allOf", ()):
        parts += _parts(part, value)
    for key in ("anyOf", "oneOf"):
        choices = [choice for choice in schema.get(key, ()) if _may_be_object(choice)]
        if choices:
            parts += _parts(max(choices, key=lambda choice: len(choice.get("properties", {}).keys() & value)), value)
    return parts


def _may_be_object(schema: Mapping[str, Any]) -> bool:
    return "object" in schema.get("type", "object") or any(key in schema for key in COMBINED)


def _emptiest(schema: Mapping[str, Any]) -> Any:
    kinds = schema.get("type", "")
    if "null" in kinds or {"type": "null"} in schema.get("anyOf", ()):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if kinds == "string":
        return FILLER.get(schema.get("format", ""), "")
    for key in COMBINED:
        if schema.get(key):
            return _emptiest(schema[key][0]) if "type" in schema[key][0] else complete(schema, {})
    return EMPTY[kinds] if kinds in EMPTY else complete(schema, {})
