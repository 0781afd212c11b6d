"""Agent Script files (`.agent`): the topics and actions they define, what those call, and what the agent links to.

Only the block structure is read: `topic NAME:`, `subagent NAME:` or `start_agent NAME:` holds `actions:`, which holds
one block for each action, with its `target` and the data types of its `inputs:` and `outputs:`. A `connection NAME:`
names the flow that routes to a human, a `connected_subagent NAME:` another agent. The language is indented like YAML,
but it is not YAML.
Source: Salesforce's Agent Script reference and the trailheadapps/agent-script-recipes project.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from wavegate.components.component import AgentScript
from wavegate.findings.finding import Location

_LINE = re.compile(r"^(?P<indent>[ \t]*)(?P<key>[^\s:#|\"'][^:#|\"']*):(?:\s+(?P<value>\S.*))?$")
_TOPIC = re.compile(r"^(?:topic|subagent|start_agent)\s+(\w+)$")
_QUOTED = re.compile(r"^(?:\"([^\"]*)\"|'([^']*)'|([^\s#]+))")

_ID = r"[0-9][A-Za-z0-9]{14}(?:[A-Za-z0-9]{3})?(?![A-Za-z0-9])"
"""A record's id, of 15 or 18 characters. An API name never starts with a digit."""
_ORG_BOUND = {False: re.compile(rf"^\w+://{_ID}", re.ASCII), True: re.compile(rf"(?:^|_){_ID}", re.ASCII)}
"""A value that holds in one org only: a target by record id, or, if True, the configuration of a data library."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptAction:
    """An action defined in the script. target: `scheme://name`, as written. line, column: of the target, from 1."""

    topic: str
    name: str
    target: str
    line: int
    column: int


class LinkKind(StrEnum):
    """What a link's value names."""

    FLOW = "flow"
    AGENT = "agent"
    DATA_TYPE = "data type"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptLink:
    """A reference beside the targets of actions. value: as written. topic, action: where it stands, '' at the top."""

    kind: LinkKind
    value: str
    topic: str
    action: str
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A `key: value` line. path: the keys of the blocks around it. line, column: of the value, from 1."""

    path: tuple[str, ...]
    key: str
    value: str
    line: int
    column: int


def read_script(text: str) -> Iterator[ScriptAction]:
    """The action definitions of an Agent Script that have a target, in order."""
    for each in _entries(text):
        action = _action(each.path) if each.key == "target" else None
        if action:
            topic, name = action
            yield ScriptAction(topic=topic, name=name, target=each.value, line=each.line, column=each.column)


def read_links(text: str) -> Iterator[ScriptLink]:
    """The flows that route to a human, the connected agents, and the data types of actions, in order."""
    for each in _entries(text):
        kind = _kind(each)
        if kind and each.value:
            inside = _action(each.path[:-2]) if kind is LinkKind.DATA_TYPE else None
            topic, action = inside or ("", "")
            yield ScriptLink(
                kind=kind, value=each.value, topic=topic, action=action, line=each.line, column=each.column
            )


def read_agent(text: str, path: str) -> AgentScript:
    """The agent's name in the script's `config:`, ids that hold in one org only, names of tools and topics."""
    name, location = "", Location(file=path)
    org_ids = []
    tools: set[str] = set()
    topics: set[str] = set()
    for each in _entries(text):
        tools.update(inner for outer, inner in pairwise((*each.path, each.key)) if outer == "actions")
        topics.update(found[1] for block in each.path[:1] if (found := _TOPIC.match(block)))
        place = Location(file=path, line=each.line, column=each.column)
        if each.key == "developer_name" and each.path == ("config",) and not name:
            name, location = each.value, place
        if _ORG_BOUND[each.key == "rag_feature_config_id"].search(each.value):
            org_ids.append((each.value, place))
    return AgentScript(
        developer_name=name,
        location=location,
        org_ids=tuple(org_ids),
        tools=tuple(sorted(tools)),
        topics=tuple(sorted(topics)),
    )


def read_config(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Key and value of each line of the script's `config:`, with line and column of the value, from 1."""
    for each in _entries(text):
        if each.path == ("config",):
            yield each.key, each.value, each.line, each.column


def _entries(text: str) -> Iterator[_Entry]:
    """The lines that give a key a value."""
    blocks: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if not match:
            continue
        indent, key = len(match["indent"].expandtabs(4)), match["key"].rstrip()
        while blocks and blocks[-1][0] >= indent:
            blocks.pop()
        if match["value"]:
            path = tuple(block for _, block in blocks)
            value, column = _plain(match["value"]), match.start("value") + 1
            yield _Entry(path=path, key=key, value=value, line=number, column=column)
        blocks.append((indent, key))


def _kind(entry: _Entry) -> LinkKind | None:
    match entry.key, entry.path:
        case "outbound_route_name", (block,) if block.startswith("connection "):
            return LinkKind.FLOW
        case "outbound_route_name", ("connections", _):
            return LinkKind.FLOW
        case "outbound_flow", ("config",):
            return LinkKind.FLOW
        case "target", (block,) if block.startswith("connected_subagent "):
            return LinkKind.AGENT
        case "complex_data_type_name", (*_, "inputs" | "outputs", _):
            return LinkKind.DATA_TYPE
    return None


def _action(path: tuple[str, ...]) -> tuple[str, str] | None:
    """Topic and name of the action whose block is innermost; None if the innermost block is not an action."""
    if len(path) < 2 or path[-2] != "actions":
        return None
    topic = next((match[1] for key in path if (match := _TOPIC.match(key))), "")
    return topic, path[-1]


def _plain(value: str) -> str:
    match = _QUOTED.match(value.strip())
    return next((part for part in match.groups() if part is not None), "") if match else ""
