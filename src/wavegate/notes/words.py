"""Release notes in words, shared by all forms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.rules import Direction
from wavegate.notes.text_changes import TextChange, TextChangeKind
from wavegate.notes.values import NotedRelease, ReleaseStep
from wavegate.notes.word_diff import TextPiece, WordEdit
from wavegate.release.manifest import Kind

_CONTEXT = 80
"""Characters of kept text that are shown on each side of a change."""
_KINDS = {
    Kind.AGENTS: "Agents",
    Kind.ACTIONS: "Actions",
    Kind.FLOWS: "Flows",
    Kind.APEX: "Apex",
    Kind.PERMISSIONS: "Permissions",
    Kind.CREDENTIALS: "Credentials",
    Kind.METADATA: "Other metadata",
}
_MARKS = {WordEdit.KEPT: "{}", WordEdit.REMOVED: "[-{}-]", WordEdit.ADDED: "{{+{}+}}"}
_VERBS = {
    ChangeKind.ADDED: "new",
    ChangeKind.CHANGED: "changed",
    ChangeKind.REMOVED: "removed",
    ChangeKind.LEFT: "no longer shipped",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentGroup:
    """Changed components of one kind. lines: `Type:Name`, and what happened to it."""

    title: str
    lines: tuple[tuple[str, str], ...]


def component_groups(changes: Sequence[ComponentChange]) -> Iterator[ComponentGroup]:
    """The changed components by kind. Prompts are among the texts, and what is only sent along is left out."""
    for kind, title in _KINDS.items():
        own = [each for each in changes if each.component.kind is kind and each.kind in _VERBS]
        if own:
            lines = tuple((str(each.component.id), _VERBS[each.kind]) for each in own)
            yield ComponentGroup(title=title, lines=lines)


def headline(change: TextChange) -> str:
    """What happened to a passage: `prompt template Case_Summary: renamed from Summary, and reworded`."""
    match change.kind:
        case TextChangeKind.RENAMED:
            reworded = ", and reworded" if any(each.edit is not WordEdit.KEPT for each in change.pieces) else ""
            earlier = change.before
            known = earlier and (earlier.place or earlier.owner)
            return f"{change.passage.id}: renamed from {known}{reworded}"
        case TextChangeKind.CHANGED:
            return f"{change.passage.id}: reworded"
        case TextChangeKind.ADDED:
            return f"{change.passage.id}: new"
        case _:
            return f"{change.passage.id}: removed"


def shown_pieces(pieces: Sequence[TextPiece]) -> Iterator[TextPiece]:
    """The pieces with long kept text cut to what stands beside a change."""
    last = len(pieces) - 1
    for index, each in enumerate(pieces):
        if each.edit is not WordEdit.KEPT:
            yield each
            continue
        head = "" if index == 0 else each.text[:_CONTEXT]
        tail = "" if index == last else each.text[-_CONTEXT:]
        if len(each.text) <= len(head) + len(tail) + 5:
            yield each
        else:
            yield TextPiece(edit=WordEdit.KEPT, text=f"{head} … {tail}".strip(" "))


def marked_text(pieces: Sequence[TextPiece]) -> str:
    """The pieces as plain text: removed words are in `[-…-]`, added ones in `{+…+}`."""
    return "".join(_MARKS[each.edit].format(each.text) for each in shown_pieces(pieces))


def in_words(changes: Sequence[GuardrailChange]) -> list[GuardrailChange]:
    """The changes that the texts do not show: whatever is not only reworded."""
    return [each for each in changes if each.direction is not Direction.REWORDS]


def is_empty(step: ReleaseStep) -> bool:
    """Whether a release changed nothing that anybody would notice."""
    return not (step.texts or in_words(step.guardrails) or any(component_groups(step.components)))


def who(release: NotedRelease) -> str:
    """Who released it, and who approved: `released by ada, approved by bo`."""
    approved = ""
    if release.approvers is not None:
        approved = f", approved by {', '.join(release.approvers) or 'nobody'}"
    return f"released by {release.actor or 'an unknown user'}{approved}"
