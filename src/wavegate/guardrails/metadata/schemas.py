"""Inputs and outputs of actions, from the JSON schemas beside them.

Source: the `schema.json` files of GenAiFunction and GenAiPlannerBundle, with their `copilotAction:` keywords.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Parameter

_KEY = re.compile(r'"((?:[^"\\\n]|\\.)*)"\s*:')
MAX_CHARACTERS = 1_000_000
"""Of one schema; the largest in public projects have about 50,000."""


def read_parameters(text: str, path: str) -> tuple[Parameter, ...]:
    """The properties of a schema, in order. ValueError if it is not JSON of that shape."""
    if len(text) > MAX_CHARACTERS:
        message = f"The schema has more than {MAX_CHARACTERS:,} characters."
        raise ValueError(message)
    try:
        schema = json.loads(text)
    except RecursionError:
        message = "The schema is nested too deeply."
        raise ValueError(message) from None
    properties = schema.get("properties", {}) if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        message = "The schema is not an object with properties."
        raise ValueError(message)  # noqa: TRY004 - the text of the file is wrong, not an argument's type
    required = schema.get("required")
    names = {each for each in required if isinstance(each, str)} if isinstance(required, list) else set()
    return tuple(_parameters(properties, names, _places(text, path)))


def _parameters(
    properties: Mapping[str, Any], required: set[str], places: Mapping[str, Location]
) -> Iterator[Parameter]:
    for name, given in properties.items():
        details = given if isinstance(given, dict) else {}
        type_ = details.get("lightning:type") or details.get("type") or ""
        yield Parameter(
            name=name,
            type=type_ if isinstance(type_, str) else "",
            location=places[json.dumps(name)] if json.dumps(name) in places else next(iter(places.values())),
            required=name in required,
            shown=details.get("copilotAction:isDisplayable") is True,
            used=details.get("copilotAction:isUsedByPlanner", True) is not False,
        )


def _places(text: str, path: str) -> Mapping[str, Location]:
    """Where each key first occurs, by its JSON text, after the start of the file."""
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    found = {"": Location(path)}
    row = 0
    for match in _KEY.finditer(text):
        while starts[row + 1] <= match.start():
            row += 1
        found.setdefault(f'"{match[1]}"', Location(path, row + 1, match.start() - starts[row] + 1))
    return found
