"""The same sessions in every source: tables of session tracing, records of messaging, and one flat file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests.doubles.salesforce.data_cloud import DataCloud
from tests.doubles.salesforce.objects import CountedObjects

from wavegate.files.document import Document
from wavegate.release.reading import read_document
from wavegate.telemetry.mapping.file import mapping_of
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.source import LookRequest

TEXT, TIME = "VARCHAR", "TIMESTAMP WITH TIME ZONE"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
LIVE, COPY = "Library_Desk", "Library_Desk_Pilot"
REQUEST = LookRequest(agents=frozenset({LIVE, COPY}), since=date(2026, 11, 2), now=NOW)
DATA_CLOUD = """
source: data-cloud
endTypes: {good: [resolved], escalated: [escalated], other: [other, NOT_SET]}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedSession:
    """One session. turns: seconds of each. checks: toxicity of each answer, as text. versions: of its agent."""

    key: str
    start: datetime = START
    agent: str = LIVE
    versions: tuple[str, ...] = ("v3",)
    channel: str = "Web"
    end_type: str | None = "resolved"
    user: str = "005000000000009AAA"
    turns: tuple[float, ...] = (2.0,)
    checks: tuple[str, ...] = ("false",)


SESSIONS = (
    TracedSession(key="s1"),
    TracedSession(key="s2", end_type="escalated", turns=(1.0, 5.0)),
    TracedSession(key="s3", start=START.replace(hour=23, minute=59), end_type=None),
    TracedSession(key="s4", start=START + timedelta(days=1), checks=("false", "true")),
    TracedSession(key="s5", start=START + timedelta(days=1), agent=COPY, versions=("v1",), channel="Pilot"),
    TracedSession(key="s6", channel="Builder"),
    TracedSession(key="s7", agent="Another_Agent"),
)


def parse(text: str) -> tuple[TelemetryMapping | None, Document]:
    """The mapping of a file's text, and the document with its findings."""
    document = read_document(text.encode(), path="agentforce/telemetry/production.yml")
    return mapping_of(document), document


def mapping(text: str = DATA_CLOUD) -> TelemetryMapping:
    """The mapping of a file's text, which must have no error."""
    found, document = parse(text)
    assert found, document.findings
    return found


def seed(cloud: DataCloud, sessions: Sequence[TracedSession] = SESSIONS, *, names: Mapping[str, str] = {}) -> None:
    """Make the tables of session tracing. names: other names of tables and columns, by the usual one."""

    def table(name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        cloud.seed(names.get(name, name), {names.get(each, each): kind for each, kind in columns.items()}, rows)

    table(
        "ssot__AIAgentSession__dlm",
        {
            "ssot__Id__c": TEXT,
            "ssot__StartTimestamp__c": TIME,
            "ssot__EndTimestamp__c": TIME,
            "ssot__AiAgentSessionEndType__c": TEXT,
            "ssot__AiAgentChannelType__c": TEXT,
        },
        [(s.key, s.start, s.start + timedelta(minutes=5), s.end_type, s.channel) for s in sessions],
    )
    table(
        "ssot__AiAgentSessionParticipant__dlm",
        {
            "ssot__AiAgentSessionId__c": TEXT,
            "ssot__AiAgentApiName__c": TEXT,
            "ssot__AiAgentVersionApiName__c": TEXT,
            "ssot__AiAgentSessionParticipantRole__c": TEXT,
            "ssot__ParticipantId__c": TEXT,
        },
        [(s.key, s.agent, version, "AGENT", "0Xx000000000001") for s in sessions for version in s.versions]
        + [(s.key, "NOT_SET", "NOT_SET", "USER", s.user) for s in sessions],
    )
    turns = [(s, number, seconds) for s in sessions for number, seconds in enumerate(s.turns)]
    table(
        "ssot__AIAgentInteraction__dlm",
        {
            "ssot__Id__c": TEXT,
            "ssot__AiAgentSessionId__c": TEXT,
            "ssot__AiAgentInteractionType__c": TEXT,
            "ssot__StartTimestamp__c": TIME,
            "ssot__EndTimestamp__c": TIME,
        },
        [(f"{s.key}-{n}", s.key, "TURN", s.start, s.start + timedelta(seconds=t)) for s, n, t in turns]
        + [(f"{s.key}-end", s.key, "SESSION_END", s.start, s.start + timedelta(hours=1)) for s in sessions],
    )
    checks = [(s, number, word) for s in sessions for number, word in enumerate(s.checks)]
    table(
        "ssot__AIAgentInteractionStep__dlm",
        {"ssot__GenerationId__c": TEXT, "ssot__AiAgentInteractionId__c": TEXT},
        [(f"g-{s.key}-{n}", f"{s.key}-0") for s, n, _ in checks],
    )
    table(
        "GenAIContentQuality__dlm",
        {"id__c": TEXT, "parent__c": TEXT, "isToxicityDetected__c": TEXT, "timestamp__c": TIME},
        [(f"q-{s.key}-{n}", f"g-{s.key}-{n}", word, s.start) for s, n, word in checks],
    )


SOQL = """
source: soql
agents: {Library_Desk: [Web, Builder], Library_Desk_Pilot: [Pilot]}
endTypes: {good: [Bot], escalated: [BotToAgent], ignored: [System, Agent]}
"""
MESSAGING = {
    "Id": "id",
    "StartTime": "datetime",
    "EndTime": "datetime",
    "CreatedDate": "datetime",
    "AgentType": "picklist",
    "ChannelName": "string",
    "Pilot_Arm__c": "picklist",
    "EndUser__c": "reference",
}
_AGENT_TYPES = {"resolved": "Bot", "escalated": "BotToAgent", None: "System"}


def seed_messaging(objects: CountedObjects, sessions: Sequence[TracedSession] = SESSIONS) -> None:
    """Make MessagingSession with the sessions, the arm stamped on each."""
    objects.seed(
        "MessagingSession",
        MESSAGING,
        [
            (s.key, s.start, s.start + timedelta(minutes=5), s.start, _AGENT_TYPES.get(s.end_type, s.end_type),
             s.channel, s.agent, s.user)
            for s in sessions
        ],
    )  # fmt: skip
