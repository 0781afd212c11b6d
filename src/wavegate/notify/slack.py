"""A notification as a message of a Slack incoming webhook.

Untrusted text is in `plain_text` objects, which know no markup, and `&`, `<` and `>` are escaped everywhere: a
mention such as `<!channel>` needs them. Only our own links are in `mrkdwn`.
Source: docs.slack.dev, "Sending messages using incoming webhooks", "Formatting message text" and "Blocks".
"""

from typing import Any

from wavegate.notify.notification import Notification
from wavegate.text import JOINER, clip

HEADER_LIMIT, SECTION_LIMIT, TEXT_LIMIT = 150, 3000, 3000
"""Characters of a header, of a section's text, and of the fallback text, which Slack cuts at 40,000."""


def slack_message(notification: Notification) -> dict[str, Any]:
    """The message as JSON values."""
    facts = "\n".join(f"{label}: {value}" for label, value in notification.facts)
    blocks = [
        {"type": "header", "text": _plain(notification.title, HEADER_LIMIT)},
        {"type": "section", "text": _plain(f"{facts}\n\n{notification.next_step}", SECTION_LIMIT)},
    ]
    if notification.links:
        links = " · ".join(f"<{_escape(url)}|{label}>" for label, url in notification.links)
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": links, "verbatim": True}})
    # shown in the notification of a phone
    fallback = _cut(f"{notification.title}\n{facts}", TEXT_LIMIT)
    return {"text": fallback, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text, limit), "emoji": False}


def _cut(text: str, limit: int) -> str:
    """The escaped text within a limit; a cut never leaves half of an escape."""
    escaped = _escape(text)
    while len(escaped) > limit:
        text = clip(text, len(text) - max(1, (len(escaped) - limit) // 5))
        escaped = _escape(text)
    return escaped


def _escape(text: str) -> str:
    # an `@` names a channel in a workspace that links names
    return text.replace("@", f"@{JOINER}").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
