"""The custom objects, fields, labels and permissions that a component's text names.

They are found by their names, wherever these stand: a flow or class reads and writes records in dozens of ways.
"""

import re
from collections.abc import Iterator, Sequence

from wavegate.components.component import ComponentId, own_local_name
from wavegate.components.references.known_names import KnownNames

_TYPES = ("CustomObject", "CustomField", "CustomLabels", "CustomPermission")
_WORD = re.compile(r"\b[A-Za-z]\w*", re.ASCII)
_CUSTOM = re.compile(r"__(?:c|e|b|x|mdt|kav|r)\Z", re.IGNORECASE)
_NAMED = re.compile(
    r"\bLabel\.(?P<CustomLabels>\w)|(?:\$Permission\.|\bcheckPermission\(\s*')(?P<CustomPermission>\w+)",
    re.ASCII | re.IGNORECASE,
)


def custom_uses(text: str, known: KnownNames) -> Iterator[tuple[ComponentId, int]]:
    """The project's components that a text names, with the offset of the first mention of each."""
    if not any(known.of_type(each) for each in _TYPES):
        return
    words = _words(text, known.namespace)
    for word, offset in words.items():
        if _CUSTOM.search(word):
            yield from ((each, offset) for each in known.of_type("CustomObject").get(word, ()))
            field = word[:-1] + "c" if word.endswith("__r") else word
            yield from ((each, offset) for each in _fields(known.of_type("CustomField").get(field, ()), words))
    for match in _NAMED.finditer(text):
        type_ = str(match.lastgroup)
        name = own_local_name(match[type_], known.namespace).casefold()
        # labels are in one file for all
        named = known.of_type(type_) if type_ == "CustomLabels" else {name: known.of_type(type_).get(name, ())}
        yield from ((each, match.start()) for components in named.values() for each in components)


def _words(text: str, namespace: str) -> dict[str, int]:
    """Every word, case-folded and without the project's namespace, with the offset of its first occurrence."""
    words: dict[str, int] = {}
    for match in _WORD.finditer(text):
        words.setdefault(own_local_name(match[0], namespace).casefold(), match.start())
    return words


def _fields(candidates: Sequence[ComponentId], words: dict[str, int]) -> Iterator[ComponentId]:
    """The fields that a name means: of several, those whose object is named as well."""
    for each in candidates:
        if len(candidates) == 1 or each.name.rpartition(".")[0].casefold() in words:
            yield each
