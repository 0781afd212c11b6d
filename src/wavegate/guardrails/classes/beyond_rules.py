"""What differs in an agent's file beyond what the rules compare: its structure, and where its texts stand.

Rules compare what they know. Anything else that differs, such as the mapping of an input or the condition of a text,
may widen what the agent does, so that it is never harmless by default.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError
from wavegate.guardrails.diff.areas.wording import is_rewording
from wavegate.guardrails.script.lines import entry, keyword, unquoted
from wavegate.guardrails.script.tree import MAX_DEPTH, ScriptLine, read_tree

_TEXTS = frozenset({"description", "label", "masterLabel", "message", "title", "welcome", "error"})
"""Names of texts that say what something is, or what people read. Rules compare those that they know."""
_COMPARED = frozenset(
    {"scope", "content", "instructionText", "isConfirmationRequired", "isDisplayable", "isUsedByPlanner",
     "copilotAction:isDisplayable", "copilotAction:isUsedByPlanner", "lightning:isDisplayable",
     "require_user_confirmation", "filter_from_agent", "is_displayable", "is_used_by_planner"}
)  # fmt: skip
"""Names of values whose every effect the rules compare."""
_INSTRUCTIONS = frozenset({"instructions", "genAiPluginInstructions"})
_OF_INSTRUCTIONS = frozenset({"description", "developerName", "masterLabel", "sortOrder"})
_BRANCHES = frozenset({"if", "elif", "else"})

_EQUALS = re.compile(r"(?<![=!<>])\s*=\s*(?!=)")
_Place = tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class _FileParts:
    """structure: what no rule compares, each with its place. texts: by place. said: instructions by condition."""

    structure: Counter[_Place] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    said: list[tuple[_Place, str]] = field(default_factory=list)


def differing_parts(path: str, before: bytes, after: bytes, explained: Iterable[str]) -> tuple[str, ...]:
    """What differs beyond what rules compare, as names for people; () if nothing does.

    explained: texts that a change already names.
    """
    if before == after:
        return ()
    try:
        was, now = _parts_of(path, before), _parts_of(path, after)
    except (InputError, ValueError, RecursionError):
        return ("the whole file, which cannot be read",)
    found = [*_lost_and_found(was.structure, now.structure)]
    named = {" ".join(each.split()) for each in explained}
    found += [text for text in _other_words(was.texts, now.texts) if text not in named]
    return tuple(dict.fromkeys([*(each or "the structure" for each in found), *_moved(was, now)]))


def _lost_and_found(was: Counter[_Place], now: Counter[_Place]) -> Iterator[str]:
    for place in sorted((was - now) + (now - was)):
        yield place[-1]


def _other_words(was: Counter[str], now: Counter[str]) -> Iterator[str]:
    """The texts of one side that are not the other side's in other words."""
    lost, come = sorted((was - now).elements()), sorted((now - was).elements())
    if len(lost) != len(come) or not all(map(is_rewording, lost, come)):
        yield from [*lost, *come]


def _moved(was: _FileParts, now: _FileParts) -> Iterator[str]:
    """The instructions that stand under another condition, or that come, go or change under one."""
    old, new = _by_text(was.said), _by_text(now.said)
    for text in sorted(old.keys() & new.keys()):
        if old[text] != new[text]:
            yield f"the condition of “{text}”"
    lost = [each for each in was.said if each[1] not in new and each[0]]
    come = [each for each in now.said if each[1] not in old and each[0]]
    same = [place for place, _ in lost] == [place for place, _ in come]
    if not same or not all(is_rewording(one[1], other[1]) for one, other in zip(lost, come, strict=True)):
        yield from (f"“{text}” under a condition" for _, text in (*lost, *come))


def _by_text(said: Iterable[tuple[_Place, str]]) -> dict[str, frozenset[_Place]]:
    found: dict[str, frozenset[_Place]] = {}
    for place, text in said:
        found[text] = found.get(text, frozenset()) | {place}
    return found


