"""Values that exports hold as JSON inside of text: inputs of actions, variables, arguments of tools."""

from typing import Any

import msgspec


def decoded(text: str) -> Any:
    """The value of a JSON text; the text itself if it is not JSON."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return text


def text_fields(value: Any, *, alone: str = "input") -> dict[str, str]:
    """The fields of an object, each as text; nested ones by their path, such as `contact.email`.

    value: an object, or its JSON text; `{"variables": [{"name": …, "value": …}]}` and a list of such objects count as
    the fields that they name. alone: the name of a value that is not an object; '' if it is left out.
    """
    value = decoded(value) if isinstance(value, str) else value
    if isinstance(value, dict) and list(value) == ["variables"]:
        value = value["variables"]
    if isinstance(value, list) and value and all(isinstance(each, dict) and "name" in each for each in value):
        value = {str(each["name"]): each.get("value") for each in value}
    fields: dict[str, str] = {}
    if isinstance(value, dict):
        _collect(value, "", fields)
    elif alone and value not in (None, ""):
        fields[alone] = as_text(value)
    return fields


def _collect(value: dict[str, Any], path: str, fields: dict[str, str]) -> None:
    waiting = [(value, path)]
    while waiting:
        current, prefix = waiting.pop()
        for name, each in current.items():
            if isinstance(each, dict) and each:
                waiting.append((each, f"{prefix}{name}."))
            else:
                fields[f"{prefix}{name}"] = as_text(each)


def as_text(value: Any) -> str:
    """A value as text: a text as it is, anything else as JSON; '' for none."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
