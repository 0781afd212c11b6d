"""Reads what an agent said and did from the results of an org's test run.

Testing Center's fields are strings in several formats, and its texts are HTML-escaped. A value that cannot be parsed
counts as not recorded, so no check that needs it can pass.
Source: types and result handling of the published `@salesforce/agents` and `@salesforce/plugin-agent`.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from wavegate.components.component import COPY_SUFFIX
from wavegate.evidence.transcript import Transcript, Turn
from wavegate.smoke.values import PlannedRun

MAX_DEPTH = 12
"""Levels of nesting that are read in the record of invoked actions."""
_STRING = r"(?<=')[\w.:/-]+(?=')|(?<=\")[\w.:/-]+(?=\")"
_PYTHON_LIST = re.compile(r"""\[\s*(?:['"][\w.:/-]+['"]\s*(?:,\s*['"][\w.:/-]+['"]\s*)*)?\]""")


def center_transcript(planned: PlannedRun, case: Mapping[str, Any]) -> Transcript:
    """The transcript of one entry of `testCases` of a Testing Center result."""
    data = _object(case.get("generatedData"))
    answer = _text(data.get("outcome")) or _text(data.get("generatedResponse"))
    return Transcript(
        test=planned.test,
        case=str(case.get("testNumber")),
        run=planned.run,
        turns=_turns(_text(_object(case.get("inputs")).get("utterance")), answer),
        actions=_called(data),
        topic=_text(data.get("topic")) or None,
        session=_text(data.get("sessionId")) or None,
    )


def studio_transcript(planned: PlannedRun, case: Mapping[str, Any]) -> Transcript:
    """The transcript of one entry of `testCases` of an Agentforce Studio result.

    Its `subjectResponse` holds the answer in `content`, by the published mock of @salesforce/plugin-agent; older
    results and Testing Center use the other names. The question is `userInput`, or an entry of the case's `inputs`.
    """
    data = _object(_parsed(case.get("subjectResponse")))
    names = ("content", "outcome", "generatedResponse", "agentResponse", "response", "message")
    answer = next((text for text in (_text(data.get(name)) for name in names) if text), "")
    return Transcript(
        test=planned.test,
        case=str(case.get("testNumber")),
        run=planned.run,
        turns=_turns(_text(data.get("userInput")) or _question(case.get("inputs")), answer),
        actions=_called(data),
        topic=_text(data.get("topic")) or None,
        session=_text(data.get("sessionId")) or None,
    )


def _question(inputs: Any) -> str:
    """The user's text among the inputs of a Studio case: `[{"name": "utterance", "value": …}]`."""
    named = {each.get("name"): each.get("value") for each in map(_object, inputs if isinstance(inputs, list) else [])}
    return _text(named.get("utterance")) or _text(named.get("userInput"))


def _turns(utterance: str, answer: str) -> tuple[Turn, ...]:
    user = (Turn(speaker="user", text=utterance),) if utterance else ()
    return (*user, Turn(speaker="agent", text=answer)) if answer else user


def _called(data: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Names of the actions in both records; None if there is no record, or if one cannot be parsed.

    `actionsSequence` is a list or its Python repr; `invokedActions` is JSON: `[[{"function": {"name": …}}]]`.
    """
    records = [_parsed(data[key]) for key in ("actionsSequence", "invokedActions") if data.get(key) not in (None, "")]
    if not records or not all(isinstance(each, list) for each in records):
        return None
    names = dict.fromkeys(name for record in records for name in _names(record))
    return None if None in names else tuple(name for name in names if name)


def _names(value: Any, depth: int = 0) -> Iterator[str | None]:
    """The names in a record of calls; None for an entry without a name."""
    if depth > MAX_DEPTH:
        yield None
    elif isinstance(value, list):
        for entry in value:
            yield from _names(entry, depth + 1)
    elif isinstance(value, str):
        yield value
    else:
        function = _object(_object(value).get("function")) or _object(value)
        name = function.get("name")
        yield name if isinstance(name, str) else None


def _parsed(value: Any) -> Any:
    """The value. A string is parsed as JSON or as Python's repr of a list of strings; None if it is neither."""
    if not isinstance(value, str):
        return value
    text = html.unescape(value).strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return re.findall(_STRING, text) if _PYTHON_LIST.fullmatch(text) else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return html.unescape(value) if isinstance(value, str) else ""


def with_own_actions(transcript: Transcript) -> Transcript:
    """A transcript of a pilot's copy, where the copies of actions have the names that policies know."""
    if transcript.actions is None:
        return transcript
    return replace(transcript, actions=tuple(each.removesuffix(COPY_SUFFIX) for each in transcript.actions))
