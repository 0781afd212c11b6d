"""The variables of a script."""

import re
from collections.abc import Iterator, Sequence

from wavegate.guardrails.conditions.parse import parse_expression
from wavegate.guardrails.model import Variable, VariableKind
from wavegate.guardrails.script.found import Scope
from wavegate.guardrails.script.keys import first_of_each
from wavegate.guardrails.script.lines import Piece, assigned, entry, place, unquoted
from wavegate.guardrails.script.tree import ScriptLine

_KIND = re.compile(r"(mutable|linked)\s+")
_KNOWN = frozenset({"description", "label", "source", "visibility", "is_displayable", "is_used_by_planner"})


def read_variables(nodes: Sequence[ScriptLine], scope: Scope) -> Iterator[Variable]:
    """The variables of the `variables` block."""
    for node in nodes:
        found = entry(node)
        if found is None or found.name or not found.value:
            scope.not_understood(node)
            continue
        match = _KIND.match(found.value)
        kind, default = assigned(Piece(text=found.value[match.end() if match else 0 :], column=found.column))
        lines = dict(_lines(node, scope))
        yield Variable(
            name=found.key,
            kind=VariableKind(match[1]) if match else VariableKind.CONSTANT,
            type=kind.text,
            default=parse_expression(default.text) if default and default.text else None,
            external=lines.get("visibility", "").lower() == "external",
            source=lines.get("source", ""),
            location=place(node, scope.path),
        )


def _lines(node: ScriptLine, scope: Scope) -> Iterator[tuple[str, str]]:
    for child, line in first_of_each(node.children, scope):
        if line and line.key in _KNOWN:
            yield line.key, unquoted(line.value)
        else:
            scope.not_understood(child)
