"""A notification as an adaptive card for a Microsoft Teams workflow ("When a Teams webhook request is received").

Untrusted text is in `TextRun` elements, which know no Markdown, unlike a `TextBlock`. A mention needs an entity
beside the card, and there is none.
Source: learn.microsoft.com, "Create incoming webhooks with Workflows"; adaptivecards.io, schema 1.4.
"""

from typing import Any

from wavegate.notify.notification import Notification

CARD = "application/vnd.microsoft.card.adaptive"
SIZE_LIMIT = 28 * 1024
"""Bytes of a message that Teams takes; ours are far below."""


def teams_message(notification: Notification) -> dict[str, Any]:
    """The message as JSON values."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            _line(_run(notification.title, weight="Bolder", size="Large")),
            *(
                _line(_run(f"{label}: ", weight="Bolder"), _run(value, weight="Default"))
                for label, value in notification.facts
            ),
            _line(_run(notification.next_step, weight="Default")),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": url} for label, url in notification.links],
    }
    return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]}


def _line(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, *, weight: str, size: str = "Default") -> dict[str, Any]:
    return {"type": "TextRun", "text": text, "weight": weight, "size": size}
