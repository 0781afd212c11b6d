"""One notification: what happened where, to which release, by whom and why, and what to do about it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from wavegate.release.notify_settings import NotifyEvent
from wavegate.text import clip, visible

REASON_LIMIT = 1000
_NAME_LIMIT = 120
_URL = re.compile(r"https?://[A-Za-z0-9.:/?=&#%~+_-]{1,1000}")
_TITLES = {
    NotifyEvent.APPROVAL: "⏳ Waiting for approval: {release} to {environment}",
    NotifyEvent.REFUSED: "⛔ Promotion refused: {release} to {environment}",
    NotifyEvent.DEPLOYED: "✅ Deployed: {release} to {environment}",
    NotifyEvent.STOPPED: "🛑 Agents stopped in {environment}",
    NotifyEvent.RESTARTED: "▶️ Agents restarted in {environment}",
    NotifyEvent.ROLLED_BACK: "↩️ Rollback of {release} opened in {environment}",
    NotifyEvent.HELD: "⏸️ Canary of {release} held in {environment}",
}
_NEXT = {
    NotifyEvent.APPROVAL: "Read the brief in the run, then approve or reject the deployment there.",
    NotifyEvent.REFUSED: "Open the run: it says which rules refused the release, and what to do about each.",
    NotifyEvent.DEPLOYED: "Nothing to do.",
    NotifyEvent.STOPPED: "Find the cause. The agents stay as they are until someone runs `wavegate enable`.",
    NotifyEvent.RESTARTED: "Nothing to do.",
    NotifyEvent.ROLLED_BACK: "Review and merge the pull request, then promote it: the release stays live until then.",
    NotifyEvent.HELD: "Open the run: it says which data is missing, or what a person has to decide.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """A notification. All text is untrusted.

    release: name, '' if unknown. actor: login, '' if unknown. run: URL of the workflow run's attempt, '' outside
    Actions. page: URL of a pull request or other page, '' for none. time: in UTC. id: see `notification_id`.
    """

    event: NotifyEvent
    environment: str
    release: str
    actor: str
    reason: str
    run: str
    page: str
    repository: str
    time: datetime
    id: str

    @property
    def title(self) -> str:
        """One line that says what happened; untrusted."""
        return titled(self.event, self.environment, self.release)

    @property
    def next_step(self) -> str:
        """What to do about it; our own words."""
        return _NEXT[self.event]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and untrusted value of everything that is known."""
        every = (
            ("Repository", _short(self.repository)),
            ("Environment", _short(self.environment)),
            ("Release", _short(self.release)),
            ("By", f"@{_short(self.actor)}" if self.actor else ""),
            ("Why", clip(visible(self.reason), REASON_LIMIT)),
        )
        return tuple((label, value) for label, value in every if value)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Label and URL of the pages to open; addresses that are not plain URLs are left out."""
        every = (("Open the pull request" if "/pull/" in self.page else "Open the page", self.page),)
        known = (*every, ("Open the run", self.run))
        return tuple((label, url) for label, url in known if _URL.fullmatch(url))


def titled(event: NotifyEvent, environment: str, release: str) -> str:
    """The title of a notification. environment, release: untrusted, and so is the title."""
    return _TITLES[event].format(release=_short(release) or "the release", environment=_short(environment))


def notification_id(event: NotifyEvent, environment: str, *, run: str, subject: tuple[str, ...]) -> str:
    """The identity of a notification: the same for the same event of the same run about the same subject."""
    text = json.dumps([event, environment, run, *subject])
    return f"wavegate_{sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _short(text: str) -> str:
    return clip(visible(text), _NAME_LIMIT)
