"""Reads one session from an org, with what was said, by its id.

Source: developer.salesforce.com, "Export Agentforce Session Tracing Data (Beta)": GET einstein/audit/otel/ID answers
with OTLP JSON, for sessions that started within the last 72 hours. An org without a data space for it answers 400.
Not verified in a real org: which attributes hold the messages; a reply without known ones is a problem.
"""

import re
from urllib.parse import quote

from wavegate.conversations.otlp import Spans, add_document, is_otlp
from wavegate.conversations.otlp_sessions import conversations_of_spans
from wavegate.conversations.problems import incomplete
from wavegate.conversations.read import ReadConversations
from wavegate.conversations.values import Conversation
from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.findings.finding import Finding, Location
from wavegate.salesforce.org import Org

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{14,63}")
_OLDER = "Check the id. Orgs show sessions of the last 72 hours this way; export older ones from Data Cloud."
_TURNED_ON = "Turn on Agentforce session tracing, and Audit and Feedback, in Setup; choose their data space."


def read_session(org: Org, session: str) -> ReadConversations:
    """The conversation of a session, or the problem why it is not whole. session: its id, a UUID or a record id.

    InputError: it is not an id, or the org has no such session. RefusedError: session tracing is not set up there, or
    the user may not read it. ServiceError: the org did not answer, or with something else.
    """
    if not _ID.fullmatch(session):
        raise InputError("The id of a session is a UUID, or a record id of 15 or 18 characters.", fix="Check the id.")
    try:
        document = org.get(f"/einstein/audit/otel/{quote(session, safe='')}")
    except RefusedError as refused:
        if refused.status == 404:
            raise InputError(f"{org.host} shows no session {session}.", fix=_OLDER) from refused
        if refused.status == 400:
            refused.fix = _TURNED_ON
        raise
    if not isinstance(document, dict) or not is_otlp(document):
        raise ServiceError(f"{org.host} answered without a trace of session {session}.", fix="Run the command again.")
    place = Location(f"session {session} of {org.host}")
    spans = Spans()
    found: list[Conversation | Finding] = list(add_document(document, place, spans))
    if not found and not spans.by_id:
        found.append(incomplete(place, "The trace of the session has no spans.", "Read it again in some minutes."))
    found += conversations_of_spans(spans, session=session)
    return ReadConversations(
        conversations=tuple(each for each in found if isinstance(each, Conversation)),
        problems=tuple(each for each in found if isinstance(each, Finding)),
    )
