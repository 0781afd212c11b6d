"""The rules of changes: direction and class of each.

A rule's id never changes its meaning. The class is the least that a change of the rule has; a case can raise it.
"""

from enum import StrEnum
from typing import NamedTuple


class Direction(StrEnum):
    """Whether an agent may do more. unknown: it cannot be determined, and counts as a widening."""

    WIDENS = "widens"
    UNKNOWN = "unknown"
    NARROWS = "narrows"
    REWORDS = "rewords"

    @property
    def weight(self) -> int:
        """The larger, the more it matters."""
        return -tuple(Direction).index(self)


class ChangeClass(StrEnum):
    """Who may make a change: an administrator alone, with a code review, or with a security review."""

    TUNABLE = "tunable"
    CODE_REVIEW = "code-review"
    SECURITY_REVIEW = "security-review"

    @property
    def weight(self) -> int:
        """The larger, the stricter."""
        return tuple(ChangeClass).index(self)


class ChangeRule(NamedTuple):
    """What a change of a rule means unless its case says otherwise."""

    direction: Direction
    change_class: ChangeClass


_SECURITY, _CODE, _TUNABLE = ChangeClass.SECURITY_REVIEW, ChangeClass.CODE_REVIEW, ChangeClass.TUNABLE
_OPENED = ChangeRule(Direction.WIDENS, _SECURITY)
_MORE = ChangeRule(Direction.WIDENS, _CODE)
_CLOSED = ChangeRule(Direction.NARROWS, _CODE)
_STRICTER = ChangeRule(Direction.NARROWS, _TUNABLE)
_REWORDED = ChangeRule(Direction.REWORDS, _TUNABLE)
_DOUBTFUL = ChangeRule(Direction.UNKNOWN, _SECURITY)
_OTHER = ChangeRule(Direction.UNKNOWN, _CODE)

RULES: dict[str, ChangeRule] = {
    "guard/removed": _OPENED,
    "guard/added": _CLOSED,
    "guard/widened": _OPENED,
    "guard/narrowed": _CLOSED,
    "guard/incomparable": _OPENED,
    "guard/unreadable": _DOUBTFUL,
    "guard/constant": _OPENED,
    "guard/never": _CLOSED,
    "guard/equivalent": _REWORDED,
    "guard/overwritten": _OPENED,
    "guard/parentheses-lost": _OPENED,
    "guard/misplaced": _OPENED,
    "rule/unassigned": _OPENED,
    "guard/restored": _CLOSED,
    "statement/dropped": _DOUBTFUL,
    "statement/moved": _DOUBTFUL,
    "value/parentheses-lost": _DOUBTFUL,
    "tool/duplicate": _OPENED,
    "tool/reserved-name": _DOUBTFUL,
    "action/duplicate": _OPENED,
    "confirm/unreadable": _OPENED,
    "gate/removed": _OPENED,
    "gate/added": _CLOSED,
    "confirm/removed": _OPENED,
    "confirm/added": _STRICTER,
    "agent/added": _MORE,
    "agent/removed": _CLOSED,
    "agent/renamed": ChangeRule(Direction.REWORDS, _CODE),
    "topic/added": _MORE,
    "topic/removed": _CLOSED,
    "topic/renamed": _REWORDED,
    "topic/reachable": _MORE,
    "topic/unreachable": _CLOSED,
    "topic/entry-added": _MORE,
    "topic/entry-removed": _CLOSED,
    "topic/connected": _OPENED,
    "topic/disconnected": _CLOSED,
    "topic/start": _OTHER,
    "tool/renamed": _REWORDED,
    "action/exposed": _MORE,
    "action/withdrawn": _CLOSED,
    "action/retargeted": _DOUBTFUL,
    "action/new-scheme": _OPENED,
    "action/scheme-removed": _CLOSED,
    "action/chained": _MORE,
    "action/unchained": _CLOSED,
    "input/unpinned": _OPENED,
    "input/pinned": _CLOSED,
    "input/rebound": _OTHER,
    "input/changed": _OTHER,
    "output/unfiltered": _OPENED,
    "output/filtered": _STRICTER,
    "output/added": _MORE,
    "output/removed": _CLOSED,
    "variable/model-written": _MORE,
    "variable/model-read-only": _CLOSED,
    "variable/external": _MORE,
    "variable/internal": _CLOSED,
    "variable/default-opens": _OPENED,
    "variable/default-closes": _CLOSED,
    "variable/default-changed": _OTHER,
    "variable/source-changed": _OTHER,
    "variable/writer-changed": _OTHER,
    "escalate/removed": _OPENED,
    "escalate/added": _CLOSED,
    "escalate/route": _OTHER,
    "instruction/must-removed": _OPENED,
    "instruction/must-added": _STRICTER,
    "instruction/must-weakened": _OPENED,
    "instruction/must-strengthened": _STRICTER,
    "instruction/must-changed": _MORE,
    "instruction/permission-added": _MORE,
    "instruction/permission-removed": _STRICTER,
    "instruction/system-shadowed": _OPENED,
    "instruction/system-restored": _CLOSED,
    "instruction/reworded": _REWORDED,
    "description/changed": _REWORDED,
    "prompt/added": _MORE,
    "prompt/removed": _CLOSED,
    "model/changed": _OTHER,
    "grounding/source": _OTHER,
    "grounding/off": _OPENED,
    "grounding/on": _CLOSED,
    "runas/changed": _DOUBTFUL,
    "runtime/reset": _OTHER,
    "setting/changed": _OTHER,
    "access/agent": _OPENED,
    "access/object": _OPENED,
    "access/withdrawn": _CLOSED,
    "flow/mode": _OPENED,
    "flow/writes": _MORE,
    "apex/sharing": _OPENED,
    "apex/writes": _OPENED,
    "code/mode-narrowed": _CLOSED,
    "code/withdrawn": _CLOSED,
    "opaque/changed": _DOUBTFUL,
}
"""Every rule of a change. Those of losses are what script reading reports, when they are new in a commit."""

UNLISTED = _DOUBTFUL
"""What a loss counts as whose rule is not listed here."""
MIRRORS_ITSELF = frozenset({"guard/incomparable", "instruction/must-changed"})
"""Rules that widen both ways: what the one commit allows, the other refuses."""
