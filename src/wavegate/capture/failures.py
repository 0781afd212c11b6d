"""Finds the conversations that failed, and the answer in each of them that shows it.

Everything is checked by the policies of smoke packs: no judgement of a language model, and what was not recorded is
neither a violation nor its absence.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from msgspec.structs import replace as with_fields

from wavegate.capture.recorded import is_action_name, transcript_of
from wavegate.capture.values import (
    NOTHING_EXPECTED,
    Condition,
    FailureSelection,
    FoundFailures,
    ProductionFailure,
    Stated,
)
from wavegate.components.action_names import folded_action, folded_topic
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.evidence.transcript import Transcript
from wavegate.redaction import personal_data
from wavegate.release.pack import PersonalData, Policy
from wavegate.smoke.policies import Breach, Search, check


def find_failures(
    conversations: Iterable[Conversation], selection: FailureSelection, stated: Stated, search: Search
) -> FoundFailures:
    """The failures among conversations, in their order."""
    failures: list[ProductionFailure] = []
    harmless = unknown = unchecked = 0
    named: set[str] = set()
    for conversation in conversations:
        if conversation.id in selection.sessions:
            named.add(conversation.id)
        is_selected = _is_selected(conversation, selection, stated, search)
        if not is_selected:
            unchecked += is_selected is None
            continue
        found = _failure(conversation, selection, stated, search)
        if isinstance(found, ProductionFailure):
            failures.append(found)
        else:
            harmless, unknown = harmless + 1, unknown + found
    missing = len(set(selection.sessions) - named)
    return FoundFailures(
        failures=tuple(failures), harmless=harmless, unknown=unknown, unchecked=unchecked, missing=missing
    )


def _is_selected(
    conversation: Conversation, selection: FailureSelection, stated: Stated, search: Search
) -> bool | None:
    """Whether a conversation is one of those that were asked for; None if what decides that was not recorded."""
    if selection.sessions:
        return conversation.id in selection.sessions
    policies = (_presence(stated.expected),) if selection.is_empty else selection.policies
    answers = [_meets(conversation, each) for each in selection.conditions]
    answers += [_is_broken(conversation, each, search) for each in policies]
    return True if True in answers else None if None in answers else False


def _meets(conversation: Conversation, condition: Condition) -> bool | None:
    match condition:
        case Condition.PERSONAL_DATA:
            return bool(_disclosed(conversation))
        case Condition.ACTION_ERROR:
            if _failed_actions(conversation):
                return True
            return None if transcript_of(conversation.turns).actions is None else False
        case Condition.ESCALATION:
            return conversation.escalated


def _failure(
    conversation: Conversation, selection: FailureSelection, stated: Stated, search: Search
) -> ProductionFailure | bool:
    """The failure of a selected conversation; if it violates nothing, whether something is unknown."""
    expected, not_done = _expected(conversation, selection, stated)
    violated = tuple(each for each in expected if _breaks(conversation, each, search, not_done))
    if not violated:
        is_named = all(map(is_action_name, _failed_actions(conversation)))
        return not is_named or any(check(_whole(conversation, each, not_done), each, search) for each in expected)
    end = max(_end(conversation, each, search, not_done) for each in violated)
    kept = tuple(each for each in expected if each in violated or each == stated.expected)
    return ProductionFailure(
        conversation=conversation,
        end=end,
        policies=kept,
        violated=violated,
        not_done=not_done,
        topic=transcript_of(conversation.turns[:end]).topic or "",
    )


def _expected(
    conversation: Conversation, selection: FailureSelection, stated: Stated
) -> tuple[tuple[Policy, ...], frozenset[str]]:
    """What the conversation is held to: a person's words, named policies, and what follows from the trace itself.

    The second value: actions that it needed and that only ended in errors.
    """
    policies = [stated.expected] if stated.has_expectation else []
    policies += selection.policies
    nothing_said = not policies and not selection.conditions
    kinds = _disclosed(conversation)
    if kinds and (nothing_said or Condition.PERSONAL_DATA in selection.conditions):
        policies.append(replace(NOTHING_EXPECTED, pii=kinds))
    failed = tuple(filter(is_action_name, _failed_actions(conversation)))
    by_error = nothing_said or Condition.ACTION_ERROR in selection.conditions
    if not failed or stated.has_expectation or not by_error:
        return tuple(policies), frozenset()
    policies.append(replace(NOTHING_EXPECTED, required_actions=failed))
    return tuple(policies), frozenset(map(folded_action, failed))


def _disclosed(conversation: Conversation) -> tuple[PersonalData, ...]:
    answers = "\n".join(each.text for each in conversation.turns if each.speaker == "agent")
    return tuple(sorted({kind for kind, _ in personal_data.find(answers)}))


def _failed_actions(conversation: Conversation) -> tuple[str, ...]:
    """The names of the actions of which every call ended in an error, in the order of the calls."""
    calls = list(_calls(conversation.turns))
    worked = {folded_action(each.name) for each in calls if not each.error}
    failed = {folded_action(each.name): each.name for each in reversed(calls) if each.error}
    return tuple(name for folded, name in reversed(failed.items()) if folded and folded not in worked)


def _calls(turns: Iterable[ConversationTurn]) -> Iterator[ActionCall]:
    for turn in turns:
        yield from turn.actions or ()


def _breaks(
    conversation: Conversation, policy: Policy, search: Search, not_done: frozenset[str] = frozenset()
) -> bool:
    return _is_broken(conversation, policy, search, not_done) is True


def _is_broken(
    conversation: Conversation, policy: Policy, search: Search, not_done: frozenset[str] = frozenset()
) -> bool | None:
    """Whether a conversation violates a policy; None if it does not as far as it was recorded."""
    problems = check(_whole(conversation, policy, not_done), policy, search)
    if any(isinstance(each, Breach) for each in problems):
        return True
    return None if problems else False


def _whole(conversation: Conversation, policy: Policy, not_done: frozenset[str]) -> Transcript:
    """The whole conversation. Its topic is the expected one if it was chosen at any time."""
    topics = [each.topic for each in conversation.turns if each.topic]
    expected = set(map(folded_topic, policy.topics))
    chosen = next((each for each in topics if folded_topic(each) in expected), topics[0] if topics else "")
    return with_fields(transcript_of(conversation.turns, not_done), topic=chosen or None)


def _end(conversation: Conversation, policy: Policy, search: Search, not_done: frozenset[str]) -> int:
    """The number of turns up to the first answer that shows the violation: the last one if something never came."""
    answers = [index for index, turn in enumerate(conversation.turns) if turn.speaker == "agent"]
    last = answers[-1] + 1 if answers else len(conversation.turns)
    ends = []
    if _breaks(conversation, _absence(policy), search, not_done):
        ends.append(last)
    if _breaks(conversation, replace(NOTHING_EXPECTED, topics=policy.topics), search, not_done):
        ends.append(next((index + 1 for index in answers if conversation.turns[index].topic), last))
    if _breaks(conversation, presence := _presence(policy), search, not_done):
        ends.append(_first(conversation.turns, answers, presence, search) or last)
    return max(ends, default=last)


def _first(turns: Sequence[ConversationTurn], answers: Sequence[int], policy: Policy, search: Search) -> int:
    for index in answers:
        problems = check(transcript_of(turns[index : index + 1]), policy, search)
        if any(isinstance(each, Breach) for each in problems):
            return index + 1
    return 0


def _presence(policy: Policy) -> Policy:
    """What of a policy is violated by something that happened."""
    return replace(policy, topics=(), required_actions=(), must_match=())


def _absence(policy: Policy) -> Policy:
    """What of a policy is violated by something that never happened."""
    return replace(NOTHING_EXPECTED, required_actions=policy.required_actions, must_match=policy.must_match)
