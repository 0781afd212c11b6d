"""The contents of a component's files. A missing or broken file is a finding, not an error."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from wavegate.components.agent_script import LinkKind, read_agent, read_links, read_script
from wavegate.components.component import AgentScript, ApexRole, Component, ComponentId, Contents, own_local_name
from wavegate.components.flow_constants import flow_constants
from wavegate.components.metadata import Element, parse_xml
from wavegate.components.references.apex import read_apex, without_comments
from wavegate.components.references.collector import Collector
from wavegate.components.references.custom import custom_uses
from wavegate.components.references.known_names import KnownNames
from wavegate.components.references.metadata_xml import collect
from wavegate.components.references.web import read_json, read_module, read_template
from wavegate.components.types import is_metadata_xml
from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Location, error

_WITH_SCHEMAS = ("GenAiFunction", "GenAiPlannerBundle", "AiAgentDefinitionVersion", "LightningTypeBundle")
_WEB = (".js", ".ts", ".html")
_NOT_SHIPPED = ("/__tests__/", "/__mocks__/")
_NAMES_CUSTOM = ("Flow", "GenAiPromptTemplate")
PROMPT_DATA = re.compile(r"\{!\$(Apex|Flow):(\w{1,200})", re.ASCII)
_GRANT = re.compile(rb"<(apexClass|flow)>\s*(\w{1,200})\s*</", re.ASCII)


def readable(component: Component) -> tuple[str, ...]:
    """The component's files that can hold references, the one that defines it first."""
    paths = (path for path in component.paths if _is_readable(component, path))
    return tuple(sorted(paths, key=lambda path: path != component.path))


def _is_readable(component: Component, path: str) -> bool:
    match component.id.type:
        case "ApexClass":
            return path.endswith(".cls")
        case "LightningComponentBundle" if path.endswith(_WEB):
            return not any(folder in path for folder in _NOT_SHIPPED)
        case "LightningTypeBundle" if path.endswith(".json"):
            return True
        case type_ if type_ in _WITH_SCHEMAS and path.endswith("/schema.json"):
            return True
        case "ApexTrigger":
            return path.endswith(".trigger")
    return is_metadata_xml(path, component.id.type) or path.endswith(".agent")


def read_contents(component: Component, files: Mapping[str, bytes], known: KnownNames) -> Contents:
    """The contents of the component's readable files. known: the names of the whole project."""
    reader = _ReferenceReader(component, known)
    for path in readable(component):
        data = files.get(path)
        try:
            reader.read(path, data)
        except InputError as reason:
            reader.findings.append(_broken(reason, path))
    return reader.contents()


