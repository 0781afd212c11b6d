"""The files of one copied component, with the names of the copies in the places that name components."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from wavegate.components.component import Component, ComponentId
from wavegate.components.types import is_metadata_xml
from wavegate.errors import InputError
from wavegate.pilot.sites.apex import ApexDoubt, ApexNames, copied_apex
from wavegate.pilot.sites.edits import UnwritableError
from wavegate.pilot.sites.metadata import LABEL_SUFFIX, MetadataFile, copied_metadata
from wavegate.pilot.sites.new_names import NewNames
from wavegate.pilot.sites.schema import copied_schema
from wavegate.pilot.sites.script import copied_script

_BOM = "\ufeff"
_APEX = (".cls",)
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
"""Source: the specification of Git LFS, docs/spec.md."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RewrittenFile:
    """data: of the copy. doubts: places in a class that may mean something else than a copied class."""

    data: bytes
    doubts: tuple[ApexDoubt, ...] = ()

    def is_labelled(self, original: bytes) -> bool:
        """Whether the copy's label says that it is one."""
        suffix = LABEL_SUFFIX.encode()
        return suffix in self.data and suffix not in original


@dataclass(frozen=True, kw_only=True)
class Rewriting:
    """names: of the copies. agents: API name of each script's agent, by its bundle.

    tests: the classes that are tests, whose strings no user reaches.
    """

    names: NewNames
    agents: Mapping[ComponentId, str]
    tests: frozenset[ComponentId] = frozenset()

    def file(self, component: Component, path: str, data: bytes) -> RewrittenFile:
        """The file of a copy. Raises UnwritableError: the component cannot be copied."""
        if data.startswith(_POINTER):
            # a checkout has the file at the original's path alone
            raise UnwritableError(f"is kept in Git LFS, where its names cannot be rewritten: {path}")
        if path.endswith(_APEX):
            return self._class(component, path, data)
        try:
            return RewrittenFile(data=self._other(component, path, data))
        except InputError as problem:
            raise UnwritableError(f"has a broken file, {path}: {problem.message.rstrip('.')}") from None

    def _other(self, component: Component, path: str, data: bytes) -> bytes:
        if path.endswith(".agent"):
            text = _text(data, path)
            agent = self.agents[component.id]
            start = _BOM if text.startswith(_BOM) else ""
            new = copied_script(text.removeprefix(_BOM), self.names, agent=agent, path=path)
            return (start + new).encode()
        if path.endswith(".json"):
            return copied_schema(_text(data, path), self.names, path=path).encode()
        if is_metadata_xml(path, component.id.type) or path.endswith("-meta.xml"):
            published = frozenset(each.casefold() for each in self.agents.values())
            file = MetadataFile(path=path, data=data, component=component.id, published=published)
            return copied_metadata(file, self.names)
        return data

    def _class(self, component: Component, path: str, data: bytes) -> RewrittenFile:
        copied = copied_apex(_text(data, path), self._apex_names, is_test=component.id in self.tests)
        return RewrittenFile(data=copied.text.encode(), doubts=copied.doubts)

    @cached_property
    def _apex_names(self) -> ApexNames:
        return ApexNames(
            classes=self._of_type("ApexClass"),
            flows=self._of_type("Flow"),
            templates=self._of_type("GenAiPromptTemplate"),
            namespace=self.names.namespace,
        )

    def _of_type(self, type_: str) -> Mapping[str, str]:
        return {old.name: new.name for old, new in self.names.components.items() if old.type == type_}


def _text(data: bytes, path: str) -> str:
    """The text of a file, with a byte order mark where it has one."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise UnwritableError(f"has a file that is not UTF-8: {path}") from None
