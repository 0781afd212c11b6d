"""Describes what a schema expects and what a file has instead."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wavegate.files.document import Node, PathSegment
from wavegate.findings.suggestions import closest
from wavegate.text import clip

TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_LONG_EXAMPLE = 120
"""Characters of the longest example that helps in a message."""


def label(path: tuple[PathSegment, ...]) -> str:
    """The path as people write it: `environments[1].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{clip(part, 80)}"
    return f"`{text.removeprefix('.')}`" if path else "The file"


def describe(node: Node) -> str:
    """A value, in words."""
    match node.value:
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case bool():
            return "true" if node.value else "false"
        case str():
            return f"the text `{clip(node.value, 80)}`"
        case _:
            return f"the number {node.value}"


def expected_words(schema: Mapping[str, Any]) -> str:
    """What a schema expects, in words: 'a whole number', '`auto`, a whole number or a mapping'."""
    kinds = [_expected(each) for each in schema.get("anyOf", [schema])]
    return " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))


def _expected(schema: Mapping[str, Any]) -> str:
    allowed: Sequence[str] = schema.get("enum", ())
    return ", ".join(f"`{each}`" for each in allowed) if 1 <= len(allowed) <= 2 else TYPE_WORDS[schema["type"]]


def choices(text: str, allowed: Iterable[str]) -> str:
    """The allowed values, after the one that was probably meant."""
    meant = closest(text, allowed)
    choices = ", ".join(f"`{each}`" for each in allowed)
    return f"Did you mean `{meant}`? Allowed: {choices}." if meant else f"Allowed: {choices}."


def how_to_write(schema: Mapping[str, Any]) -> str:
    """How to write a value, from the schema: its description and an example."""
    description: str = schema.get("description") or f"This is the {schema.get('title', 'value')}."
    example = json.dumps(schema["examples"][0], ensure_ascii=False) if schema.get("examples") else ""
    return f"{description} For example: `{example}`" if 0 < len(example) <= _LONG_EXAMPLE else description
