"""Settings of a script that bound behaviour: configuration, access, model, knowledge, connections."""

from collections.abc import Iterator, Sequence

from wavegate.findings.finding import Location
from wavegate.guardrails.model import Setting
from wavegate.guardrails.script.found import Scope
from wavegate.guardrails.script.keys import first_of_each
from wavegate.guardrails.script.lines import entry
from wavegate.guardrails.script.texts import text_of
from wavegate.guardrails.script.tree import ScriptLine

_UNNAMED = frozenset({"config", "access", "model_config"})
"""Blocks whose keys are known without the block's name."""
_IRRELEVANT = frozenset({
    "developer_name", "agent_name", "agent_label", "agent_id", "agent_version", "agent_template", "label",
    "description", "source", "loading_text",
})  # fmt: skip


def read_settings(nodes: Sequence[ScriptLine], scope: Scope, prefix: str = "") -> Iterator[Setting]:
    """The settings of a block and of those inside of it. prefix: of their names, such as `knowledge.`."""
    for node, found in first_of_each(nodes, scope):
        if node.text.startswith("-"):
            yield Setting(name=prefix.rstrip("."), value=node.text, location=_location(node, scope))
        elif node.text == "empty":
            continue
        elif found is None:
            scope.not_understood(node)
        elif found.key in _IRRELEVANT:
            continue
        else:
            name = f"{prefix}{found.key} {found.name}".strip()
            block = [child for child in node.children if child.text and not child.text.startswith('"')]
            if found.value or node.prose or not block:
                yield Setting(name=name, value=text_of(found), location=_location(node, scope))
            yield from read_settings(block, scope, f"{name}.")


def prefix_of(block: str) -> str:
    """What the names of a top block's settings start with."""
    return "" if block in _UNNAMED else f"{block}."


def _location(node: ScriptLine, scope: Scope) -> Location:
    found = entry(node)
    return Location(file=scope.path, line=node.line, column=found.column if found else node.column)
