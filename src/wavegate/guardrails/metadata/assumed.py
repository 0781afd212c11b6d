"""What an action may do whose code is not in the project: known for standard actions, else assumed by its name."""

import re
from collections.abc import Mapping

from wavegate.guardrails.model import Effect

_READS = frozenset({Effect.READS})
_WRITES = frozenset({Effect.WRITES})
_SENDS = frozenset({Effect.SENDS})
_OUT = frozenset({Effect.CALLS_OUT})
_UNKNOWN = frozenset({Effect.UNKNOWN})

STANDARD: Mapping[str, frozenset[Effect]] = {
    "activateSessionPermSet": _WRITES,
    "answerQuestionsWithKnowledge": _READS,
    "assignTasks": _WRITES,
    "chatterPost": frozenset({Effect.WRITES, Effect.SENDS}),
    "cdpMlPrediction": _READS,
    "createCase": _WRITES,
    "createContact": _WRITES,
    "customNotificationAction": _SENDS,
    "deactivateSessionPermSet": _WRITES,
    "detectLanguage": _READS,
    "emailAlert": _SENDS,
    "emailSimple": _SENDS,
    "generatePromptResponse": _READS,
    "generateVerificationCode": _READS,
    "getDataForGrounding": _READS,
    "getEinsteinRetrieverResults": _READS,
    "getFieldsToUpdateSalesRecord": _READS,
    "getRecordFieldsAndValues": _READS,
    "httpCallout": _OUT,
    "identifyObjectByName": _READS,
    "identifyRecordByName": _READS,
    "queryRecords": _READS,
    "queryRecordsWithAggregate": _READS,
    "routeWork": _WRITES,
    "searchKnowledge": _READS,
    "searchConversations": _READS,
    "sendConversationMessages": _SENDS,
    "sendNotification": _SENDS,
    "sendSurveyInvitation": _SENDS,
    "slackPostMessage": _SENDS,
    "streamKnowledgeSearch": _READS,
    "submit": _WRITES,
    "summarizeRecord": _READS,
    "updateRecord": _WRITES,
    "verifyCode": _READS,
    "webSearchStream": frozenset({Effect.READS, Effect.CALLS_OUT}),
}
"""Source: Salesforce's Actions Developer Guide, and the standard actions of its agent templates."""

_BY_FOLDED = {name.casefold(): effects for name, effects in STANDARD.items()}

SCHEMES: Mapping[str, frozenset[Effect]] = {
    "externalService": _OUT,
    "externalConnector": _OUT,
    "api": _OUT,
    "apexRest": _OUT,
    "mcpTool": _OUT,
    "platformMcpTool": _OUT,
    "slack": _OUT,
    "httpCallout": _OUT,
    "namedQuery": _READS,
    "retriever": _READS,
    "cdpMlPrediction": _READS,
    "emailAlert": _SENDS,
    "decisionTableAction": _READS,
}
"""What every target of a scheme does. A named query and a decision table only read."""

_SETTLED = frozenset({"namedQuery", "retriever", "cdpMlPrediction", "decisionTableAction", "emailAlert"})
"""Schemes whose targets do nothing else."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", re.ASCII)
_READING_VERBS = (
    "get find search list lookup look fetch query check retrieve read show view describe summarize summarise answer "
    "identify validate verify calculate compute estimate recommend suggest classify detect extract generate draft "
    "translate compare count is has can load determine explain analyze analyse evaluate preview rank"
)
_READING = frozenset(_READING_VERBS.split())
_JOINING = frozenset({"and", "then", "or"})
_VERBS: Mapping[Effect, str] = {
    Effect.DELETES: "delete remove purge erase destroy drop merge",
    Effect.PAYS: "pay payment refund charge credit debit payout transfer reimburse chargeback waive invoice "
    "purchase checkout donate",
    Effect.SENDS: "send email notify sms post publish invite message broadcast share",
    Effect.WRITES: "create update insert upsert save add set change modify edit write submit cancel close open "
    "approve reject issue apply book reserve schedule reschedule assign reset register enroll activate deactivate "
    "enable disable block unblock log record place order return replace escalate route start stop complete confirm "
    "redeem grant revoke lock unlock freeze renew subscribe unsubscribe ship dispatch release process convert "
    "link unlink execute trigger sync",
}
_EFFECTS = {verb: effect for effect, verbs in _VERBS.items() for verb in verbs.split()}


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: `Issue_Refund` and `issueRefund` are `issue`, `refund`."""
    return tuple(word.lower() for word in _WORD.findall(name.rpartition("__")[2].rpartition(".")[2] or name))


def pays(name: str) -> bool:
    """Whether a name says that money moves: it has such a word, and does not start with one that only reads."""
    return Effect.PAYS in effects_by_name(name)


def effects_by_name(name: str) -> frozenset[Effect]:
    """What a name says of an action's effects. A name that says nothing is unknown, which counts as writing."""
    found = words(name)
    if found and found[0] in _READING and not _JOINING.intersection(found):
        return _READS
    known = (_EFFECTS.get(word) or _EFFECTS.get(word.removesuffix("s")) for word in found)
    effects = frozenset(effect for effect in known if effect)
    if Effect.PAYS in effects:
        effects |= _WRITES
    return effects or (_READS if found and found[0] in _READING else _UNKNOWN)


def assumed(scheme: str, name: str) -> tuple[frozenset[Effect], bool]:
    """The effects of a target that the project has no code of, and whether they are certain."""
    standard = _BY_FOLDED.get(name.partition("/")[0].casefold())
    if standard is not None and scheme in ("standardInvocableAction", "invocable"):
        return standard, True
    if scheme in _SETTLED:
        return SCHEMES[scheme], True
    return SCHEMES.get(scheme, frozenset()) | effects_by_name(name), False
