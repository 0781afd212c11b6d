"""The data types in the JSON of actions and lightning types, as a copy names them."""

import json
from collections.abc import Iterator

from wavegate.components.references.web import LIMIT, read_json
from wavegate.pilot.sites.edits import TextEdit, UnwritableError, edited
from wavegate.pilot.sites.new_names import NewNames

_KEY = "lightning:type"


def copied_schema(text: str, names: NewNames, *, path: str) -> str:
    """The file with the names of the copies. Raises UnwritableError."""
    if len(text) > LIMIT:
        raise UnwritableError(f"has a schema that is too large to be searched: {path}")
    copied = edited(
        text,
        (
            TextEdit(begin=each.offset, end=each.offset + len(each.name), new=new)
            for each in read_json(text)
            if each.type == "data-type" and (new := names.data_type(each.name))
        ),
    )
    # a name that is written with escapes, or far from its key, is found by a parser alone
    if missed := next((each for each in _data_types(copied) if names.data_type(each)), None):
        raise UnwritableError(f"names the data type {missed} in a way that its copy cannot follow: {path}")
    return copied


def _data_types(text: str) -> Iterator[str]:
    """The data types that a JSON parser finds; none in a broken file, which an org refuses."""
    found: list[str] = []

    def collect(pairs: list[tuple[str, object]]) -> None:
        found.extend(value for key, value in pairs if key == _KEY and isinstance(value, str))

    try:
        json.loads(text.removeprefix("\ufeff"), object_pairs_hook=collect)
    except (ValueError, RecursionError):
        return iter(())
    return iter(found)
