"""Rules over the telemetry files and the manifests together."""

from collections.abc import Callable, Iterator, Sequence

from wavegate.findings.finding import Finding, Locate, error, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.manifest_rules import cohorts_of
from wavegate.telemetry.mapping.paths import FOLDER, mapping_path
from wavegate.telemetry.mapping.values import CohortBy, TelemetryMapping
from wavegate.text import join_names

PlacedManifest = tuple[Manifest, Locate]


def telemetry_findings(
    files: Sequence[tuple[TelemetryMapping, Locate]],
    manifests: Sequence[PlacedManifest],
    has_file: Callable[[str], bool],
) -> Iterator[Finding]:
    """Files that a manifest names and that do not exist, files of no environment, and unknown cohorts and agents."""
    for manifest, locate in manifests:
        yield from _missing_files(manifest, locate, has_file)
    for mapping, locate in files if manifests else ():
        users = [
            (manifest, environment)
            for manifest, _ in manifests
            for environment in manifest.environments
            if mapping_path(environment) == mapping.path
        ]
        if users:
            yield from _unknown_cohorts(mapping, users, locate)
            yield from _cohorts_without_values(mapping, users, locate)
        elif mapping.path.startswith(f"{FOLDER}/"):
            names = [each.name for manifest, _ in manifests for each in manifest.environments]
            stem = mapping.path.rpartition("/")[2].rpartition(".")[0]
            message = "No environment reads this telemetry file."
            fix = f"Name it after an environment, or name it in `telemetry` of one.{suggestion(stem, names)}"
            yield warning("telemetry/not-read", locate(), message, fix)


def _missing_files(manifest: Manifest, locate: Locate, has_file: Callable[[str], bool]) -> Iterator[Finding]:
    for index, environment in enumerate(manifest.environments):
        if environment.telemetry and not has_file(environment.telemetry):
            yield error(
                "telemetry/no-file",
                locate("environments", index, "telemetry"),
                f"There is no file `{environment.telemetry}`.",
                f"Correct the path, or run `wavegate telemetry discover {environment.name} --write`.",
            )


def canaries_without_telemetry(
    manifest: Manifest, locate: Locate, has_file: Callable[[str], bool]
) -> Iterator[Finding]:
    """Environments with a canary that nothing can be read about. One that a manifest names has a finding already."""
    for index, environment in enumerate(manifest.environments):
        path = mapping_path(environment)
        if environment.rollout == "canary" and not environment.telemetry and not has_file(path):
            yield warning(
                "canary/no-telemetry",
                locate("environments", index, "rollout"),
                f"Nobody can watch the canary of `{environment.name}`: there is no telemetry file `{path}`.",
                f"Run `wavegate telemetry discover {environment.name} --write`, review the file and commit it.",
            )


def _known_cohorts(users: Sequence[tuple[Manifest, Environment]]) -> set[str]:
    return {
        name
        for manifest, environment in users
        for name in (*cohorts_of(environment), *(each.name for each in manifest.cohorts))
    }


def _unknown_cohorts(
    mapping: TelemetryMapping, users: Sequence[tuple[Manifest, Environment]], locate: Locate
) -> Iterator[Finding]:
    known = sorted(_known_cohorts(users))
    for name in mapping.cohort.values if mapping.cohort else ():
        if name not in known:
            yield error(
                "telemetry/unknown-cohort",
                locate("cohort", "values", name, key=True),
                f"Unknown cohort `{name}`: no `pilotUsers`, canary step or `cohorts` of the manifest names it.",
                f"Use the manifest's name.{suggestion(name, known)}",
            )


def _cohorts_without_values(
    mapping: TelemetryMapping, users: Sequence[tuple[Manifest, Environment]], locate: Locate
) -> Iterator[Finding]:
    """Cohorts whose sessions would be counted as everybody else's."""
    if mapping.cohort is None or not mapping.cohort.values or mapping.cohort.by is CohortBy.USER:
        return
    named = dict.fromkeys(name for _, environment in users for name in cohorts_of(environment))
    if absent := [name for name in named if name not in mapping.cohort.values]:
        message = f"`values` has no entry for {join_names(absent)}: their sessions would count as everybody else's."
        fix = "List the values by which their sessions are found."
        yield warning("telemetry/cohort-without-values", locate("cohort", "values", key=True), message, fix)
