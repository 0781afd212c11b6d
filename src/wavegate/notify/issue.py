"""The issue of an event: one for each environment and event, found by a hidden marker and its author."""

from wavegate.github.client import GitHub
from wavegate.github.issue_page import IssuePage
from wavegate.github.issues import close_issue, find_issues, keep_issue
from wavegate.notify.as_markdown import page_section, page_title
from wavegate.notify.notification import Notification
from wavegate.release.notify_settings import NotifyEvent


def keep_event_issue(github: GitHub, repository: str, notification: Notification, labels: tuple[str, ...]) -> None:
    """Create the event's issue, or update and reopen it. RefusedError: the token may not."""
    body = page_section(notification.event, notification)
    keep_issue(github, repository, IssuePage(title=page_title(notification), body=body, labels=labels))


def close_event_issue(github: GitHub, repository: str, event: NotifyEvent, end: Notification) -> None:
    """Close the issue of an event, if it is open, with the notification that ended it."""
    body = page_section(event, end)
    found = next(iter(find_issues(github, repository, body.start)), None)
    if found is not None and found.is_open:
        close_issue(github, repository, found, IssuePage(title=page_title(end), body=body))
