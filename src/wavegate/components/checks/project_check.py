"""Checks a manifest against the Salesforce project: the part of `validate` that needs the project."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from wavegate.components.checks.org_fit import api_version_findings, org_bound_findings, untyped_findings
from wavegate.components.checks.routing_check import routing_findings
from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId, Project
from wavegate.components.manifest_names.names import at_file, listed_names
from wavegate.components.manifest_names.resolve import detail_of, own_name, version_of
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Locate, warning
from wavegate.release.manifest import Kind, Manifest
from wavegate.release.readiness.procedures import listed_kinds
from wavegate.release.release_rules import no_project


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseCheck:
    """How a release fits the project.

    findings: without duplicates. kinds: what ships to any of its environments. targets: the addresses of the flows
    and classes behind each action that the manifest lists, such as `flow://Update_Case`. actions: the components that
    each of them is.
    """

    findings: tuple[Finding, ...]
    kinds: frozenset[Kind]
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    actions: Mapping[str, tuple[ComponentId, ...]] = field(default_factory=dict)


def release_check(manifest: Manifest, project: Project, locate: Locate | None = None) -> ReleaseCheck:
    """Where a manifest and the project disagree, across all environments.

    locate: finds the manifest's entries; without it, findings about them point at the file. Without a Salesforce
    project, the only finding is a notice that names were not checked.
    """
    if project.file is None:
        return ReleaseCheck(findings=(no_project(manifest),), kinds=listed_kinds(manifest))
    findings: dict[Finding, None] = {}
    kinds: set[Kind] = set()
    folders: set[str] = set()
    targets: dict[str, tuple[str, ...]] = {}
    actions: dict[str, tuple[ComponentId, ...]] = {}
    for environment in manifest.environments:
        scope = release_scope(manifest, environment.name, project, locate)
        kinds |= scope.kinds
        targets.update(_targets(scope))
        actions.update({name: ids for (kind, name), ids in scope.names.items() if kind is Kind.ACTIONS})
        findings.update(dict.fromkeys(scope.findings))
        findings.update(dict.fromkeys(version_findings(manifest, scope, locate)))
        findings.update(dict.fromkeys(api_version_findings(project, scope)))
        findings.update(dict.fromkeys(org_bound_findings(manifest, scope)))
        folders |= {str(PurePosixPath(path).parent) for path in scope.paths}
    findings.update(dict.fromkeys(untyped_findings(project, folders)))
    findings.update(dict.fromkeys(routing_findings(manifest, project, locate)))
    return ReleaseCheck(findings=tuple(findings), kinds=frozenset(kinds), targets=targets, actions=actions)


def _targets(scope: ReleaseScope) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The code behind each listed action: what it names itself, or what it refers to."""
    schemes = {"Flow": "flow", "ApexClass": "apex"}
    for (kind, name), components in scope.names.items():
        if kind is Kind.ACTIONS:
            behind = (*components, *(each.target for each in scope.edges if each.source in components))
            yield name, tuple(f"{schemes[each.type]}://{each.name}" for each in behind if each.type in schemes)


def version_findings(manifest: Manifest, scope: ReleaseScope, locate: Locate | None = None) -> Iterator[Finding]:
    """A warning for each prompt whose name or detail states a version other than its template's active one."""
    places = locate or at_file(manifest.path)
    environment = manifest.environment(scope.environment)
    for name in listed_names(manifest, environment) if environment else ():
        for component in scope.names[name.kind, name.text]:
            active = scope.contents[component].active_version
            detail = detail_of(manifest, name.kind, name.text)
            stated = detail.version if detail else None
            if active and _differs(name.text, component, stated, active):
                version = stated or version_of(name.text)
                at = ("components", name.kind.value, name.text, "version") if stated else name.parts
                message = (
                    f"The manifest's name `{name.text}` states version {version}, but users will get `{active}`, "
                    f"the active version of {component}."
                )
                fix = "Activate the version that the manifest states, or state the version that is active."
                yield warning("prompt/version-differs", places(*at), message, fix)


def _differs(name: str, component: ComponentId, stated: str | None, active: str) -> bool:
    if stated:
        return stated != active
    number = None if own_name(component) == name else version_of(name)
    return number is not None and version_of(active) not in (None, number)
