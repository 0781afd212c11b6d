"""What release notes say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.components.changes import ComponentChange
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.notes.text_changes import TextChange


@dataclass(frozen=True, kw_only=True, slots=True)
class NotedRelease:
    """A release as the notes name it. All texts are untrusted, and '' if unknown.

    commit: full SHA. since: when it went live in the environment, None if it did not or nobody knows. actor: login.
    approvers: logins; None if unknown. evidence: digest of the decision. run: URL. rolled_back: whether it was.
    """

    name: str
    commit: str
    since: datetime | None = None
    actor: str = ""
    approvers: tuple[str, ...] | None = None
    evidence: str = ""
    run: str = ""
    override: str = ""
    rolled_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseStep:
    """What one release changed, compared with the one before it. before None: there was none, so all of it is new."""

    before: NotedRelease | None
    after: NotedRelease
    texts: tuple[TextChange, ...]
    guardrails: tuple[GuardrailChange, ...]
    components: tuple[ComponentChange, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveThere:
    """What an environment has. release None: nothing, or nobody knows."""

    environment: str
    release: NotedRelease | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseNotes:
    """The notes. steps: newest first. live: in the order of promotion, empty without the ledger. repository: URL."""

    environment: str
    manifest: str
    steps: Sequence[ReleaseStep]
    live: tuple[LiveThere, ...] = ()
    repository: str = ""

    @property
    def title(self) -> str:
        """The name of the newest release."""
        return self.steps[0].after.name
