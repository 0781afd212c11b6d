"""The references in a component's files: metadata XML, Agent Script and Apex.

Source of the element names: Salesforce's Metadata API guide.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping

from wavegate.components.agent_script import read_script
from wavegate.components.apex import read_apex
from wavegate.components.component import (
    AGENT_TYPES,
    ApexRole,
    Component,
    ComponentId,
    Contents,
    Reference,
    own_local_name,
    without_org_suffix,
)
from wavegate.components.known_names import KnownNames
from wavegate.components.metadata import Element, parse_xml
from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Location, error

_LINKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("conversationDefinitionPlanners", "genAiPlannerName"): ("GenAiPlannerBundle", "GenAiPlanner"),
    ("genAiPlugins", "genAiPluginName"): ("GenAiPlugin",),
    ("localTopicLinks", "genAiPluginName"): ("GenAiPlugin",),
    ("genAiFunctions", "genAiFunctionName"): ("GenAiFunction",),
    ("genAiFunctions", "functionName"): ("GenAiFunction",),
    ("localActionLinks", "genAiFunctionName"): ("GenAiFunction",),
    ("localActionLinks", "functionName"): ("GenAiFunction",),
    ("subflows", "flowName"): ("Flow",),
    ("apexPluginCalls", "apexClass"): ("ApexClass",),
    ("AiEvaluationDefinition", "subjectName"): AGENT_TYPES,
    ("AiTestingDefinition", "subjectName"): AGENT_TYPES,
    ("classAccesses", "apexClass"): ("ApexClass",),
    ("flowAccesses", "flow"): ("Flow",),
    ("namedCredentialParameters", "externalCredential"): ("ExternalCredential",),
    ("ExternalServiceRegistration", "namedCredential"): ("NamedCredential",),
    ("ExternalServiceRegistration", "namedCredentialReference"): ("NamedCredential",),
}
"""Parent and child element whose text names a component, to the types that the component may have."""

_INLINE = {"localTopics": "GenAiPlugin", "localActions": "GenAiFunction", "plannerActions": "GenAiFunction"}
_CALLS = {
    "apex": "ApexClass",
    "flow": "Flow",
    "generatePromptResponse": "GenAiPromptTemplate",
    "prompt": "GenAiPromptTemplate",
    "externalService": "ExternalServiceRegistration",
}
"""Kind of an invocation, or scheme of an address, to the type that it calls. Any other kind is the platform's."""


def readable(component: Component) -> tuple[str, ...]:
    """The component's files that can hold references: XML, Agent Script and Apex."""
    if component.id.type == "ApexClass":
        return tuple(path for path in component.paths if path.endswith(".cls"))
    return tuple(path for path in component.paths if path == component.path or path.endswith(("-meta.xml", ".agent")))


