"""A notification to make messages of."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from wavegate.notify.notification import Notification
from wavegate.release.notify_settings import NotifyEvent

USUAL = Notification(
    event=NotifyEvent.STOPPED,
    environment="production",
    release="agentforce-wave-3",
    actor="ada",
    reason="It promises refunds.",
    run="https://github.com/acme/support-agents/actions/runs/4711/attempts/1",
    page="",
    repository="acme/support-agents",
    time=datetime(2026, 11, 27, 3, 5, tzinfo=UTC),
    id="wavegate_0123456789abcdef0123456789abcdef",
)


def notification(**values: Any) -> Notification:
    """The usual notification with other values."""
    return replace(USUAL, **values)
