"""Conversations from the spans of OpenTelemetry traces.

A turn is the highest span that records messages: `invoke_agent`, or `chat` without one. Its messages repeat what was
said before, as far as the model was given it; what is already known is not said again. Calls of actions are the spans
`execute_tool`, or what the model asked for if there is none.
Source: open-telemetry/semantic-conventions, docs/gen-ai/gen-ai-agent-spans.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wavegate.conversations.json_text import as_text, text_fields
from wavegate.conversations.moments import moment_of
from wavegate.conversations.otlp import Span, Spans
from wavegate.conversations.otlp_messages import SaidMessage, SpanMessages, messages_of
from wavegate.conversations.problems import ambiguous, incomplete
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Finding
from wavegate.text import join_names

SESSION_KEYS = ("gen_ai.conversation.id", "session.id", "gen_ai.session.id", "conversation.id")
"""Attributes that name a conversation; a trace without one is a conversation of its own."""
_PEOPLE = ("user.", "enduser.", "client.address", "customer.")
_CONTENT = "Record the content of messages (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT), and export it again."
_MAX_ANCESTORS = 1000


@dataclass(kw_only=True, slots=True)
class _Turn:
    span: Span
    messages: SpanMessages
    actions: list[ActionCall] = field(default_factory=list)


def conversations_of_spans(spans: Spans, *, session: str = "") -> Iterator[Conversation | Finding]:
    """The conversations of the spans, with a finding for each that does not say what was said.

    session: the conversation that all of them belong to, if that is known; otherwise their attributes say it.
    """
    if spans.is_broken and spans.by_id:
        first = next(iter(spans.by_id.values()))
        message = "The traces are left out: a part of them could not be read, and whose spans it had is unknown."
        yield incomplete(first.place, message, "Fix the other problems first.")
        return
    for trace, span_id, event, _ in spans.logs:
        if (span := spans.by_id.get((trace, span_id))) is not None:
            span.events.append(event)
    sessions: dict[str, list[Span]] = defaultdict(list)
    names = _session_of_traces(spans)
    for span in spans.by_id.values():
        sessions[session or _named(span) or names.get(span.trace, "") or f"trace {span.trace}"].append(span)
    for name, members in sessions.items():
        if not spans.conflicting & {each.trace for each in members}:
            yield from _conversation(name, members, spans, session_is_given=bool(session))


def _named(span: Span) -> str:
    return next((str(span.values[key]) for key in SESSION_KEYS if span.values.get(key)), "")


def _session_of_traces(spans: Spans) -> dict[str, str]:
    """The conversation of each trace whose spans or resource name only one."""
    names: dict[str, set[str]] = defaultdict(set)
    for span in spans.by_id.values():
        resource = next((str(span.resource[key]) for key in SESSION_KEYS if span.resource.get(key)), "")
        if name := _named(span) or resource:
            names[span.trace].add(name)
    return {trace: next(iter(found)) for trace, found in names.items() if len(found) == 1}


def _conversation(
    name: str, members: Sequence[Span], spans: Spans, *, session_is_given: bool
) -> Iterator[Conversation | Finding]:
    members = sorted(members, key=lambda span: (span.start, span.end))
    first = members[0]
    # whatever names a conversation may be a person's
    shown = "A conversation"
    recorded = {id(span): messages for span in members if (messages := messages_of(span)) is not None}
    if not recorded:
        # spans of other software are passed over
        if any(str(key).startswith("gen_ai.") for span in members for key in span.values) or session_is_given:
            yield incomplete(first.place, f"{shown} has no content of messages.", _CONTENT)
        return
    turns = [
        _Turn(span=span, messages=recorded[id(span)])
        for span in members
        if id(span) in recorded and not any(id(each) in recorded for each in _ancestors(span, spans))
    ]
    has_tools = _attach(turns, members, recorded, spans)
    said = list(_spoken(turns, has_tools=has_tools))
    problem = _missing(said)
    if problem:
        yield incomplete(first.place, f"{shown} {problem}.", _CONTENT)
        return
    agents = dict.fromkeys(
        (str(value), str(span.values.get("gen_ai.agent.version", "")))
        for span in members
        if (value := span.values.get("gen_ai.agent.name"))
    )
    if len(agents) > 1:
        shown_agents = join_names([each for each, _ in agents])
        yield ambiguous(first.place, f"{shown} has more than one agent: {shown_agents}.", "Test each one alone.")
    agent, version = next(iter(agents)) if len(agents) == 1 else ("", "")
    people = {
        key: as_text(value)
        for span in members
        for values in (span.resource, span.values)
        for key, value in values.items()
        if key.startswith(_PEOPLE)
    }
    yield Conversation(
        id="" if name.startswith("trace ") else name,
        turns=tuple(said),
        place=first.place,
        agent=agent,
        version=version,
        started=moment_of(first.start),
        variables=people,
    )


def _ancestors(span: Span, spans: Spans) -> Iterator[Span]:
    for _ in range(_MAX_ANCESTORS):
        parent = spans.by_id.get((span.trace, span.parent))
        if parent is None or parent is span:
            return
        yield parent
        span = parent


def _attach(turns: Sequence[_Turn], members: Sequence[Span], recorded: dict[int, SpanMessages], spans: Spans) -> bool:
    """Give each call of an action to its turn: the one it is inside of, or the last that started before it.

    Returns whether calls are recorded at all.
    """
    tools = [span for span in members if _tool(span)]
    by_span = {id(turn.span): turn for turn in turns}
    for span in tools:
        inside = next((by_span[id(each)] for each in _ancestors(span, spans) if id(each) in by_span), None)
        turn = inside or next((each for each in reversed(turns) if each.span.start <= span.start), turns[0])
        inputs = text_fields(span.values.get("gen_ai.tool.call.arguments", span.values.get("gen_ai.tool.input")))
        turn.actions.append(ActionCall(name=_tool(span), inputs=inputs, error=span.error))
    asked = False
    for span in members if not tools else ():
        messages = recorded.get(id(span))
        if messages is None or not messages.calls:
            continue
        asked = True
        owners = (span, *_ancestors(span, spans))
        turn = next(by_span[id(each)] for each in owners if id(each) in by_span)
        # an agent's span repeats the calls of the model's spans in it
        turn.actions += [call for call in messages.calls if span is turn.span or call not in turn.actions]
    return bool(tools) or asked


def _tool(span: Span) -> str:
    """The name of the tool that a span executes; '' for any other span."""
    is_tool = span.values.get("gen_ai.operation.name") == "execute_tool" or span.name.startswith("execute_tool ")
    return str(span.values.get("gen_ai.tool.name") or span.name.removeprefix("execute_tool ")) if is_tool else ""


def _spoken(turns: Sequence[_Turn], *, has_tools: bool) -> Iterator[ConversationTurn]:
    """What was said, each once, with the calls and the latency of a turn on its last answer."""
    known: list[SaidMessage] = []
    waiting: list[ActionCall] = []
    for turn in turns:
        messages = [*turn.messages.inputs, *turn.messages.outputs]
        fresh = messages[_overlap(known, turn.messages) :]
        known += fresh
        waiting += turn.actions
        last = len(fresh) - 1 if fresh and not fresh[-1].is_user else None
        for index, message in enumerate(fresh):
            if message.is_user:
                yield ConversationTurn(speaker="user", text=message.text, time=moment_of(turn.span.start))
                continue
            is_last = index == last
            yield ConversationTurn(
                speaker="agent",
                text=message.text,
                actions=tuple(waiting) if is_last and has_tools else None,
                latency=_latency(turn.span) if is_last else None,
                time=moment_of(turn.span.end),
            )
            waiting = [] if is_last else waiting
        if last is None and turn.span.error:
            calls = tuple(waiting) if has_tools else None
            yield ConversationTurn(speaker="agent", text="", actions=calls, time=moment_of(turn.span.end))
            waiting = []


def _latency(span: Span) -> float | None:
    return (span.end - span.start) / 1_000_000 if 0 < span.start <= span.end else None


def _overlap(known: list[SaidMessage], messages: SpanMessages) -> int:
    """How many of a turn's messages repeat the end of what is known.

    A turn that was given no history repeats nothing after an answer, even if the user says the same again.
    """
    given = [*messages.inputs, *messages.outputs]
    has_history = any(not each.is_user for each in messages.inputs)
    if not known or (not has_history and not known[-1].is_user):
        return 0
    # the longest end of one that is a start of the other, by the failure function of Knuth, Morris and Pratt
    failure = [0] * len(given)
    for index in range(1, len(given)):
        size = failure[index - 1]
        while size and given[index] != given[size]:
            size = failure[size - 1]
        failure[index] = size + (given[index] == given[size])
    size = 0
    for message in known[-len(given) :] if given else ():
        while size and (size == len(given) or message != given[size]):
            size = failure[size - 1]
        size += message == given[size]
    return size


def _missing(said: Sequence[ConversationTurn]) -> str:
    if not any(turn.speaker == "user" for turn in said):
        return "has nothing that the user said"
    if said[-1].speaker == "user":
        return "ends with a message that is not answered, and no error that explains it"
    return ""
