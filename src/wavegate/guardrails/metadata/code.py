"""The flows and classes that agents can reach, read wave by wave."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from wavegate.components.component import Component, ComponentId, own_local_name
from wavegate.guardrails.metadata.apex import ApexClass, read_class
from wavegate.guardrails.metadata.apex_calls import ApexResolver
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.metadata.flows import read_flow
from wavegate.guardrails.model import Code

_TYPES: Mapping[str, str] = {"flow": "Flow", "apex": "ApexClass"}
_SUPERTYPES = re.compile(r"\b(?:implements|extends)\s+([\w\s.,<>]{1,500})", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]\w*", re.ASCII)


def code_address(address: str, namespace: str = "") -> str:
    """The id of the code behind a target: the class of a method, the name without the project's own namespace.

    A flow that feeds a prompt is addressed by `flow://Name.Prompt`.
    """
    scheme, separator, name = address.partition("://")
    if not separator:
        return address
    local = own_local_name(name, namespace)
    return f"{scheme}://{local.partition('.')[0] if scheme in _TYPES else local}"


def read_code(files: MetadataFiles, targets: Iterable[str]) -> Mapping[str, Code]:
    """The code behind the targets and all that it calls, by id, as far as the project has it."""
    flows: list[Code] = []
    classes: list[ApexClass] = []
    subtypes = _Subtypes(files)
    waiting = set(targets)
    seen: set[ComponentId] = set()
    while waiting:
        wave = {each.id: each for target in waiting if (each := _component(files, target)) and each.id not in seen}
        seen |= wave.keys()
        found_flows = tuple(_flows(files, wave.values()))
        found_classes = tuple(_classes(files, wave.values(), subtypes))
        flows += found_flows
        classes += found_classes
        waiting = {call for each in (*found_flows, *(each.code for each in found_classes)) for call in each.calls}
    codes = (*flows, *_resolved(classes))
    return {each.id: _spelled(each, files) for each in sorted(codes, key=lambda code: code.id)}


def _component(files: MetadataFiles, target: str) -> Component | None:
    scheme, _, name = code_address(target, files.project.namespace).partition("://")
    return files.project.find(ComponentId(type=_TYPES[scheme], name=name)) if scheme in _TYPES else None


def _flows(files: MetadataFiles, wave: Iterable[Component]) -> Iterator[Code]:
    for component, path, root in files.each_definition(each for each in wave if each.id.type == "Flow"):
        yield read_flow(root, component.id.name, path)


def _classes(files: MetadataFiles, wave: Iterable[Component], subtypes: "_Subtypes") -> Iterator[ApexClass]:
    owners = {path: each for each in wave if each.id.type == "ApexClass" for path in _sources(each)}
    for path, text in files.texts(owners):
        yield subtypes.added(read_class(text, owners[path].id.name, path, files.names))


def _sources(component: Component) -> Iterator[str]:
    return (path for path in component.paths if path.endswith(".cls"))


def _resolved(classes: Iterable[ApexClass]) -> Iterator[Code]:
    """The code of each class, its members with the addresses of the members that they call."""
    by_name = {_name(each.code).casefold(): each for each in classes}
    names = {folded: _name(each.code) for folded, each in by_name.items()}
    resolver = ApexResolver({folded: each.members for folded, each in by_name.items()}, names)
    for folded, each in by_name.items():
        members = {
            name: replace(member, calls=member.calls.union(resolver.addresses(each.calls[name], folded)))
            for name, member in each.code.members.items()
        }
        yield replace(each.code, members=members)


def _name(code: Code) -> str:
    return code.id.partition("://")[2]


def _spelled(code: Code, files: MetadataFiles) -> Code:
    """The code with its calls spelled as the ids of what the project has."""
    calls = {_id(found) if (found := _component(files, call)) else call for call in code.calls}
    return replace(code, calls=frozenset(calls - {code.id}))


def _id(component: Component) -> str:
    return f"{'flow' if component.id.type == 'Flow' else 'apex'}://{component.id.name}"


class _Subtypes:
    """The classes that implement or extend each type, which may be what runs where the type is named."""

    def __init__(self, files: MetadataFiles) -> None:
        self._files = files

    def added(self, found: ApexClass) -> ApexClass:
        """The class with calls of the classes that may stand behind it."""
        if not found.members.is_open:
            return found
        behind = self._by_type.get(_name(found.code).casefold(), frozenset())
        return replace(found, code=replace(found.code, calls=found.code.calls | behind))

    @cached_property
    def _by_type(self) -> Mapping[str, frozenset[str]]:
        """Read once, and only if a type is reached that others may stand behind."""
        owners = {path: each for each in self._files.of_type("ApexClass") for path in _sources(each)}
        found: dict[str, set[str]] = {}
        for path, data in self._files.contents(owners):
            for match in _SUPERTYPES.finditer(data.decode("utf-8", "replace")):
                for word in _WORD.findall(match[1]):
                    found.setdefault(word.casefold(), set()).add(f"apex://{owners[path].id.name}")
        return {name: frozenset(ids) for name, ids in found.items()}
