"""Spans and events of OpenTelemetry traces in OTLP JSON, with their attributes as plain values.

One document, or JSON Lines as the collector's file exporter writes them: `resourceSpans`, and `resourceLogs` for the
conventions that record messages as events. Ids are hexadecimal; a 64-bit number is a text.
Sources: opentelemetry.io, "OTLP specification" (JSON Protobuf encoding), "OpenTelemetry protocol file exporter";
developer.salesforce.com, "Export Agentforce Session Tracing Data (Beta)", whose reply is such a document.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from wavegate.conversations.problems import duplicate, malformed
from wavegate.findings.finding import Finding, Location
from wavegate.text import one_line

MAX_DEPTH = 32
"""Levels of nesting in the value of an attribute."""


class OtlpDepthError(Exception):
    """A value is nested too deeply. It never leaves this module."""


class _Camel(msgspec.Struct, rename="camel"):
    """Base of the parts of a document. Fields that are not needed are not read."""


class _KeyValue(_Camel):
    key: str
    value: dict[str, Any] | None = None


class _Event(_Camel):
    name: str = ""
    event_name: str = ""
    time_unix_nano: str | int = 0
    attributes: list[_KeyValue] = []
    body: dict[str, Any] | None = None
    trace_id: str = ""
    span_id: str = ""


class _Status(_Camel):
    code: int | str = 0
    message: str = ""


class _Span(_Camel):
    trace_id: str
    span_id: str
    parent_span_id: str = ""
    name: str = ""
    start_time_unix_nano: str | int = 0
    end_time_unix_nano: str | int = 0
    attributes: list[_KeyValue] = []
    events: list[_Event] = []
    status: _Status = msgspec.field(default_factory=_Status)


class _Scope(_Camel):
    spans: list[_Span] = []
    log_records: list[_Event] = []


class _Resource(_Camel):
    attributes: list[_KeyValue] = []


class _ResourceSignals(_Camel):
    resource: _Resource = msgspec.field(default_factory=_Resource)
    scope_spans: list[_Scope] = []
    scope_logs: list[_Scope] = []


class _Signals(_Camel):
    resource_spans: list[_ResourceSignals] = []
    resource_logs: list[_ResourceSignals] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanEvent:
    """An event of a span, or a log record that belongs to it. time: nanoseconds since 1970, 0 if it is unknown."""

    name: str
    time: int
    values: Mapping[str, Any]
    body: Any = None


@dataclass(kw_only=True, slots=True)
class Span:
    """A span. start, end: nanoseconds since 1970, 0 if unknown. error: '' if it did not fail. values: attributes."""

    trace: str
    id: str
    parent: str
    name: str
    start: int
    end: int
    error: str
    values: Mapping[str, Any]
    resource: Mapping[str, Any]
    events: list[SpanEvent]
    place: Location


@dataclass(kw_only=True, slots=True)
class Spans:
    """The spans of all files, by trace and id, and the log records that belong to them."""

    by_id: dict[tuple[str, str], Span] = field(default_factory=dict)
    logs: list[tuple[str, str, SpanEvent, Location]] = field(default_factory=list)
    conflicting: set[str] = field(default_factory=set)
    """Traces of which a span cannot be read, or is in two exports with different values."""
    is_broken: bool = False
    """Whether something could not be read that may belong to any trace."""


def is_otlp(document: Mapping[str, Any]) -> bool:
    """Whether a document has the form of OTLP JSON; metrics alone tell nothing, and are passed over."""
    return not document.keys().isdisjoint({"resourceSpans", "resourceLogs", "resourceMetrics"})


def add_document(document: Mapping[str, Any], place: Location, spans: Spans) -> Iterator[Finding]:
    """Add the spans and log records of a document; a finding if it, or one of them, does not have the form."""
    try:
        signals = msgspec.convert(document, _Signals)
    except (msgspec.ValidationError, RecursionError) as error:
        spans.is_broken = True
        yield malformed(place, f"This is not OTLP JSON: {one_line(str(error), 200)}.")
        return
    for resource in signals.resource_spans:
        for scope in resource.scope_spans:
            for number, span in enumerate(scope.spans, start=1):
                yield from _add(span, resource.resource, place, spans, number)
    for resource in signals.resource_logs:
        for scope in resource.scope_logs:
            for log in scope.log_records:
                try:
                    spans.logs.append((_id(log.trace_id), _id(log.span_id), _event(log), place))
                except (OtlpDepthError, ValueError) as error:
                    spans.is_broken = True
                    yield malformed(place, f"A log record cannot be read: {error}.")


def _add(span: _Span, resource: _Resource, place: Location, spans: Spans, number: int) -> Iterator[Finding]:
    try:
        found = _span(span, resource, place)
    except (OtlpDepthError, ValueError) as error:
        spans.conflicting.add(_id(span.trace_id))
        yield malformed(place, f"Span {number} of a scope cannot be read: {error}.")
        return
    earlier = spans.by_id.setdefault((found.trace, found.id), found)
    # an exporter that retries sends a span again, and the resource may have changed in between
    if earlier is not found and (earlier.values, earlier.events) != (found.values, found.events):
        spans.conflicting.add(found.trace)
        yield duplicate(place, f"Span `{found.id}` differs from an earlier span of that id.", "Remove one of them.")


def _span(span: _Span, resource: _Resource, place: Location) -> Span:
    if not span.trace_id or not span.span_id:
        raise ValueError("it has no trace id or span id")
    return Span(
        trace=_id(span.trace_id),
        id=_id(span.span_id),
        parent=_id(span.parent_span_id),
        name=span.name,
        start=_nanoseconds(span.start_time_unix_nano),
        end=_nanoseconds(span.end_time_unix_nano),
        error=_error(span),
        values=_values(span.attributes),
        resource=_values(resource.attributes),
        events=[_event(each) for each in span.events],
        place=place,
    )


def _error(span: _Span) -> str:
    """What failed. The status codes are 0 unset, 1 ok and 2 error, or their names."""
    values = _values(span.attributes)
    failed = str(span.status.code) in {"2", "STATUS_CODE_ERROR", "ERROR"}
    kind = values.get("error.type")
    if not failed and not kind:
        return ""
    exceptions = (
        _values(each.attributes).get("exception.message") for each in span.events if each.name == "exception"
    )
    said = span.status.message or next((str(each) for each in exceptions if each), "") or str(kind or "")
    return said or "failed"


def _event(event: _Event) -> SpanEvent:
    values = _values(event.attributes)
    name = event.event_name or event.name or str(values.get("event.name", ""))
    return SpanEvent(name=name, time=_nanoseconds(event.time_unix_nano), values=values, body=_value(event.body or {}))


def _id(text: str) -> str:
    return text.lower()


def _nanoseconds(value: str | int) -> int:
    text = str(value)
    if not text.isascii() or not text.isdecimal() or len(text) > 20:
        raise ValueError("a time is not a number of nanoseconds")
    return int(text)


def _values(attributes: Sequence[_KeyValue]) -> dict[str, Any]:
    return {each.key: _value(each.value or {}) for each in attributes}


def _value(value: Any, depth: int = 0) -> Any:
    """The plain value of an AnyValue, which has one of several members, each named after a type."""
    if depth > MAX_DEPTH:
        raise OtlpDepthError("a value is nested too deeply")
    match value:
        case {"stringValue": str(text)}:
            return text
        case {"boolValue": bool(flag)}:
            return flag
        case {"intValue": int() | str() as number}:
            return number if isinstance(number, int) else (int(number) if number.lstrip("-").isdecimal() else number)
        case {"doubleValue": number}:
            return number
        case {"bytesValue": str(text)}:
            return text
        case {"arrayValue": array}:
            items = array.get("values") if isinstance(array, dict) else None
            return [_value(each, depth + 1) for each in items or () if isinstance(each, dict)]
        case {"kvlistValue": pairs}:
            items = pairs.get("values") if isinstance(pairs, dict) else None
            return {
                str(each["key"]): _value(each.get("value") or {}, depth + 1)
                for each in items or ()
                if isinstance(each, dict) and "key" in each
            }
    return None
