"""A notification as the text of an issue or a discussion."""

from hashlib import sha256

from wavegate.github.managed_section import ManagedSection
from wavegate.notify.notification import REASON_LIMIT, Notification
from wavegate.release.notify_settings import NotifyEvent
from wavegate.text import code, markdown, plain, slug

_TITLE_LIMIT = 200


def issue_markdown(notification: Notification) -> str:
    """The text, without the marker by which it is found."""
    facts = [
        f"- **{label}:** {code(value) if label in ('Environment', 'Repository') else markdown(value, REASON_LIMIT)}"
        for label, value in notification.facts
    ]
    links = [f"- [{label}]({url})" for label, url in notification.links]
    head = f"**{markdown(notification.title)}**"
    return "\n".join([head, "", *facts, *links, "", markdown(notification.next_step)])


def page_section(event: NotifyEvent, notification: Notification) -> ManagedSection:
    """The text with the marker by which the page of an event and environment is found."""
    environment = notification.environment.casefold()
    mark = sha256(environment.encode("utf-8", "replace")).hexdigest()[:8]
    return ManagedSection(key=f"notify:{event}:{slug(environment)}-{mark}", text=issue_markdown(notification))


def page_title(notification: Notification) -> str:
    """The title of the page."""
    return plain(notification.title, _TITLE_LIMIT)