def read_contents(component: Component, files: Mapping[str, bytes], known: KnownNames) -> Contents:
    """The contents of the component's readable files. A missing or broken file is a finding, not an error."""
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
        self._root = _Scope(component.id, namespace=known.namespace)
        self._apex: ApexRole | None = None
        self._prompt_versions: dict[str, str] = {}
        self._active_version: str | None = None
        self._target: str | None = None
        self._status: str | None = None
        self.findings: list[Finding] = []

    def contents(self) -> Contents:
        return Contents(
            references=tuple(self._root.references),
            apex=self._apex,
            inline={component: scope.contents() for component, scope in self._root.inline.items()},
            prompt_versions=self._prompt_versions,
            active_version=self._active_version,
            target=self._target,
            status=self._status,
            findings=tuple(self.findings),
        )

    def read(self, path: str, data: bytes | None) -> None:
        if data is None:
            raise InputError("The file cannot be read, or is larger than 10 MiB.", fix="Fix or remove the file.")
        if path.endswith(".cls"):
            self._read_apex(path, data)
        elif path.endswith(".agent"):
            self._read_script(path, data)
        elif self._component.id.type != "PermissionSet" or _may_grant_agents(data):
            self._read_xml(path, data)

    def _read_apex(self, path: str, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        source = read_apex(text, self._component.id.name, self._names)
        self._apex = source.role
        for each in source.mentions:
            # a test that writes an address asserts it; the code that it tests calls it
            if source.role is not ApexRole.TEST or each.type == "ApexClass":
                self._root.refer((each.type,), each.name, place_in(text, each.offset, path))

    def _read_script(self, path: str, data: bytes) -> None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError("The Agent Script is not UTF-8.", fix="Save it as UTF-8.") from None
        for action in read_script(text):
            topic = self._root.inside("GenAiPlugin", action.topic, path) if action.topic else self._root
            place = Location(file=path, line=action.line, column=action.column)
            topic.inside("GenAiFunction", action.name, path).refer_to_address(action.target, place)

    def _read_xml(self, path: str, data: bytes) -> None:
        root = parse_xml(data, path=path)
        expected = self._component.id.type
        if path == self._component.path and root.tag != expected:
            message = f"The file holds a {root.tag}, but its name says {expected}."
            fix = "Retrieve the component again, or rename the file."
            raise InputError(message, fix=fix, file=path, line=root.line, column=root.column)
        _walk(root, self._root, path)
        if expected == "GenAiPromptTemplate":
            self._prompt_versions = dict(_published(root))
            self._active_version = root.value("activeVersionIdentifier") or None
        elif expected == "AiAuthoringBundle":
            self._target = root.value("target") or None
        elif expected == "Flow":
            self._status = root.value("status") or None


class _Scope:
    """One component's references, and the topics and actions defined inside it."""

    def __init__(self, owner: ComponentId, outer: ComponentId | None = None, namespace: str = "") -> None:
        self.owner = owner
        self.namespace = namespace
        self.outer = outer or owner
        self.references: list[Reference] = []
        self.inline: dict[Component, _Scope] = {}

    def contents(self) -> Contents:
        inline = {component: scope.contents() for component, scope in self.inline.items()}
        return Contents(references=tuple(self.references), inline=inline)

    def inside(self, type_: str, name: str, path: str) -> "_Scope":
        """The scope of a topic or action defined inside this one."""
        inner = ComponentId(type=type_, name=f"{self.owner.name}/{name}")
        scope = _Scope(inner, self.outer, self.namespace)
        return self.inline.setdefault(Component(id=inner, path=path, parent=self.owner), scope)

    def refer(self, types: tuple[str, ...], name: str, place: Location) -> None:
        """Add a reference by name. A double underscore marks a name of the platform or of a managed package."""
        name = own_local_name(name, self.namespace)
        targets = tuple(ComponentId(type=each, name=name) for each in types)
        self.references.append(Reference(targets=targets, location=place, external="__" in name))

    def refer_inside(self, type_: str, name: str, place: Location) -> None:
        """Add a reference to a topic or action defined here, in the outermost component, or in its own file."""
        name = own_local_name(name, self.namespace)
        names = (f"{self.owner.name}/{name}", f"{self.outer.name}/{name}", name, without_org_suffix(name))
        targets = tuple(ComponentId(type=type_, name=each) for each in dict.fromkeys(names))
        self.references.append(Reference(targets=targets, location=place, external="__" in name))

    def refer_to_call(self, kind: str, name: str, place: Location) -> None:
        """Add a reference to what an action calls: `Class`, `Class.method`, `Service.operation` or a plain name."""
        if kind not in _CALLS:
            target = ComponentId(type=kind, name=name)
            self.references.append(Reference(targets=(target,), location=place, external=True))
        else:
            self.refer((_CALLS[kind],), name if kind == "flow" else name.partition(".")[0], place)

    def refer_to_address(self, address: str, place: Location) -> None:
        """Add a reference to `scheme://name`. Any other text is not a reference."""
        kind, separator, name = address.partition("://")
        if separator and name:
            self.refer_to_call(kind, name, place)


def _walk(parent: Element, scope: _Scope, path: str) -> None:
    """Collect the references under parent. An inline topic or action gets its own scope."""
    _refer_to_calls(parent, scope, path)
    for child in parent.children:
        place = Location(file=path, line=child.line, column=child.column)
        types = _LINKS.get((parent.tag, child.tag))
        if child.tag in _INLINE:
            name = child.value("fullName") or child.value("developerName")
            _walk(child, scope.inside(_INLINE[child.tag], name, path), path)
        elif types and child.text and parent.value("enabled") != "false":
            if parent.tag.startswith("local"):
                scope.refer_inside(types[0], child.text, place)
            else:
                scope.refer(types, child.text, place)
        elif child.children:
            _walk(child, scope, path)


def _refer_to_calls(element: Element, scope: _Scope, path: str) -> None:
    """Add the references that span several elements."""
    place = Location(file=path, line=element.line, column=element.column)
    if target := element.value("invocationTarget"):
        scope.refer_to_call(element.value("invocationTargetType"), target, place)
    elif element.tag == "actionCalls":
        scope.refer_to_call(element.value("actionType"), element.value("actionName"), place)
    elif element.tag == "templateDataProviders":
        scope.refer_to_address(element.value("definition"), place)
    elif element.tag == "agentAccesses" and element.value("enabled") != "false":
        scope.refer(AGENT_TYPES, element.value("agentName"), place)
    elif element.tag == "externalCredentialPrincipalAccesses" and element.value("enabled") != "false":
        # written as `Credential-Principal`; an API name has no hyphen
        credential = element.value("externalCredentialPrincipal").partition("-")[0].strip()
        scope.refer(("ExternalCredential",), credential, place)


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


def _may_grant_agents(data: bytes) -> bool:
    """Whether a permission set may name an agent. Most do not, and a large one is slow to parse."""
    return b"agentAccesses" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff")


def place_in(text: str, offset: int, path: str) -> Location:
    """The location of an offset in a file's text."""
    line = text.count("\n", 0, offset)
    return Location(file=path, line=line + 1, column=offset - text.rfind("\n", 0, offset))


def _broken(reason: InputError, path: str) -> Finding:
    place = Location(file=path, line=reason.line or 1, column=reason.column or 1)
    return error("component/broken-file", place, reason.message, reason.fix)
