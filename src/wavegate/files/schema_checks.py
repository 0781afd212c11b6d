"""Checks of a single value against the keywords of its JSON Schema."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from wavegate.files.document import Node
from wavegate.findings.finding import ADDRESS_RULE
from wavegate.text import clip

Schema = Mapping[str, Any]


def is_type(node: Node, type_: str) -> bool:
    """Whether a value, as read from YAML or JSON, has a type of JSON Schema."""
    value = node.value
    match type_:
        case "string":
            return isinstance(value, str)
        case "integer":
            return not isinstance(value, bool) and (isinstance(value, int) or _is_whole(value))
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def is_written_number(node: Node) -> bool:
    """Whether a value is a plain YAML number, which may be meant as the text that was written."""
    return bool(node.written) and is_type(node, "number")


def looks_like_number(text: str) -> bool:
    """Whether a text would be a number without its quotes."""
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def text_problem(text: str, schema: Schema) -> tuple[str, str] | None:
    """Rule and message for an invalid text; None if it is valid."""
    if "enum" in schema and text not in schema["enum"]:
        return "schema/not-allowed", f"cannot be `{clip(text, 80)}`."
    size = len(text)
    if size < schema.get("minLength", 0):
        return "schema/wrong-format", "is empty."
    if size > schema.get("maxLength", size):
        return "schema/wrong-format", f"is longer than {schema['maxLength']:,} characters."
    # all of our patterns are anchored; a full match, since Python's `$` would allow a line break at the end
    if "pattern" in schema and not _pattern(schema["pattern"]).fullmatch(text):
        if "://" in text:
            # its path may be a secret, as that of a webhook is
            return ADDRESS_RULE, f"is not a valid {schema.get('title', 'value')}, but an address."
        return "schema/wrong-format", f"is not a valid {schema.get('title', 'value')}: `{clip(text, 80)}`."
    if schema.get("format") == "date" and not _is_date(text):
        return "schema/wrong-format", f"is not a valid date: `{clip(text, 80)}`."
    return None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removeprefix("^").removesuffix("$"))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def broken_limit(number: float, schema: Schema) -> str | None:
    """The limit that a number exceeds, in words; None if it is within all limits."""
    if number < schema.get("minimum", number):
        return f"at least {schema['minimum']}"
    if number > schema.get("maximum", number):
        return f"at most {schema['maximum']:,}"
    if "exclusiveMinimum" in schema and number <= schema["exclusiveMinimum"]:
        return f"more than {schema['exclusiveMinimum']}"
    if "exclusiveMaximum" in schema and number >= schema["exclusiveMaximum"]:
        return f"less than {schema['exclusiveMaximum']}"
    return None
