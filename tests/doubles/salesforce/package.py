"""Opens and checks an uploaded package: the components it lists, each with the digest of its files."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
Key = tuple[str, str]
FOLDERS = {
    "AiAgentDefinition": "aiAgents",
    "AiAgentDefinitionVersion": "aiAgentDefinitionVersions",
    "AiAuthoringBundle": "aiAuthoringBundles",
    "AiEvaluationDefinition": "aiEvaluationDefinitions",
    "AiTestingDefinition": "aiTestingDefinitions",
    "ApexClass": "classes",
    "Bot": "bots",
    "BotVersion": "bots",
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
    "NamedCredential": "namedCredentials",
    "PermissionSet": "permissionsets",
}
"""The package folder of each type that the org knows."""


class PackageError(Exception):
    """The package is one that an org would reject."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """components: digest of their files. destructive: what it deletes. bots: the versions that its agents list.

    files: contents by path.
    """

    components: dict[Key, str]
    destructive: tuple[Key, ...]
    bots: dict[str, tuple[int, ...]]
    api_version: str
    files: dict[str, bytes]

    def content(self, key: Key) -> bytes:
        """All files of a component."""
        return b"".join(content for name, content in self.files.items() if _belongs(name, key))

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
    unlisted = [name for name in files if not any(_belongs(name, key) for key in listed)]
    if unlisted:
        raise PackageError(f"not in package.xml: {', '.join(sorted(unlisted))}")
    return Package(
        components=components,
        destructive=deleted,
        bots=_bots(files),
        api_version=api_version,
        files=files,
    )


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
    own = sorted(name for name in files if _belongs(name, key))
    if not own:
        raise PackageError(
            f"An object '{key[1]}' of type {key[0]} was named in package.xml, but was not found in zip"
        )
    return hashlib.sha256(b"".join(name.encode() + files[name] for name in own)).hexdigest()


def _belongs(name: str, key: Key) -> bool:
    folder, *rest = PurePosixPath(name).parts
    member = key[1].split(".")[0] if key[0] == "BotVersion" else key[1]
    return folder == FOLDERS[key[0]] and bool(rest) and rest[0].split(".")[0] == member


def _bots(files: dict[str, bytes]) -> dict[str, tuple[int, ...]]:
    bots = {}
    for name, content in files.items():
        if name.endswith(".bot"):
            numbers = re.findall(rb"<botVersions>.*?<fullName>v(\d+)</fullName>", content, re.DOTALL)
            bots[PurePosixPath(name).stem] = tuple(int(number) for number in numbers)
    return bots
