"""Reads a document by a JSON Schema: returns plain values, or one readable finding for each mistake.

This is a small interpreter of the keywords that our schemas use, not a general validator. Only the schema knows
whether `3.10` is meant as text. A finding needs the schema's titles and examples, and the value's position. And
importing a general validator takes longer than all of this. Tests compare its verdicts with those of `jsonschema`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from wavegate.files.document import Document, MappingEntry, Node, PathSegment
from wavegate.files.schema_checks import (
    Schema,
    broken_limit,
    is_type,
    is_written_number,
    looks_like_number,
    text_problem,
)
from wavegate.files.schema_words import choices, describe, expected_words, how_to_write, label
from wavegate.findings.finding import Finding
from wavegate.findings.suggestions import closest
from wavegate.text import clip

_INSTALLED = Path(__file__).parents[1] / "schemas"
_CHECKOUT = Path(__file__).parents[3] / "schemas"

_TYPES: Mapping[type, str] = {str: "string", dict: "object", list: "array", bool: "boolean"}
"""The JSON Schema type of a Python type's values; that of a number depends on the schema."""
_MAX_SUGGESTIONS = 100
"""Findings per file that get a suggestion. A hostile file could otherwise require one for every byte."""


def schema_text(name: str) -> str:
    """The text of `schemas/<name>.schema.json`, from the installed package or the checkout."""
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return (folder / f"{name}.schema.json").read_text("utf-8")


def read_by_schema(document: Document, name: str) -> Any:
    """The document's values; None after adding one finding for each mistake.

    The result has only the types and keys that the named schema allows: numbers where it expects numbers, and the
    text as written where it expects text.
    """
    if document.root is None:
        return None
    value = _SchemaReader(document).value(document.root, _load(name), ())
    if not document.findings:
        return value
    # an alias repeats the mistakes of the value it stands for
    first: dict[object, Finding] = {}
    for finding in document.findings:
        first.setdefault((finding.rule, finding.location, finding.fix), finding)
    document.findings = list(first.values())
    return None


@cache
def _load(name: str) -> Schema:
    schema = json.loads(schema_text(name))
    expanded: Schema = _expand(schema, schema.get("$defs", {}))
    return expanded


