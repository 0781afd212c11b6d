"""The messages that spans record by the semantic conventions for generative AI, in their current and older forms.

Current (1.37 and later): `gen_ai.input.messages` and `gen_ai.output.messages`, JSON or structured, as attributes or
on the event `gen_ai.client.inference.operation.details`. 1.28 to 1.36: events `gen_ai.user.message`,
`gen_ai.assistant.message`, `gen_ai.choice`. 1.27: events `gen_ai.content.prompt` and `gen_ai.content.completion`.
Before: `gen_ai.prompt.0.content`, as OpenLLMetry writes it.
Sources: open-telemetry/semantic-conventions, docs/gen-ai (gen-ai-spans.md, gen-ai-events.md,
gen-ai-input-messages.json) of these versions; traceloop/openllmetry.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wavegate.conversations.json_text import decoded, text_fields
from wavegate.conversations.otlp import Span, SpanEvent
from wavegate.conversations.values import ActionCall

_USERS = frozenset({"user", "human", "customer"})
_AGENTS = frozenset({"assistant", "agent", "model", "ai", "bot"})
_INDEXED = re.compile(r"gen_ai\.(?P<side>prompt|completion)\.(?P<index>[0-9]{1,5})\.(?P<field>role|content)")
_DETAILS = "gen_ai.client.inference.operation.details"


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidMessage:
    """A message of a span that the conversation's people see. is_user: whether the user wrote it."""

    is_user: bool
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanMessages:
    """What a span records. inputs: with what was said before, oldest first. calls: that the model asked for."""

    inputs: tuple[SaidMessage, ...]
    outputs: tuple[SaidMessage, ...]
    calls: tuple[ActionCall, ...] = ()


def messages_of(span: Span) -> SpanMessages | None:
    """The messages that a span records; None if it records none, as most spans do."""
    inputs, outputs = _raw(span)
    if not inputs and not outputs:
        return None
    return SpanMessages(
        inputs=tuple(_said(inputs, default="user")),
        outputs=tuple(_said(outputs, default="assistant")),
        calls=tuple(call for message in outputs for call in _calls(message)),
    )


def _raw(span: Span) -> tuple[list[Any], list[Any]]:
    """Messages as recorded: given to the model, and made by it. The first convention that has any counts."""
    sources = [span.values, *(each.values for each in span.events if each.name == _DETAILS)]
    sources += [each.body for each in span.events if each.name == _DETAILS and isinstance(each.body, dict)]
    for values in sources:
        inputs, outputs = _list(values.get("gen_ai.input.messages")), _list(values.get("gen_ai.output.messages"))
        if inputs or outputs:
            return inputs, outputs
    by_event = _by_events(span.events)
    if any(by_event):
        return by_event
    return _indexed(span)


def _by_events(events: list[SpanEvent]) -> tuple[list[Any], list[Any]]:
    inputs: list[Any] = []
    outputs: list[Any] = []
    for event in sorted(events, key=lambda each: each.time):
        body = event.body if isinstance(event.body, dict) else {}
        content = decoded(str(event.values.get("gen_ai.event.content", "")))
        fields = {**event.values, **(content if isinstance(content, dict) else {}), **body}
        match event.name:
            case "gen_ai.user.message":
                inputs.append({"role": "user", **fields})
            case "gen_ai.assistant.message":
                inputs.append({"role": "assistant", **fields})
            case "gen_ai.choice":
                message = (
                    decoded(fields["message"]) if isinstance(fields.get("message"), str) else fields.get("message")
                )
                outputs.append(
                    message if isinstance(message, dict) else {"content": message or fields.get("content")}
                )
            case "gen_ai.content.prompt":
                inputs += _list(event.values.get("gen_ai.prompt"))
            case "gen_ai.content.completion":
                outputs += _list(event.values.get("gen_ai.completion"))
    return inputs, outputs


def _indexed(span: Span) -> tuple[list[Any], list[Any]]:
    sides: dict[str, dict[int, dict[str, Any]]] = {"prompt": {}, "completion": {}}
    for name, value in span.values.items():
        if match := _INDEXED.fullmatch(name):
            sides[match["side"]].setdefault(int(match["index"]), {})[match["field"]] = value
    inputs, outputs = ([side[index] for index in sorted(side)] for side in sides.values())
    return inputs, outputs


def _list(value: Any) -> list[Any]:
    value = decoded(value) if isinstance(value, str) else value
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _said(messages: list[Any], *, default: str) -> Iterator[SaidMessage]:
    """What people said and saw: not the system's instructions, not what tools returned."""
    for message in messages:
        role = str(message.get("role", default)).casefold() if isinstance(message, dict) else default
        text = _text(message)
        if text and role in _USERS | _AGENTS:
            yield SaidMessage(is_user=role in _USERS, text=text)


def _text(message: Any) -> str:
    """The text of a message: its parts of type `text`, or its content, a text or a list of parts."""
    if not isinstance(message, dict):
        return message.strip() if isinstance(message, str) else ""
    parts = message.get("parts", message.get("content"))
    if isinstance(parts, str):
        parts = decoded(parts) if parts.lstrip().startswith("[{") else parts
    if isinstance(parts, str):
        return parts.strip()
    texts = (
        each if isinstance(each, str) else each.get("content", each.get("text"))
        for each in (parts if isinstance(parts, list) else ())
        if isinstance(each, str) or (isinstance(each, dict) and each.get("type", "text") == "text")
    )
    return "\n".join(each.strip() for each in texts if isinstance(each, str) and each.strip())


def _calls(message: Any) -> Iterator[ActionCall]:
    """The calls of tools that a message asks for, in parts or in `tool_calls`."""
    if not isinstance(message, dict):
        return
    parts = [
        each for each in _list(message.get("parts")) if isinstance(each, dict) and each.get("type") == "tool_call"
    ]
    for each in (*parts, *(one for one in _list(message.get("tool_calls")) if isinstance(one, dict))):
        function = each["function"] if isinstance(each.get("function"), dict) else each
        if isinstance(function.get("name"), str) and function["name"]:
            yield ActionCall(name=function["name"], inputs=text_fields(function.get("arguments")))
