"""The vocabularies of the end of a session and of violations, and what their words mean.

Four vocabularies of the end type are in use: that of the data model's reference (resolved, escalated, deflected,
other), the reasons of the Agent API (UserRequest, Transfer, Expiration, Error, Other), words in capitals such as
USER_ENDED and NOT_SET, and Completed, Abandoned, Escalated. Only words that say that a goal was reached are good:
that a user ended a session, or that it was completed, does not say so.
Sources: developer.salesforce.com, "Ai Agent Session DMO"; help.salesforce.com, "End Session Action".
"""

from collections.abc import Mapping

from wavegate.telemetry.mapping.values import IGNORED, SessionEnd

_ENDS: Mapping[str, tuple[str, ...]] = {
    SessionEnd.GOOD.value: ("resolved", "deflected"),
    SessionEnd.ESCALATED.value: ("escalated", "escalation", "transfer", "transferred", "handoff"),
    SessionEnd.OTHER.value: (
        "other",
        "notset",
        "error",
        "expiration",
        "expired",
        "timeout",
        "timedout",
        "abandoned",
        "bot",
    ),
    SessionEnd.IGNORED: ("system", "agent"),
}
_SEVERITIES: Mapping[str, tuple[str, ...]] = {"high": ("true",), IGNORED: ("false",)}
_BUILDERS = ("builder", "preview")


def meaning_of_end(word: str) -> str | None:
    """What an end type means; None if nobody but the team can say."""
    return _meaning(word, _ENDS)


def meaning_of_severity(word: str) -> str | None:
    """What a word of the severity means; None if nobody but the team can say."""
    return _meaning(word, _SEVERITIES)


def is_builders_channel(word: str) -> bool:
    """Whether a channel is that of people who build or preview an agent."""
    return any(each in word.lower() for each in _BUILDERS)


def _meaning(word: str, meanings: Mapping[str, tuple[str, ...]]) -> str | None:
    folded = word.lower().replace("_", "").replace("-", "").replace(" ", "")
    return next((meaning for meaning, words in meanings.items() if folded in words), None)
