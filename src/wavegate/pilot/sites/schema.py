"""The data types in the JSON of actions and lightning types, as a copy names them."""

from wavegate.components.references.web import LIMIT, read_json
from wavegate.pilot.sites.edits import TextEdit, UnwritableError, edited
from wavegate.pilot.sites.new_names import NewNames


def copied_schema(text: str, names: NewNames, *, path: str) -> str:
    """The file with the names of the copies. Raises UnwritableError."""
    if len(text) > LIMIT:
        raise UnwritableError(f"has a schema that is too large to be searched: {path}")
    return edited(
        text,
        (
            TextEdit(begin=each.offset, end=each.offset + len(each.name), new=new)
            for each in read_json(text)
            if each.type == "data-type" and (new := names.data_type(each.name))
        ),
    )
