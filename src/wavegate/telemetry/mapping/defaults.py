"""The usual tables, columns and words of the sources, so that a short telemetry file is enough.

Names differ between orgs, and between Salesforce's own texts: `wavegate telemetry discover` finds those of an org.
Sources: the data model of session tracing (help.salesforce.com, ai.generative_ai_session_trace_data_model), and the
object reference of MessagingSession.
"""

from collections.abc import Mapping
from datetime import timedelta

from wavegate.telemetry.mapping.values import IGNORED, SessionEnd, SourceKind
from wavegate.telemetry.values import Lane

LAG = {Lane.FAST: timedelta(hours=1), Lane.SLOW: timedelta(hours=48)}
FILES_LAG = {Lane.FAST: timedelta(hours=36), Lane.SLOW: timedelta(hours=48)}
"""Of exported files. Right before the next daily export, the newest session is a day and an evening old."""
EXCLUDED_CHANNELS = ("Builder", "Builder: Voice Preview")
CONFIRMED = ("true", "confirmed")

_DATA_CLOUD: Mapping[str, Mapping[str, str]] = {
    "session": {
        "name": "ssot__AIAgentSession__dlm",
        "id": "ssot__Id__c",
        "start": "ssot__StartTimestamp__c",
        "end": "ssot__EndTimestamp__c",
        "endType": "ssot__AiAgentSessionEndType__c",
        "channel": "ssot__AiAgentChannelType__c",
    },
    "participant": {
        "name": "ssot__AiAgentSessionParticipant__dlm",
        "session": "ssot__AiAgentSessionId__c",
        "agent": "ssot__AiAgentApiName__c",
        "version": "ssot__AiAgentVersionApiName__c",
        "role": "ssot__AiAgentSessionParticipantRole__c",
        "user": "ssot__ParticipantId__c",
    },
    "interaction": {
        "name": "ssot__AIAgentInteraction__dlm",
        "id": "ssot__Id__c",
        "session": "ssot__AiAgentSessionId__c",
        "type": "ssot__AiAgentInteractionType__c",
        "start": "ssot__StartTimestamp__c",
        "end": "ssot__EndTimestamp__c",
    },
    "step": {
        "name": "ssot__AIAgentInteractionStep__dlm",
        "id": "ssot__GenerationId__c",
        "parent": "ssot__AiAgentInteractionId__c",
    },
    "violation": {
        "name": "GenAIContentQuality__dlm",
        "parent": "parent__c",
        "severity": "isToxicityDetected__c",
        "time": "timestamp__c",
    },
}
_SOQL: Mapping[str, Mapping[str, str]] = {
    "session": {
        "name": "MessagingSession",
        "id": "Id",
        "start": "StartTime",
        "end": "EndTime",
        "endType": "AgentType",
        "channel": "ChannelName",
        "agent": "ChannelName",
    },
}
TABLES: Mapping[SourceKind, Mapping[str, Mapping[str, str]]] = {
    SourceKind.FILES: {},
    SourceKind.DATA_CLOUD: _DATA_CLOUD,
    SourceKind.SOQL: _SOQL,
}
"""Columns by table and role, the table's own name under `name`."""
OUTCOMES: Mapping[SourceKind, Mapping[str, SessionEnd]] = {
    # AgentType: BotToAgent was handed over; Bot says only that no person took part: a success, or somebody
    # who gave up, which a team has to decide; the others are no sessions of an agent
    SourceKind.SOQL: {
        "Bot": SessionEnd.OTHER,
        "BotToAgent": SessionEnd.ESCALATED,
        "Agent": SessionEnd.IGNORED,
        "System": SessionEnd.IGNORED,
    },
}
"""Words of the end type, for the source whose words are the same in every org."""
SEVERITIES: Mapping[SourceKind, Mapping[str, str]] = {
    SourceKind.DATA_CLOUD: {"true": "high", "false": IGNORED},
}
"""Words of `isToxicityDetected__c`, which is text."""
