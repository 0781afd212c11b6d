"""Takes the copies' names out of their files again, which has to give the release's own bytes.

It knows nothing of where names stand: wherever the name of a copy is a word, the original's name takes its place. So
it proves that a copy differs from the release in names alone.
"""

import re
from collections.abc import Mapping

from wavegate.pilot.sites.metadata import LABEL_SUFFIX
from wavegate.pilot.values import PilotCopy

_WORD = re.compile(rb"\w+")
_LEFT_OUT = re.compile(rb"<!--(target|subjectVersion)>([^<>]*)</\1-->")
"""Elements that were commented out, because an org sets them."""
_AGENTS = ("Bot", "AiAuthoringBundle")


def undo(copy: PilotCopy) -> Mapping[str, bytes]:
    """The files that were copied, as the copies say they are: bytes by the original's path.

    The generated permission set is a copy of nothing, so it is left out.
    """
    names = original_names(copy)
    return {
        original: undone(copy.files[path], names, labelled=path in copy.labelled)
        for path, original in copy.originals.items()
    }


def original_names(copy: PilotCopy) -> Mapping[bytes, bytes]:
    """The originals' names by those of the copies, as words in files."""
    pairs = [(new, old) for old, new in copy.agents.items()]
    pairs += [(new, old) for old, new in copy.local_names.items()]
    pairs += [
        (new.name, old.name)
        for old, new in copy.names.items()
        if old.type not in _AGENTS and old.type != "BotVersion"
    ]
    return {new.encode(): old.encode() for new, old in pairs}


def undone(data: bytes, names: Mapping[bytes, bytes], *, labelled: bool) -> bytes:
    """The bytes of an original. labelled: the copy's label says that it is one."""

    def original(match: re.Match[bytes]) -> bytes:
        word = match[0]
        prefix, separator, own = word.partition(b"__")
        return names.get(word) or (prefix + separator + names[own] if separator and own in names else word)

    if labelled:
        data = data.replace(LABEL_SUFFIX.encode(), b"")
    return _LEFT_OUT.sub(rb"<\1>\2</\1>", _WORD.sub(original, data))