def _parts_of(path: str, content: bytes) -> _FileParts:
    parts = _FileParts()
    if path.endswith(".agent"):
        _add_lines(parts, read_tree(content.decode("utf-8", "replace"), path).nodes, (), ())
    elif path.endswith(".json"):
        _add_json(parts, json.loads(content), ())
    else:
        _add_element(parts, parse_xml(content, path=path), ())
    return parts


def _add_lines(parts: _FileParts, nodes: Iterable[ScriptLine], place: _Place, conditions: _Place) -> None:
    last = ""
    for node in nodes:
        found, word, text = entry(node), keyword(node), _code(node.text)
        key = found.key if found else ""
        if word in _BRANCHES:
            last = text if word == "if" else f"{last} {text}"
            _add_lines(parts, node.children, (*place, last), (*conditions, last))
            parts.structure.update([(*place, last)] if any(map(_acts, node.children)) else [])
            continue
        if key in _INSTRUCTIONS or not (node.text and not node.text.startswith('"')):
            _add_said(parts, node, unquoted(found.value) if found else unquoted(node.text), conditions)
        elif found and key in _TEXTS and not node.children:
            parts.texts[_plain(unquoted(found.value) or (node.prose.text if node.prose else ""))] += 1
            continue
        elif key not in _COMPARED and word != "available when":
            parts.structure[(*place, text)] += 1
        _add_lines(parts, node.children, (*place, text), conditions)


def _acts(node: ScriptLine) -> bool:
    return bool(node.text) and not node.text.startswith('"')


def _add_said(parts: _FileParts, node: ScriptLine, quoted: str, conditions: _Place) -> None:
    for line in (*quoted.split("\n"), *(node.prose.text.split("\n") if node.prose else ())):
        text = _plain(line.removeprefix("->").removeprefix("|"))
        if text:
            parts.said.append((conditions, text))


def _plain(text: str) -> str:
    """A text without what makes no difference: quotes, and white space."""
    return " ".join(text.replace('"', "").split())


def _code(text: str) -> str:
    """A line of a script, which has one spelling."""
    return _EQUALS.sub("=", _plain(text)).replace("@topic.", "@subagent.").replace("topic ", "subagent ")


def _add_element(parts: _FileParts, element: Element, place: _Place) -> None:
    """Every element with all that is in it, so that two that exchange a part differ."""
    for each in element.children:
        _keep_texts(parts, each)
        if shape := _shape(each):
            parts.structure[(*place, shape, each.tag)] += 1


def _keep_texts(parts: _FileParts, element: Element) -> None:
    if element.tag in _INSTRUCTIONS:
        return
    if element.tag in _TEXTS and not element.children:
        parts.texts[_plain(element.text)] += 1
    for each in element.children:
        _keep_texts(parts, each)


def _shape(element: Element) -> str:
    """What an element says beside texts and what rules compare; the order in it is nothing."""
    if not element.children:
        compared = element.tag in _TEXTS or element.tag in _COMPARED
        return "" if compared else json.dumps([element.tag, element.text])
    if element.tag in _INSTRUCTIONS:
        # rules compare each of them, so that their number is nothing
        others = [each for each in element.children if each.tag not in _OF_INSTRUCTIONS and each.tag != "language"]
        return json.dumps([element.tag, sorted(map(_shape, others))]) if others else ""
    return json.dumps([element.tag, sorted(filter(None, map(_shape, element.children)))])


def _add_json(parts: _FileParts, value: object, place: _Place) -> None:
    if len(place) > MAX_DEPTH:
        message = "The file is nested too deeply."
        raise ValueError(message)
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(each, dict | list) and key in _TEXTS:
                parts.texts[_plain(str(each))] += 1
            elif isinstance(each, dict | list) or key not in _COMPARED:
                _add_json(parts, each, (*place, str(key)))
    elif isinstance(value, list):
        for each in value:
            _add_json(parts, each, place)
    else:
        parts.structure[(*place, json.dumps(value), place[-1] if place else "")] += 1
