"""Agent Script files (`.agent`): the topics and actions they define, and what those actions call.

Only the block structure is read: `topic NAME:`, `subagent NAME:` or `start_agent NAME:` holds `actions:`, which holds
one block for each action, with its `target`. The language is indented like YAML, but it is not YAML.
Source: Salesforce's Agent Script reference and the trailheadapps/agent-script-recipes project.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"^(?P<indent>[ \t]*)(?P<key>[^\s:#|\"'][^:#|\"']*):(?:\s+(?P<value>\S.*))?$")
_TOPIC = re.compile(r"^(?:topic|subagent|start_agent)\s+(\w+)$")
_QUOTED = re.compile(r"^(?:\"([^\"]*)\"|'([^']*)'|([^\s#]+))")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptAction:
    """An action defined in the script. target: `scheme://name`, as written. line, column: of the target, from 1."""

    topic: str
    name: str
    target: str
    line: int
    column: int


def read_script(text: str) -> Iterator[ScriptAction]:
    """The action definitions of an Agent Script that have a target, in order."""
    blocks: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if not match:
            continue
        indent, key = len(match["indent"].expandtabs(4)), match["key"].rstrip()
        while blocks and blocks[-1][0] >= indent:
            blocks.pop()
        action = _action(blocks) if key == "target" and match["value"] else None
        if action:
            topic, name = action
            target = _plain(match["value"])
            yield ScriptAction(topic=topic, name=name, target=target, line=number, column=match.start("value") + 1)
        blocks.append((indent, key))


def _action(blocks: list[tuple[int, str]]) -> tuple[str, str] | None:
    """Topic and name of the action whose block is innermost; None if the innermost block is not an action."""
    keys = [key for _, key in blocks]
    if len(keys) < 2 or keys[-2] != "actions":
        return None
    topic = next((match[1] for key in keys if (match := _TOPIC.match(key))), "")
    return topic, keys[-1]


def _plain(value: str) -> str:
    match = _QUOTED.match(value.strip())
    return next((part for part in match.groups() if part is not None), "") if match else ""
