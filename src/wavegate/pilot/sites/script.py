"""The names in an Agent Script, as a copy has them: the agent's own, and those of what it calls and links to."""

from collections.abc import Iterator

from wavegate.components.agent_script import LinkKind, read_config, read_links, read_script
from wavegate.pilot.sites.edits import TextEdit, UnwritableError, edited
from wavegate.pilot.sites.metadata import LABEL_SUFFIX
from wavegate.pilot.sites.new_names import NewNames

_FLOW = "flow://"
_MAX_LABEL = 80


def copied_script(text: str, names: NewNames, *, agent: str, path: str) -> str:
    """The script with the names of the copies. agent: its developer name. Raises UnwritableError."""
    lines = _starts(text)
    edits: list[TextEdit[str]] = []
    for line, column, old, new in _renamed(text, names, agent, path):
        begin = lines[line - 1] + column - 1
        begin += text[begin] in "\"'"
        if text[begin : begin + len(old)] != old:
            raise UnwritableError(f"has a value that cannot be followed in {path}, line {line}")
        edits.append(TextEdit(begin=begin, end=begin + len(old), new=new))
    return edited(text, edits)


def _renamed(text: str, names: NewNames, agent: str, path: str) -> Iterator[tuple[int, int, str, str]]:
    """Line, column, old and new value."""
    named = False
    for key, value, line, column in read_config(text):
        if key == "developer_name" and not named:
            named = True
            yield line, column, value, names.agents[agent]
        elif key == "agent_label" and value and _takes_suffix(text, value):
            yield line, column, value, value + LABEL_SUFFIX
    if not named:
        raise UnwritableError(f"has a script without `developer_name`: {path}")
    for action in read_script(text):
        if new := names.address(action.target):
            yield action.line, action.column, action.target, new
    for link in read_links(text):
        if new := _link(link.kind, link.value, names):
            yield link.line, link.column, link.value, new


def _takes_suffix(text: str, label: str) -> bool:
    return LABEL_SUFFIX not in text and len(label + LABEL_SUFFIX) <= _MAX_LABEL


def _link(kind: LinkKind, value: str, names: NewNames) -> str | None:
    match kind:
        case LinkKind.AGENT:
            return names.agent(value)
        case LinkKind.DATA_TYPE:
            return names.data_type(value)
        case LinkKind.FLOW:
            name = value.removeprefix(_FLOW)
            new = names.name(("Flow",), name)
            return new and value[: len(value) - len(name)] + new


def _starts(text: str) -> list[int]:
    """The offset of each line, as the reader of scripts counts lines."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts
