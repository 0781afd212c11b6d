"""How the passages that a model reads changed, word for word; renamed ones are followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wavegate.notes.passages import Passage, PassageId
from wavegate.notes.word_diff import TextPiece, similarity, word_diff

_SAME = 0.6
"""How much two passages must have in common to be one that was renamed. Source: git's default for renames is 50 %."""


class TextChangeKind(StrEnum):
    """What happened to a passage."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextChange:
    """What happened to one passage.

    before: its earlier id if it was renamed, else None. pieces: both texts; only added or removed ones if it is new
    or gone; one kept piece if it was only renamed.
    """

    passage: Passage
    kind: TextChangeKind
    pieces: tuple[TextPiece, ...]
    before: PassageId | None = None


def text_changes(before: Mapping[PassageId, Passage], after: Mapping[PassageId, Passage]) -> tuple[TextChange, ...]:
    """The passages that differ, in the order of the later side; what is gone comes last."""
    renamed = _renamed(before, after)
    taken = set(renamed.values())
    found = [change for key, each in after.items() if (change := _change(each, key, before, renamed))]
    gone = (each for key, each in before.items() if key not in after and key not in taken)
    found += [TextChange(passage=each, kind=TextChangeKind.REMOVED, pieces=word_diff(each.text, "")) for each in gone]
    return tuple(found)


def _change(
    passage: Passage, key: PassageId, before: Mapping[PassageId, Passage], renamed: Mapping[PassageId, PassageId]
) -> TextChange | None:
    old = before.get(key)
    if old is None and key in renamed:
        earlier = before[renamed[key]]
        pieces = word_diff(earlier.text, passage.text)
        return TextChange(passage=passage, kind=TextChangeKind.RENAMED, pieces=pieces, before=earlier.id)
    if old is None:
        return TextChange(passage=passage, kind=TextChangeKind.ADDED, pieces=word_diff("", passage.text))
    if old.text == passage.text:
        return None
    return TextChange(passage=passage, kind=TextChangeKind.CHANGED, pieces=word_diff(old.text, passage.text))


def _renamed(before: Mapping[PassageId, Passage], after: Mapping[PassageId, Passage]) -> dict[PassageId, PassageId]:
    """The earlier id of each passage that is under another name now: the most similar pairs first, each once."""
    new = [each for key, each in after.items() if key not in before]
    old = [each for key, each in before.items() if key not in after]
    pairs = [
        (similarity(earlier.text, later.text, least=_SAME), str(earlier.id), str(later.id), earlier.id, later.id)
        for later in new
        for earlier in old
        if _may_be(earlier.id, later.id)
    ]
    found: dict[PassageId, PassageId] = {}
    for ratio, _, _, earlier, later in sorted(pairs, key=lambda each: (-each[0], each[1], each[2])):
        if ratio >= _SAME and later not in found and earlier not in found.values():
            found[later] = earlier
    return found


def _may_be(earlier: PassageId, later: PassageId) -> bool:
    """Whether one may be the other: of the same kind and, within an agent, of the same sort of place."""
    return earlier.kind == later.kind and _sort(earlier.place) == _sort(later.place)


def _sort(place: str) -> str:
    where, _, what = place.rpartition(": ")
    return what + ("action" if ", action " in where else "tool" if ", tool " in where else "")
