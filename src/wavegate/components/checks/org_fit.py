"""What a release's files say about orgs, and may not hold there: API versions, ids of one org, types nobody knows."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from wavegate.components.component import Project
from wavegate.components.scope import ReleaseScope
from wavegate.components.types import TYPE_FOLDERS
from wavegate.findings.finding import Finding, Location, Severity, warning
from wavegate.release.manifest import Manifest
from wavegate.text import join_names, pluralize

_SINCE: Mapping[str, int] = {
    "AiAgentDefinition": 68,
    "AiAgentDefinitionVersion": 68,
    "AiTestingDefinition": 66,
    "GenAiPlannerBundle": 64,
    "AiEvaluationDefinition": 63,
    "GenAiPlanner": 60,
}
"""The first API version with a type. Source: Salesforce's Metadata API guide."""

_META = "-meta.xml"


def api_version_findings(project: Project, scope: ReleaseScope) -> Iterator[Finding]:
    """A warning for each type that ships and that the project's API version does not have."""
    used = int(project.api_version.partition(".")[0])
    for type_, since in _SINCE.items():
        first = next((each.id for each in scope.components if each.id.type == type_), None)
        if first and used < since:
            message = f"The project uses API version {project.api_version}, but {first} needs {since}.0."
            fix = f'Set "sourceApiVersion": "{since}.0" or newer in {project.file}.'
            yield warning(
                "component/api-version", project.api_version_at or Location(file=project.file or ""), message, fix
            )


def org_bound_findings(manifest: Manifest, scope: ReleaseScope) -> Iterator[Finding]:
    """A warning for each id in an Agent Script that holds in one org only, if the release ships to several."""
    names = [each.name for each in manifest.environments]
    for contents in scope.contents.values() if len(names) > 1 else ():
        for value, place in contents.script.org_ids if contents.script else ():
            message = f"`{value}` holds in one org only, but the release ships to {join_names(names)}."
            fix = "Let `replacements` in sfdx-project.json set the value for each org."
            yield warning("agent/org-bound-id", place, message, fix)


def untyped_findings(project: Project, folders: set[str]) -> Iterator[Finding]:
    """A finding for each suffix of metadata files that have a known type's folder, but no known type.

    folders: those in which the release has components; there it is a warning, elsewhere a notice.
    """
    by_suffix: dict[str, list[str]] = {}
    for path in project.untyped:
        suffix = path.removesuffix(_META).rpartition(".")[2]
        if path.endswith(_META) and (suffix == "agent" or not TYPE_FOLDERS.isdisjoint(path.split("/")[:-1])):
            by_suffix.setdefault(suffix, []).append(path)
    for suffix, paths in sorted(by_suffix.items()):
        beside = [each for each in paths if str(PurePosixPath(each).parent) in folders]
        example = (beside or paths)[0]
        yield Finding(
            rule="component/unknown-type",
            severity=Severity.WARNING if beside else Severity.NOTICE,
            location=Location(file=example),
            message=f"The type of {pluralize(len(paths), 'file')} that {'ends' if len(paths) == 1 else 'end'} in "
            f"`.{suffix}{_META}` is unknown, so releases leave {'it' if len(paths) == 1 else 'them'} out.",
            fix="Correct the name: the Salesforce CLI refuses a project with a file that it cannot type. If it knows "
            f'the type, use `include`: {{metadata: "Type:Name", path: "{example}"}}.',
        )
