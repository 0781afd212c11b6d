"""Lines for `.github/CODEOWNERS`, from the owners that the manifest names and the files that the repository has."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from wavegate.components.closure import release_scope
from wavegate.components.component import Component, Project
from wavegate.github.patterns.code_owners import owners_of
from wavegate.release.manifest import Manifest

CODE_OWNERS = ".github/CODEOWNERS"
_HEAD = """\
# Who reviews a change of which files: from the owners and roles of {manifest}, as `wavegate init` found them.
# The last line that matches a file counts.
"""
_RELEASE = "agentforce"
"""The folder of the release's own files."""
_ADMINISTRATORS = ("AiAuthoringBundle", "Bot", "BotVersion", "GenAiPlanner", "GenAiPlannerBundle", "GenAiPlugin",
                   "GenAiFunction", "GenAiPromptTemplate")  # fmt: skip
_DEVELOPERS = ("ApexClass", "ApexTrigger", "Flow", "CustomObject", "CustomField", "LightningComponentBundle")
_SECURITY = ("PermissionSet", "PermissionSetGroup", "Profile", "NamedCredential", "ExternalCredential",
             "AuthProvider", "RemoteSiteSetting", "CspTrustedSite", "ExternalServiceRegistration",
             "McpServerDefinition", "Settings", "SharingRules", "Role")  # fmt: skip
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)
"""Paths that a pattern can be without escapes."""


class OwnedPattern(NamedTuple):
    """A line. pattern: anchored at the top folder. sample: a file that it matches."""

    pattern: str
    owners: tuple[str, ...]
    sample: str

    @property
    def line(self) -> str:
        """As the file has it."""
        return f"{self.pattern} {' '.join(self.owners)}"


def owned_patterns(manifest: Manifest, project: Project, paths: Sequence[str]) -> tuple[OwnedPattern, ...]:
    """The lines in the order of the file, the more special ones later. paths: of all files of the repository."""
    roles = {each.name: each.owners for each in manifest.roles}
    release = manifest.owners.release
    security = roles.get("security", ())
    found = [
        *_folders(project, _ADMINISTRATORS, roles.get("administrators", release)),
        *_folders(project, _DEVELOPERS, roles.get("developers", ())),
        *_folders(project, _SECURITY, security),
        *_components(manifest, project),
        *_below(f"{_RELEASE}/", release, paths),
        *_below(f"{_RELEASE}/guardrails.yml", security, paths),
        *_below(f"{_RELEASE}/guardrails.yaml", security, paths),
        *_below(".github/", security or release, paths),
    ]
    return tuple({each.pattern: each for each in found if each.owners and _PLAIN.fullmatch(each.pattern)}.values())


def code_owners_file(lines: Iterable[OwnedPattern], manifest: Manifest) -> str:
    """The text of a new file; '' if there is nothing to say."""
    found = [each.line for each in lines]
    return "\n".join([_HEAD.format(manifest=manifest.path), *found, ""]) if found else ""


def missing_lines(lines: Iterable[OwnedPattern], text: str) -> tuple[str, ...]:
    """The lines whose files an existing file gives to nobody, or to others. text: of that file."""
    return tuple(each.line for each in lines if not _names(owners_of(each.sample, text), each.owners))


def _names(present: Iterable[str], owners: Iterable[str]) -> bool:
    return {each.casefold() for each in owners} <= {each.casefold() for each in present}


def _folders(project: Project, types: Sequence[str], owners: tuple[str, ...]) -> Iterator[OwnedPattern]:
    """The folders that hold components of these types, each once."""
    samples: dict[str, str] = {}
    for each in project.of_type(*types):
        parts = each.path.split("/")
        # the folder of the type: below it, a component may have one of its own
        folder = next((index for index, part in enumerate(parts) if part in _FOLDERS), None)
        if folder is not None:
            samples.setdefault("/".join(parts[: folder + 1]), each.path)
    yield from (
        OwnedPattern(pattern=f"/{folder}/", owners=owners, sample=path) for folder, path in sorted(samples.items())
    )


_FOLDERS = frozenset(
    {"aiAuthoringBundles", "bots", "genAiPlanners", "genAiPlannerBundles", "genAiPlugins", "genAiFunctions",
     "genAiPromptTemplates", "classes", "triggers", "flows", "objects", "lwc", "permissionsets",
     "permissionsetgroups", "profiles", "namedCredentials", "externalCredentials", "authproviders",
     "remoteSiteSettings", "cspTrustedSites", "externalServiceRegistrations", "mcpServerDefinitions",
     "settings", "sharingRules", "roles"}
)  # fmt: skip
"""The folders that the Salesforce CLI puts those types into."""


def _components(manifest: Manifest, project: Project) -> Iterator[OwnedPattern]:
    """The files of the prompts and actions that have an owner of their own."""
    scopes = [release_scope(manifest, each.name, project) for each in manifest.environments]
    for detail in manifest.details:
        if detail.owner is None:
            continue
        ids = {found for scope in scopes for found in scope.names.get((detail.kind, detail.name), ())}
        for each in sorted(ids, key=str):
            component = project.components.get(each)
            if component:
                yield _of_component(component, detail.owner)


def _of_component(component: Component, owner: str) -> OwnedPattern:
    """A component that is a folder by the folder, another one by its file."""
    parts = component.path.split("/")
    own = len(parts) > 2 and parts[-3] in _FOLDERS
    pattern = f"/{'/'.join(parts[:-1])}/" if own else f"/{component.path}"
    return OwnedPattern(pattern=pattern, owners=(owner,), sample=component.path)


def _below(pattern: str, owners: tuple[str, ...], paths: Sequence[str]) -> Iterator[OwnedPattern]:
    within = pattern if pattern.endswith("/") else "\0"
    sample = next((each for each in paths if each == pattern or each.startswith(within)), "")
    if sample:
        yield OwnedPattern(pattern=f"/{pattern}", owners=owners, sample=sample)