class _ReferenceReader:
    """Collects the contents of one component's files."""

    def __init__(self, component: Component, known: KnownNames) -> None:
        self._component = component
        self._names = known
        self._root = Collector(component.id, namespace=known.namespace)
        self._apex: ApexRole | None = None
        self._prompt_versions: dict[str, str] = {}
        self._active_version: str | None = None
        self._target: str | None = None
        self._status: str | None = None
        self._constants: dict[str, str] = {}
        self._script: AgentScript | None = None
        self.findings: list[Finding] = []

    def contents(self) -> Contents:
        return replace(
            self._root.contents(),
            apex=self._apex,
            prompt_versions=self._prompt_versions,
            active_version=self._active_version,
            target=self._target,
            status=self._status,
            constants=self._constants,
            script=self._script,
            findings=tuple(self.findings),
        )

    def read(self, path: str, data: bytes | None) -> None:
        if data is None:
            raise InputError("The file cannot be read, or is larger than 10 MiB.", fix="Fix or remove the file.")
        if path.endswith((".cls", ".trigger")):
            self._read_apex(path, data)
        elif path.endswith(".agent"):
            self._read_script(path, data)
        elif path.endswith((".json", *_WEB)):
            self._read_web(path, data.decode("utf-8", "replace"))
        elif self._component.id.type != "PermissionSet" or self._may_grant(data):
            self._read_xml(path, data)

    def _read_apex(self, path: str, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        source = read_apex(text, self._component.id.name, self._names)
        self._apex = source.role
        for each in source.mentions:
            place = place_in(text, each.offset, path)
            if each.type == "GenAiPromptTemplate":
                # the template's own reference to its provider is followed; this one would close the circle
                self._root.use((ComponentId(type=each.type, name=each.name),), place)
            elif each.type != "NamedCredential" or source.role not in (ApexRole.TEST, ApexRole.SUPPORT):
                # a test that writes an address asserts it: the code that it tests calls it
                self._root.refer((each.type,), each.name, place)
        self._read_custom(without_comments(text), path)

    def _read_script(self, path: str, data: bytes) -> None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError("The Agent Script is not UTF-8.", fix="Save it as UTF-8.") from None
        self._script = read_agent(text, path)
        for action in read_script(text):
            place = Location(file=path, line=action.line, column=action.column)
            self._action(action.topic, action.name, path).refer_to_address(action.target, place)
        for link in read_links(text):
            place = Location(file=path, line=link.line, column=link.column)
            found = self._action(link.topic, link.action, path) if link.action else self._root
            match link.kind:
                case LinkKind.AGENT:
                    found.refer_to_agent(link.value, place)
                case LinkKind.FLOW:
                    found.refer(("Flow",), link.value.removeprefix("flow://"), place)
                case LinkKind.DATA_TYPE:
                    found.refer_to_type(link.value, place)

    def _action(self, topic: str, name: str, path: str) -> Collector:
        """The collector of an action, which a script defines in a topic or at its top."""
        holder = self._root.inside("GenAiPlugin", topic, path) if topic else self._root
        return holder.inside("GenAiFunction", name, path)

    def _read_web(self, path: str, text: str) -> None:
        if path.endswith(".json"):
            found, references = self._holder(path), read_json(text)
        else:
            found, references = self._root, read_template(text) if path.endswith(".html") else read_module(text)
            self._read_custom(text, path)
        for each in references:
            place = place_in(text, each.offset, path)
            if each.type == "data-type":
                found.refer_to_type(each.name, place)
            elif each.is_shared:
                found.use((ComponentId(type=each.type, name=each.name),), place)
            elif each.namespace.casefold() in ("", "c", self._names.namespace.casefold()):
                found.refer((each.type,), each.name, place)

    def _holder(self, path: str) -> Collector:
        """The collector of the action that a schema belongs to: `localActions/Topic/Action/input/schema.json`."""
        folders = path.split("/")[:-2]
        for types in (("GenAiPlugin", "GenAiFunction"), ("GenAiFunction",)):
            found = self._root
            for type_, name in zip(types, folders[-len(types) :], strict=True):
                inner = ComponentId(type=type_, name=f"{found.owner.name}/{name}")
                found = next((each for component, each in found.inline.items() if component.id == inner), found)
            if found is not self._root:
                return found
        return self._root

    def _read_xml(self, path: str, data: bytes) -> None:
        root = parse_xml(data, path=path)
        expected = self._component.id.type
        # every kind of settings has its own root element
        if path == self._component.path and root.tag != expected and expected != "Settings":
            message = f"The file holds a {root.tag}, but its name says {expected}."
            fix = "Retrieve the component again, or rename the file."
            raise InputError(message, fix=fix, file=path, line=root.line, column=root.column)
        collect(root, self._root, path)
        if expected == "GenAiPromptTemplate":
            self._prompt_versions = dict(_published(root))
            self._active_version = root.value("activeVersionIdentifier") or None
            self._read_prompt(path, data.decode("utf-8", "replace"))
        elif expected == "AiAuthoringBundle":
            self._target = root.value("target") or None
        elif expected == "Flow":
            self._status, self._constants = root.value("status") or None, dict(flow_constants(root))
        if expected in _NAMES_CUSTOM and path == self._component.path:
            self._read_custom(data.decode("utf-8", "replace"), path)

    def _read_prompt(self, path: str, text: str) -> None:
        """Add the classes and flows whose data a template's text inserts: `{!$Apex:Class.Prompt}`."""
        for match in PROMPT_DATA.finditer(text):
            self._root.refer_to_call(match[1].lower(), match[2], place_in(text, match.start(), path))

    def _read_custom(self, text: str, path: str) -> None:
        for target, offset in custom_uses(text, self._names):
            self._root.use((target,), place_in(text, offset, path))

    def _may_grant(self, data: bytes) -> bool:
        """Whether a permission set may matter to an agent. Most do not, and a large one is slow to parse."""
        if b"agentAccesses" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return True
        types = {b"apexClass": "ApexClass", b"flow": "Flow"}
        return any(
            own_local_name(name.decode(), self._names.namespace).casefold() in self._names.of_type(types[tag])
            for tag, name in _GRANT.findall(data)
        )


def _published(template: Element) -> Iterator[tuple[str, str]]:
    """Identifier and digest of each published version of a prompt template. The digest leaves out the status."""
    for version in template.all("templateVersions"):
        identifier = version.value("versionIdentifier")
        if identifier and version.value("status") == "Published":
            digest = hashlib.sha256()
            for child in version.children:
                if child.tag != "status":
                    _add(child, digest.update)
            yield identifier, digest.hexdigest()


def _add(element: Element, update: Callable[[bytes], None]) -> None:
    update(f"<{element.tag}>{element.text}".encode())
    for child in element.children:
        _add(child, update)
    update(b"</>")


def place_in(text: str, offset: int, path: str) -> Location:
    """The location of an offset in a file's text."""
    line = text.count("\n", 0, offset)
    return Location(file=path, line=line + 1, column=offset - text.rfind("\n", 0, offset))


def _broken(reason: InputError, path: str) -> Finding:
    place = Location(file=path, line=reason.line or 1, column=reason.column or 1)
    return error("component/broken-file", place, reason.message, reason.fix)