def _expand(schema: Any, definitions: Mapping[str, Schema]) -> Any:
    """The schema with every `$ref` resolved, and the keys beside it merged in. No reference is recursive.

    The title of the target is kept, because it names the kind of value. Both descriptions are kept.
    """
    if isinstance(schema, list):
        return [_expand(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    beside = {key: _expand(each, definitions) for key, each in schema.items() if key not in ("$ref", "$defs")}
    if "$ref" not in schema:
        return beside
    target = _expand(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    merged = {**target, **beside, "title": target["title"]}
    merged["description"] = f"{beside.get('description', '')} {target.get('description', '')}".strip()
    if "properties" in beside:
        merged["properties"] = {
            key: {**each, **beside["properties"].get(key, {})} for key, each in target["properties"].items()
        }
    return merged


class _SchemaReader:
    """Walks the nodes and the schema together. A value with a mistake becomes None and is not checked again."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def value(self, node: Node, schema: Schema, path: tuple[PathSegment, ...]) -> Any:
        # this runs once for each value of each file: most have the one type that the schema requires
        usual = schema.get("type") == _TYPES.get(type(node.value), "")
        branch = schema if usual else self.branch(node, schema)
        if branch is None:
            self.wrong_type(node, schema, path)
            return None
        value = node.value
        if branch["type"] == "string":
            return self.text(node, branch, path)
        if isinstance(value, dict):
            return self.mapping(node, value, branch, path)
        if isinstance(value, list):
            return self.sequence(node, value, branch, path)
        if isinstance(value, (int, float)) and branch["type"] != "boolean":
            return self.number(node, value, branch, path)
        return value

    def branch(self, node: Node, schema: Schema) -> Schema | None:
        """The alternative that matches the value's type; None if none does."""
        branches: Sequence[Schema] = schema.get("anyOf", (schema,))
        for branch in branches:
            if is_type(node, branch["type"]):
                return branch
        return next((each for each in branches if each["type"] == "string" and is_written_number(node)), None)

    def mapping(
        self, node: Node, entries: Mapping[str, MappingEntry], schema: Schema, path: tuple[PathSegment, ...]
    ) -> dict[str, Any]:
        known: Schema = schema.get("properties", {})
        others = schema["additionalProperties"]
        values: dict[str, Any] = {}
        meant = set()
        for key, entry in entries.items():
            if key in known:
                values[key] = self.value(entry.node, known[key], (*path, key))
            elif others is False:
                meant.add(self.unknown_key(key, entry.key_at, known, path))
            elif self.key_fits(key, entry.key_at, schema.get("propertyNames"), path):
                values[key] = self.value(entry.node, others, (*path, key))
        for key in schema.get("required", ()):
            if key not in entries and key not in meant and "<<" not in entries:
                self.missing_key(key, node, known[key], path)
        if len(entries) < schema.get("minProperties", 0) or len(entries) > schema.get("maxProperties", len(entries)):
            self.wrong_count(node, len(entries), schema, path)
        return values

    def sequence(self, node: Node, items: Sequence[Node], schema: Schema, path: tuple[PathSegment, ...]) -> list[Any]:
        if len(items) < schema.get("minItems", 0) or len(items) > schema.get("maxItems", len(items)):
            self.wrong_count(node, len(items), schema, path)
            return []
        values = [self.value(item, schema["items"], (*path, index)) for index, item in enumerate(items)]
        if schema.get("uniqueItems") and len(set(values)) < len(values):
            self.refuse_repeated(items, values, path)
        return values

    def text(self, node: Node, schema: Schema, path: tuple[PathSegment, ...]) -> str | None:
        text = node.value if isinstance(node.value, str) else node.written
        if problem := text_problem(text, schema):
            rule, message = problem
            fix = how_to_write(schema)
            if rule == "schema/not-allowed":
                fix = f"{choices(text, schema['enum'])} {schema.get('description', '')}".strip()
            self.document.error(rule, node.at, f"{label(path)} {message}", fix)
            return None
        return text

    def number(self, node: Node, number: float, schema: Schema, path: tuple[PathSegment, ...]) -> float | None:
        if limit := broken_limit(number, schema):
            self.document.error(
                "schema/out-of-range",
                node.at,
                f"{label(path)} must be {limit}, not {number}.",
                how_to_write(schema),
            )
            return None
        return int(number) if schema["type"] == "integer" else number

    def key_fits(self, key: str, at: int, schema: Schema | None, path: tuple[PathSegment, ...]) -> bool:
        schema = schema or {}
        if problem := text_problem(key, schema):
            self.document.error(problem[0], at, f"The key {label((*path, key))} {problem[1]}", how_to_write(schema))
        return not problem

    def wrong_type(self, node: Node, schema: Schema, path: tuple[PathSegment, ...]) -> None:
        expected = expected_words(schema)
        message = f"{label(path)} must be {expected}, not {describe(node)}."
        fix = how_to_write(schema)
        if node.value is None:
            message = f"{label(path)} has no value; it must be {expected}."
        elif isinstance(node.value, bool) and node.written and "text" in expected:
            fix = f'Text needs quotes: `"{node.written}"`. {fix}'
        elif isinstance(node.value, str) and "number" in expected and looks_like_number(node.value):
            fix = f"Write the number without quotes. {fix}"
        self.document.error("schema/wrong-type", node.at, message, fix)

    def unknown_key(self, key: str, at: int, known: Iterable[str], path: tuple[PathSegment, ...]) -> str | None:
        """Add the finding; return the key that was probably meant."""
        meant = closest(key, known) if len(self.document.findings) < _MAX_SUGGESTIONS else None
        place = f" in {label(path)}" if path else ""
        fix = f"Did you mean `{meant}`?" if meant else f"Known keys: {', '.join(f'`{each}`' for each in known)}."
        if key == "<<":
            fix = "YAML 1.2 has no merge keys: write the keys out."
        self.document.error("schema/unknown-key", at, f"Unknown key `{clip(key, 80)}`{place}.", fix)
        return meant

    def missing_key(self, key: str, node: Node, schema: Schema, path: tuple[PathSegment, ...]) -> None:
        place = label(path) if path else "The file"
        self.document.error(
            "schema/missing-key",
            node.at,
            f"{place} has no `{key}`.",
            f"Add `{key}`. {how_to_write(schema)}",
        )

    def wrong_count(self, node: Node, count: int, schema: Schema, path: tuple[PathSegment, ...]) -> None:
        least = schema.get("minItems", schema.get("minProperties", 0))
        most = schema.get("maxItems", schema.get("maxProperties"))
        limit = f"at least {least}" if count < least else f"at most {most:,}"
        message = f"{label(path)} must have {limit} {'entry' if limit.endswith(' 1') else 'entries'}, not {count:,}."
        self.document.error("schema/wrong-count", node.at, message, how_to_write(schema))

    def refuse_repeated(self, items: Sequence[Node], values: list[Any], path: tuple[PathSegment, ...]) -> None:
        seen: set[Any] = set()
        for item, value in zip(items, values, strict=True):
            if value is not None and value in seen:
                message = f"Duplicate entry `{clip(str(value), 80)}` in {label(path)}."
                self.document.error("schema/repeated-item", item.at, message, "Keep one of the two.")
            seen.add(value)
