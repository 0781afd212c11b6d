"""The places in metadata XML that name components, and what stands there in a copy.

The elements that the index follows as references are its own table; here are those that it need not follow: a
component's own name, and the names of an agent's topics and actions.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wavegate.components.component import AGENT_TYPES, ComponentId, without_org_suffix
from wavegate.components.references.metadata_xml import FLEX_TEMPLATE, INLINE, LINKS
from wavegate.components.references.read import PROMPT_DATA
from wavegate.pilot.sites.edits import TextEdit, UnwritableError, edited
from wavegate.pilot.sites.new_names import NewNames
from wavegate.pilot.sites.xml_text import XmlNode, read_nodes

LABEL_SUFFIX = " (Pilot)"
"""What the label of a copied agent ends in, so that a user who sees both agents can tell them apart."""
_MAX_LABEL = 80
"""Source: the field reference of BotDefinition."""

_OWN_NAMES = frozenset({"fullName", "developerName", "localDeveloperName", "name"})
"""Children of the root that may repeat the component's name."""
_LOCAL_NAMES = frozenset({"fullName", "developerName"})
_LABELS = frozenset({("Bot", "label"), ("botMlDomain", "label")})
_INSTRUCTIONS = "genAiPluginInstructions"
_TOPICS = frozenset({"topic_sequence_match", "topic_assertion"})
_QUOTED = re.compile(r"(['\"])(\w+)(?=\1)")
"""A name in an expected value that is a list: `['A', 'B']`."""
_ACTIONS = frozenset({"action_sequence_match", "actions_assertion"})
_PUBLISHED_AS = ("AiAuthoringBundle", "target")
"""What an org writes into a bundle when it publishes its script. A copy was not published yet."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, kw_only=True, slots=True)
class MetadataFile:
    """A metadata file of a copied component. published: folded names of agents that come from scripts."""

    path: str
    data: bytes
    component: ComponentId
    published: frozenset[str] = frozenset()


def copied_metadata(file: MetadataFile, names: NewNames) -> bytes:
    """The file with the names of the copies. Raises UnwritableError, and InputError as `parse_xml` does."""
    if file.data.startswith(_UTF_16):
        raise UnwritableError(f"has a file that is not UTF-8: {file.path}")
    root = read_nodes(file.data, path=file.path)
    edits: list[TextEdit[bytes]] = []
    labelled = LABEL_SUFFIX.encode() not in file.data
    for parent, node in root.below():
        if node.children or not node.text:
            continue
        if _is_left_out(parent, node, file):
            edits += _commented_out(node, file)
        elif new := _new_text(parent, node, names, file.component, parent is root):
            edits.append(_replaced(node, new, file))
        elif labelled and (parent.tag, node.tag) in _LABELS and len(node.text + LABEL_SUFFIX) <= _MAX_LABEL:
            edits.append(_labelled(node, file.data))
        elif file.component.type == "GenAiPromptTemplate":
            edits += _inserted_data(node, file.data, names)
    return edited(file.data, edits)


def local_names(root: XmlNode) -> Iterator[str]:
    """The names of the topics, actions and instructions that a planner bundle defines itself."""
    for parent, node in root.below():
        if (node.text and parent.tag in INLINE and node.tag in ("fullName", "developerName")) or (
            parent.tag == _INSTRUCTIONS and node.tag == "developerName" and without_org_suffix(node.text) != node.text
        ):
            yield node.text


def _new_text(parent: XmlNode, node: XmlNode, names: NewNames, component: ComponentId, at_root: bool) -> str | None:  # noqa: FBT001
    own = names.components.get(component)
    if at_root and own and node.tag in _OWN_NAMES and node.text == component.name:
        return own.name
    if types := LINKS.get((parent.tag, node.tag)):
        return names.local_name(types, node.text) if parent.tag.startswith("local") else names.name(types, node.text)
    if parent.tag in INLINE and node.tag in _LOCAL_NAMES:
        return names.local.get(node.text)
    if node.text.startswith(FLEX_TEMPLATE):
        new = names.name(("GenAiPromptTemplate",), node.text.removeprefix(FLEX_TEMPLATE))
        return new and FLEX_TEMPLATE + new
    rule = _RULES.get((parent.tag, node.tag)) or _RULES.get(("", node.tag))
    return rule(parent, node, names) if rule else None


def _target(parent: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.call(parent.value("invocationTargetType"), node.text)


def _called(parent: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.call(parent.value("actionType"), node.text)


def _address(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.address(node.text)


def _provider(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    kind, separator, name = node.text.partition(":")
    new = names.call(kind.lower(), name) if separator and kind in ("Apex", "Flow") else None
    return new and f"{kind}:{new}"


def _class(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.class_type(node.text)


def _attribute(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.attribute(node.text)


def _assigned(parent: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    type_ = "GenAiPlugin" if parent.value("targetType") in ("Plugin", "") else "GenAiFunction"
    return names.local_name((type_,), node.text)


def _source(parent: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.name((INLINE[parent.tag],), node.text) if parent.tag in INLINE else None


def _template(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.name(("GenAiPromptTemplate",), node.text)


def _agent(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.name(AGENT_TYPES, node.text)


def _instruction(_: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    return names.local.get(node.text)


def _expected(parent: XmlNode, node: XmlNode, names: NewNames) -> str | None:
    kind = parent.value("name")
    if kind in _TOPICS:
        return _tested("GenAiPlugin", node.text, names)
    if kind not in _ACTIONS:
        return None
    new = _QUOTED.sub(lambda match: match[1] + (_tested("GenAiFunction", match[2], names) or match[2]), node.text)
    return new if new != node.text else None


def _tested(type_: str, name: str, names: NewNames) -> str | None:
    """A topic or action in a test. One that a planner defines itself has the same name in a copy."""
    return None if name in names.tested_local else names.name((type_,), name)


_RULES: Mapping[tuple[str, str], Callable[[XmlNode, XmlNode, NewNames], str | None]] = {
    ("", "invocationTarget"): _target,
    ("actionCalls", "actionName"): _called,
    ("actionCalls", "nameSegment"): _called,
    ("templateDataProviders", "definition"): _address,
    ("templateDataProviders", "referenceName"): _provider,
    ("", "apexClass"): _class,
    ("dataTypeMappings", "typeValue"): _class,
    ("attributeMappings", "attributeName"): _attribute,
    ("ruleExpressionAssignments", "targetName"): _assigned,
    ("", "source"): _source,
    ("GenAiPromptTemplateActv", "genAiPromptTemplate"): _template,
    ("botMlDomain", "name"): _agent,
    (_INSTRUCTIONS, "developerName"): _instruction,
    ("expectation", "expectedValue"): _expected,
}
"""Parent, '' for any, and child element to what decides the new text."""


def _replaced(node: XmlNode, new: str, file: MetadataFile) -> TextEdit[bytes]:
    raw = file.data[node.begin : node.end]
    text = node.text.encode()
    # a name that is written with entities, or in several sections, has no place of its own
    if raw.strip() not in (text, b"<![CDATA[" + text + b"]]>"):
        raise UnwritableError(f"is named by an entity or beside a comment in {file.path}, line {node.line}")
    begin = node.begin + raw.index(text)
    return TextEdit(begin=begin, end=begin + len(text), new=new.encode())


def _labelled(node: XmlNode, data: bytes) -> TextEdit[bytes]:
    end = node.begin + len(data[node.begin : node.end].rstrip())
    return TextEdit(begin=end, end=end, new=LABEL_SUFFIX.encode())


def _is_left_out(parent: XmlNode, node: XmlNode, file: MetadataFile) -> bool:
    if node.tag == "subjectVersion":
        # an org numbers the versions that it publishes, so a copy's is not known
        return parent.value("subjectName").casefold() in file.published
    return (file.component.type, node.tag) == _PUBLISHED_AS and parent.tag == file.component.type


def _commented_out(node: XmlNode, file: MetadataFile) -> Iterator[TextEdit[bytes]]:
    """`<a>b</a>` becomes `<!--a>b</a-->`, which can be undone."""
    tag = node.tag.encode()
    raw = file.data[node.begin : node.end]
    starts = file.data[node.begin - len(tag) - 2 : node.begin] == b"<" + tag + b">"
    ends = file.data[node.end : node.end + len(tag) + 3] == b"</" + tag + b">"
    if b"--" in raw or not (starts and ends):
        raise UnwritableError(f"has an element `{node.tag}` that cannot be taken out of {file.path}")
    begin, end = node.begin - len(tag) - 1, node.end + len(tag) + 2
    yield TextEdit(begin=begin, end=begin, new=b"!--")
    yield TextEdit(begin=end, end=end, new=b"--")


def _inserted_data(node: XmlNode, data: bytes, names: NewNames) -> Iterator[TextEdit[bytes]]:
    """The classes and flows whose data a template's text inserts: `{!$Apex:Class.Prompt}`."""
    text = data[node.begin : node.end].decode("latin-1")
    for match in PROMPT_DATA.finditer(text):
        if new := names.call(match[1].lower(), match[2]):
            begin, end = (node.begin + offset for offset in match.span(2))
            yield TextEdit(begin=begin, end=end, new=new.encode())
