"""How a deployment left what was read back from the org."""

from dataclasses import dataclass
from enum import StrEnum


class FlowOutcome(StrEnum):
    """How a deployment left a flow."""

    ACTIVE = "active"
    """Its newest version is active, as git says."""
    NOT_ACTIVE = "not-active"
    """Git says that it is a draft or obsolete, so the new version was not activated."""
    DELETED = "deleted"
    """The release no longer has it; the org does not have it either."""
    LEFT = "left-inactive"
    """The release no longer has it; the org refused to delete it, so it stays there without an active version."""
    UNREAD = "not-read"
    """Its state in the org is not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowChange:
    """A flow before a deployment and after it, as read back.

    before, live: number of the active version, None for none. detail: why it is not active, deleted or known, or ''.
    """

    name: str
    outcome: FlowOutcome
    before: int | None
    live: int | None
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateState:
    """A prompt template after a deployment. expected: identifier of its active version in git.

    live: of the one in the org, None if the org does not show it. detail: why they may not be the same, or ''.
    """

    name: str
    expected: str
    live: str | None
    detail: str = ""
