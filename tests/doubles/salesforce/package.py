"""Opens and checks an uploaded package: the components it lists, each with the digest of its files."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
Key = tuple[str, str]
FOLDERS = {
    "AiAgentDefinition": "aiAgents",
    "AiAgentDefinitionVersion": "aiAgentDefinitionVersions",
    "AiAgentScorerDefinition": "aiAgentScorerDefinitions",
    "AiAuthoringBundle": "aiAuthoringBundles",
    "AiEvaluationDefinition": "aiEvaluationDefinitions",
    "AiSurface": "aiSurfaces",
    "AiTestingDefinition": "aiTestingDefinitions",
    "ApexClass": "classes",
    "ApexTrigger": "triggers",
    "Bot": "bots",
    "BotVersion": "bots",
    "CustomField": "objects",
    "CustomLabel": "labels",
    "CustomMetadata": "customMetadata",
    "CustomObject": "objects",
    "CustomPermission": "customPermissions",
    "EmbeddedServiceConfig": "EmbeddedServiceConfig",
    "ExternalCredential": "externalCredentials",
    "ExternalServiceRegistration": "externalServiceRegistrations",
    "Flow": "flows",
    "FlowDefinition": "flowDefinitions",
    "GenAiFunction": "genAiFunctions",
    "GenAiPlanner": "genAiPlanners",
    "GenAiPlannerBundle": "genAiPlannerBundles",
    "GenAiPlugin": "genAiPlugins",
    "GenAiPromptTemplate": "genAiPromptTemplates",
    "GenAiPromptTemplateActv": "genAiPromptTemplateActivations",
    "LightningComponentBundle": "lwc",
    "LightningTypeBundle": "lightningTypes",
    "McpServerDefinition": "mcpServerDefinitions",
    "MessagingChannel": "messagingChannels",
    "NamedCredential": "namedCredentials",
    "PermissionSet": "permissionsets",
    "PermissionSetGroup": "permissionsetgroups",
    "StaticResource": "staticresources",
}
"""The package folder of each type that the org knows."""


_PARTS = {"BotVersion", "CustomField"}


class PackageError(Exception):
    """The package is one that an org would reject."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """components: digest of their files. destructive: what it deletes. bots: the versions that its agents list.

    planners: what each of those versions names, by agent and number. files: contents by path.
    """

    components: dict[Key, str]
    destructive: tuple[Key, ...]
    bots: dict[str, tuple[int, ...]]
    planners: dict[tuple[str, int], tuple[str, ...]]
    api_version: str
    files: dict[str, bytes]

    @property
    def agents(self) -> set[str]:
        """Names of the agents that it creates or changes."""
        return {name for kind, name in self.components if kind in ("Bot", "AiAgentDefinition")}

    def content(self, key: Key) -> bytes:
        """All files of a component."""
        return b"".join(content for name, content in self.files.items() if belongs(name, key))

    def contents(self, kind: str) -> dict[str, bytes]:
        """The files of each component of a type, by its name."""
        return {key[1]: self.content(key) for key in self.components if key[0] == kind}


def open_package(data: bytes) -> Package:
    """Read a metadata package. PackageError if its manifest and its files disagree."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise PackageError("the upload is no zip file") from None
    files = {_inside(name): archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    if "package.xml" not in files:
        raise PackageError("No package.xml found")
    listed, api_version = _members(files.pop("package.xml"))
    destructive = [name for name in files if re.fullmatch(r"destructiveChanges(Pre|Post)?\.xml", name)]
    deleted = tuple(key for name in destructive for key in _members(files.pop(name))[0])
    for kind, _ in (*listed, *deleted):
        if kind not in FOLDERS:
            raise PackageError(f"Unknown type name '{kind}' specified in package.xml")
    components = {key: _digest(key, files) for key in listed if key[0] != "BotVersion"}
    unlisted = [name for name in files if not any(belongs(name, key) for key in listed)]
    if unlisted:
        raise PackageError(f"not in package.xml: {', '.join(sorted(unlisted))}")
    planners = _planners(files)
    _check_versions({key[1] for key in listed if key[0] == "BotVersion"}, planners)
    agents = [PurePosixPath(name).stem for name in files if name.endswith(".bot")]
    return Package(
        components=components,
        destructive=deleted,
        bots={agent: tuple(number for name, number in planners if name == agent) for agent in agents},
        planners=planners,
        api_version=api_version,
        files=files,
    )


def _check_versions(listed: set[str], planners: Iterable[tuple[str, int]]) -> None:
    """The versions that the manifest lists are those in the agents' files.

    Stricter than an org may be: what it makes of a version that its file has and the manifest does not list is not
    documented. The CLI lists each one that it sends (source-deploy-retrieve, `ComponentSet.getObject`).
    """
    sent = {f"{agent}.v{number}" for agent, number in planners}
    if missing := sorted(listed - sent):
        raise PackageError(
            f"An object '{missing[0]}' of type BotVersion was named in package.xml, but was not found in zip"
        )
    if more := sorted(sent - listed):
        raise PackageError(f"not in package.xml: {', '.join(more)}")


def _inside(name: str) -> str:
    return name.removeprefix("unpackaged/")


def _members(xml: bytes) -> tuple[list[Key], str]:
    root = ElementTree.fromstring(xml)
    keys = [
        (types.findtext(f"{NAMESPACE}name", ""), member.text or "")
        for types in root.iter(f"{NAMESPACE}types")
        for member in types.iter(f"{NAMESPACE}members")
    ]
    return keys, root.findtext(f"{NAMESPACE}version", "")


def _digest(key: Key, files: dict[str, bytes]) -> str:
    own = sorted(name for name in files if belongs(name, key))
    if not own:
        raise PackageError(
            f"An object '{key[1]}' of type {key[0]} was named in package.xml, but was not found in zip"
        )
    return hashlib.sha256(b"".join(name.encode() + files[name] for name in own)).hexdigest()


def belongs(name: str, key: Key) -> bool:
    """Whether a file of a package is of that component, or of the one that it is a part of."""
    folder, *rest = PurePosixPath(name).parts
    # a part of an agent or object is in that one's file, a label in the file of all
    member = key[1].split(".")[0] if key[0] in _PARTS else "CustomLabels" if key[0] == "CustomLabel" else key[1]
    return folder == FOLDERS[key[0]] and bool(rest) and (rest[0].split(".")[0] == member or rest[0] == f"{member}.md")


def _planners(files: dict[str, bytes]) -> dict[tuple[str, int], tuple[str, ...]]:
    """The planners of each version in the agents' files."""
    found = {}
    for name, content in files.items():
        if name.endswith(".bot"):
            for version in ElementTree.fromstring(content).iter(f"{NAMESPACE}botVersions"):
                number = int(version.findtext(f"{NAMESPACE}fullName", "v0").removeprefix("v"))
                named = version.iter(f"{NAMESPACE}genAiPlannerName")
                found[PurePosixPath(name).stem, number] = tuple(each.text or "" for each in named)
    return found
