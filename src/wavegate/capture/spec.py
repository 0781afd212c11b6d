"""A captured test as a test spec, from which `sf agent test create` makes its definition.

Source: TestSpec of npm @salesforce/agents 2.3.1.
"""

import json
import re
from collections.abc import Iterator

from wavegate.capture.recorded import has_placeholder, is_topic_name
from wavegate.capture.values import MARK, CapturedTest
from wavegate.conversations.values import Conversation, ConversationTurn

RECORDED = "agentforce/transcripts"
"""The folder of the recorded conversations."""
_MAX_VARIABLES = 20
_VARIABLE = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)
_VALUE = re.compile(r"[\w.:+/-]{1,80}(?: [\w.:+/-]{1,80}){0,2}")
"""A value such as `en_US` or `Premium`. A longer text may be what somebody wrote."""
_HEAD = (
    "# Captured from a conversation in production, and redacted. The description keeps its fingerprint: leave it,\n"
    "# so that the same failure is not captured again.\n"
)


def spec_path(test: CapturedTest) -> str:
    """The path of the spec in the checkout."""
    return f"specs/{test.definition}-testSpec.yaml"


def recorded_path(test: CapturedTest) -> str:
    """The path of the recorded conversation, for the replay runner."""
    return f"{RECORDED}/{test.name}.jsonl"


def write_spec(test: CapturedTest) -> str:
    """The spec as YAML. All texts are quoted as JSON has it, which YAML reads the same."""
    history, utterance = _split(test.conversation)
    lines = [
        f"name: {test.definition}",
        f"description: {_quoted(f'A failure in production. {MARK}{test.key}')}",
        "subjectType: AGENT",
        f"subjectName: {_quoted(test.agent)}",
        "testCases:",
        f"  - utterance: {_quoted(utterance)}",
        *_context(test),
        *_expectations(test),
        *_history(history),
    ]
    return _HEAD + "".join(f"{line}\n" for line in lines)


def context_of(test: CapturedTest) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that the session started with, and the names of those whose value was a person's, sorted."""
    conversation = test.conversation
    names = sorted(
        each for each in conversation.constant & conversation.variables.keys() if _VARIABLE.fullmatch(each)
    )
    values = {each: conversation.variables[each] for each in names[:_MAX_VARIABLES]}
    personal = tuple(each for each, value in values.items() if has_placeholder(value))
    return {
        each: value for each, value in values.items() if _VALUE.fullmatch(value) and each not in personal
    }, personal


def _split(conversation: Conversation) -> tuple[tuple[ConversationTurn, ...], str]:
    """The turns before what the user said last, and that itself."""
    turns = conversation.turns
    last = max(index for index, each in enumerate(turns) if each.speaker == "user" and each.text.strip())
    return turns[:last], turns[last].text


def _expectations(test: CapturedTest) -> Iterator[str]:
    topics = [each for policy in test.policies for each in policy.topics]
    actions = dict.fromkeys(each for policy in test.policies for each in policy.required_actions)
    if topics:
        yield f"    expectedTopic: {_quoted(topics[0])}"
    if actions:
        yield f"    expectedActions: [{', '.join(map(_quoted, actions))}]"


def _context(test: CapturedTest) -> Iterator[str]:
    values, _ = context_of(test)
    if values:
        yield "    contextVariables:"
    for name, value in values.items():
        yield f"      - name: {name}"
        yield f"        value: {_quoted(value)}"


def _history(turns: tuple[ConversationTurn, ...]) -> Iterator[str]:
    spoken = [each for each in turns if each.text.strip()]
    if spoken:
        yield "    conversationHistory:"
    for turn in spoken:
        yield f"      - role: {turn.speaker}"
        yield f"        message: {_quoted(turn.text)}"
        if turn.speaker == "agent" and is_topic_name(turn.topic):
            yield f"        topic: {_quoted(turn.topic)}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
