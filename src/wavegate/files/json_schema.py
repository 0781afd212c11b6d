"""A JSON document against one of the published schemas, by the `jsonschema` package.

A check that shares no code with the reader of the same document. Its import is slow; only
`wavegate verify-decision` needs it.
"""

import json
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

from wavegate.files.schema import schema_text
from wavegate.text import one_line

MAX_PROBLEMS = 10
"""Problems that are told."""


def schema_problems(data: bytes, name: str) -> tuple[str, ...]:
    """What does not fit `schemas/<name>.schema.json`, a sentence each; nothing where all of it does."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        return (f"It is no JSON: {one_line(str(error), 200)}.",)
    errors: Any = Draft202012Validator(json.loads(schema_text(name))).iter_errors(document)
    try:
        return tuple(
            f"{one_line(each.json_path, 100)}: {one_line(each.message, 200)}."
            for each in islice(errors, MAX_PROBLEMS)
        )
    except RecursionError:
        return ("It is nested too deeply.",)
