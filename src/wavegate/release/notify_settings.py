"""Who is notified of what, as the manifest says it. It holds names of secrets, never an address or a secret."""

from dataclasses import dataclass
from enum import StrEnum


class NotifyEvent(StrEnum):
    """What people are notified of. deployed ends approval, refused and rolled-back; restarted ends stopped."""

    APPROVAL = "approval"
    REFUSED = "refused"
    DEPLOYED = "deployed"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    ROLLED_BACK = "rolled-back"
    HELD = "held"

    @property
    def ends(self) -> tuple["NotifyEvent", ...]:
        """The events that are over with this one."""
        return _ENDS.get(self, ())


_ENDS = {
    NotifyEvent.DEPLOYED: (NotifyEvent.APPROVAL, NotifyEvent.REFUSED, NotifyEvent.ROLLED_BACK, NotifyEvent.HELD),
    NotifyEvent.RESTARTED: (NotifyEvent.STOPPED,),
}
USUAL_EVENTS = tuple(each for each in NotifyEvent if each is not NotifyEvent.DEPLOYED)
"""The events of a manifest that lists none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedWebhook:
    """A webhook that is signed. url, secret: names of the secrets that hold them."""

    url: str
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifySettings:
    """The channels, None for those that are not used. slack, teams: names of the secrets that hold their addresses.

    issue_labels: labels of the issue. discussion_category: name of the category of the discussion.
    """

    on: tuple[NotifyEvent, ...] = USUAL_EVENTS
    slack: str | None = None
    teams: str | None = None
    webhook: SignedWebhook | None = None
    issue_labels: tuple[str, ...] | None = None
    discussion_category: str | None = None

    @property
    def has_channel(self) -> bool:
        """Whether there is any channel."""
        named = (self.slack, self.teams, self.webhook, self.issue_labels, self.discussion_category)
        return any(each is not None for each in named)
