"""What a tool is, by what it refers to and by its name."""

from dataclasses import dataclass

from wavegate.guardrails.model import ToolKind
from wavegate.guardrails.script.lines import Entry, Piece, reference

_UTILITIES = {
    "transition": ToolKind.TRANSITION,
    "setVariables": ToolKind.SET,
    "escalate": ToolKind.ESCALATION,
    "end_session": ToolKind.END,
}
_DELEGATIONS = frozenset({"topic", "subagent", "connected_subagent"})
_NAMES = {"setVariables": ToolKind.SET, "escalate": ToolKind.ESCALATION, "supervise": ToolKind.DELEGATION}
"""Names of tools that the compiler takes for a kind, unless the tool refers to another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolSort:
    """What a tool does. target: an action's, topic's or connected agent's name, '' for a kind without one.

    connected: it delegates to another agent. inline: what follows the reference in its line. known: it is understood.
    """

    kind: ToolKind
    target: str
    inline: Piece
    connected: bool = False
    known: bool = True


def written_kind(found: Entry) -> ToolSort:
    """What a tool says that it is."""
    space, name, tail = reference(found.value)
    blank = len(tail) - len(tail.lstrip())
    inline = Piece(text=tail.strip(), column=found.column + len(found.value) - len(tail) + blank)
    if space == "utils" and name in _UTILITIES:
        return ToolSort(kind=_UTILITIES[name], target="", inline=inline)
    if space in _DELEGATIONS:
        return ToolSort(kind=ToolKind.DELEGATION, target=name, inline=inline, connected=space == "connected_subagent")
    if space == "actions":
        return ToolSort(kind=ToolKind.ACTION, target=name, inline=inline)
    known = not found.value
    kind = _NAMES.get(found.key, ToolKind.ACTION) if known else ToolKind.ACTION
    return ToolSort(kind=kind, target="" if kind in _UTILITIES.values() else found.key, inline=inline, known=known)


def emitted_kind(found: Entry, written: ToolSort) -> ToolSort:
    """What the compiler makes of it: some names count more than the action that the tool refers to."""
    if written.kind is not ToolKind.ACTION or found.key not in _NAMES:
        return written
    kind = _NAMES[found.key]
    target = found.key if kind is ToolKind.DELEGATION else ""
    return ToolSort(kind=kind, target=target, inline=written.inline, known=written.known)
