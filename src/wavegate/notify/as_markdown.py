"""A notification as the text of an issue or a discussion."""

from wavegate.notify.notification import REASON_LIMIT, Notification
from wavegate.text import code, markdown


def issue_markdown(notification: Notification) -> str:
    """The text, without the marker by which it is found."""
    facts = [
        f"- **{label}:** {code(value) if label in ('Environment', 'Repository') else markdown(value, REASON_LIMIT)}"
        for label, value in notification.facts
    ]
    links = [f"- [{label}]({url})" for label, url in notification.links]
    head = f"**{markdown(notification.title)}**"
    return "\n".join([head, "", *facts, *links, "", markdown(notification.next_step)])
