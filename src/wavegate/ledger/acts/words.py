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


def by_whom(act: Act) -> str:
    """Who did it, when and why: the end of a sentence, with its full stop."""
    reason = one_line(act.reason, 300) or "no reason is recorded"
    return f" by {acting_person(act)} on {shown_time(act.time)}: {reason}."
