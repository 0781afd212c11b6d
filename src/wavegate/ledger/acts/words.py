"""Who did an act and when, in the words of messages."""

from datetime import UTC, datetime

from wavegate.ledger.acts.act import Act
from wavegate.text import one_line


def acting_person(act: Act) -> str:
    """Who did it, as a mention."""
    return f"@{one_line(act.actor, 60)}" if act.actor else "somebody unknown"


def shown_time(moment: datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
