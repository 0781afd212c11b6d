"""Validates a JSON document against a published schema, with the `jsonschema` package.

The check shares no code with the document's own reader. It is slow to import, so only
`wavegate verify-decision` uses it.
"""

import json
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

from wavegate.files.schema import schema_text
from wavegate.text import one_line

MAX_PROBLEMS = 10
"""Problems that are reported."""


def schema_problems(data: bytes, name: str) -> tuple[str, ...]:
    """The violations of `schemas/<name>.schema.json`, one sentence each; empty if the document is valid."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        return (f"It is not valid JSON: {one_line(str(error), 200)}.",)
    errors: Any = Draft202012Validator(json.loads(schema_text(name))).iter_errors(document)
    try:
        return tuple(
            f"{one_line(each.json_path, 100)}: {one_line(_message(each), 200).rstrip('.')}."
            for each in islice(errors, MAX_PROBLEMS)
        )
    except RecursionError:
        return ("It is nested too deeply.",)


def _message(error: Any) -> str:
    """What is wrong, in words where the library quotes a regular expression."""
    words = error.schema.get("patternErrorMessage") if error.validator == "pattern" else None
    return f"{error.instance!r} is not valid. {words}" if words else str(error.message)
