"""The flows and classes that agents can reach, read wave by wave."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from wavegate.components.component import Component, ComponentId, own_local_name
from wavegate.guardrails.metadata.apex import read_class
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.metadata.flows import read_flow
from wavegate.guardrails.model import Code

_TYPES: Mapping[str, str] = {"flow": "Flow", "apex": "ApexClass"}
_SUPERTYPES = re.compile(r"\b(?:implements|extends)\s+([\w\s.,<>]{1,500})", re.ASCII | re.IGNORECASE)
_OPEN = re.compile(r"\b(?:interface|abstract|virtual)\b", re.IGNORECASE)
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
    found: dict[str, Code] = {}
    subtypes = _Subtypes(files)
    waiting = set(targets)
    seen: set[ComponentId] = set()
    while waiting:
        wave = {each.id: each for target in waiting if (each := _component(files, target)) and each.id not in seen}
        seen |= wave.keys()
        codes = [*_flows(files, wave.values()), *_classes(files, wave.values(), subtypes)]
        found.update((each.id, each) for each in codes)
        waiting = {call for each in codes for call in each.calls}
    return {id_: _spelled(code, files) for id_, code in sorted(found.items())}


def _spelled(code: Code, files: MetadataFiles) -> Code:
    """The code with its calls spelled as the ids of what the project has."""
    calls = {_id(found) if (found := _component(files, call)) else call for call in code.calls}
    return replace(code, calls=frozenset(calls - {code.id}))


def _id(component: Component) -> str:
    return f"{'flow' if component.id.type == 'Flow' else 'apex'}://{component.id.name}"


def _component(files: MetadataFiles, target: str) -> Component | None:
    scheme, _, name = code_address(target, files.project.namespace).partition("://")
    return files.project.find(ComponentId(type=_TYPES[scheme], name=name)) if scheme in _TYPES else None


def _flows(files: MetadataFiles, wave: Iterable[Component]) -> Iterator[Code]:
    for component, path, root in files.each_definition(each for each in wave if each.id.type == "Flow"):
        yield read_flow(root, component.id.name, path)


def _classes(files: MetadataFiles, wave: Iterable[Component], subtypes: "_Subtypes") -> Iterator[Code]:
    owners = {path: each for each in wave if each.id.type == "ApexClass" for path in _sources(each)}
    for path, text in files.texts(owners):
        code = read_class(text, owners[path].id.name, path, files.names)
        yield subtypes.added(code, text)


def _sources(component: Component) -> Iterator[str]:
    return (path for path in component.paths if path.endswith(".cls"))


class _Subtypes:
    """The classes that implement or extend each type, which may be what runs where the type is named."""

    def __init__(self, files: MetadataFiles) -> None:
        self._files = files

    def added(self, code: Code, text: str) -> Code:
        """The code with calls of the classes that may stand behind it."""
        name = code.id.partition("://")[2].casefold()
        found = self._by_type.get(name, frozenset()) if _OPEN.search(text) else frozenset()
        return replace(code, calls=code.calls | found)

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
