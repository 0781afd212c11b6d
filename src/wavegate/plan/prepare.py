"""The plan of a promotion, read from a checkout and written as files; shared by `plan`, `brief` and `deploy`."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from wavegate.components.changes import compare
from wavegate.components.closure import release_scope
from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.components.project_check import version_findings
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.files.source import Source
from wavegate.files.whole import write_whole
from wavegate.findings.finding import Location, notice
from wavegate.plan.as_json import plan_json
from wavegate.plan.flow_definitions import left_out_definitions
from wavegate.plan.hazards import deploy_hazards
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.shards import divide
from wavegate.plan.steps import plan_steps
from wavegate.plan.values import Plan
from wavegate.release.folder import read_file
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.readiness import procedure_findings
from wavegate.release.reading import load_packs, read_document
from wavegate.smoke.runs import packs_to_run
from wavegate.statistics.power import power_of


def plan_promotion(
    root: Path,
    manifest: Manifest,
    environment: Environment,
    live: LiveRelease,
    *,
    pack_files: Sequence[str] = (),
) -> Plan:
    """The plan of a promotion. live: what is live in the environment. pack_files: paths of smoke packs, () for all.

    Raises InputError.
    """
    source = FolderSource(root)
    project = read_project(source)
    if project.file is None:
        message = "There is no sfdx-project.json, so it is unknown what the release ships."
        raise InputError(message, fix="Name the checkout's folder with --root, or check out the whole repository.")
    locate = read_document(read_file(root, manifest.path), path=manifest.path).locate
    scope = release_scope(manifest, environment.name, project, locate)
    changes = compare(
        scope, live.scope, project, digests=_digests(source, scope), earlier=_digests(live.source, live.scope)
    )
    packs = load_packs(root, pack_files)
    before = manifest.before(environment.name)
    proving = packs_to_run(manifest, before, packs, verify=False) if before else ()
    verifying = packs_to_run(manifest, environment, packs, verify=True)
    findings = [
        *scope.findings,
        *version_findings(manifest, scope, locate),
        *deploy_hazards(manifest, scope, live.scope, changes, locate),
        *left_out_definitions(changes, project),
        *procedure_findings(manifest, locate, scope.kinds),
    ]
    if live.note:
        fix = "Pass the live commit with --live, so that only the changes are shipped and judged."
        findings.append(notice("plan/nothing-to-compare", Location(file=manifest.path), live.note, fix))
    return Plan(
        release=manifest.release,
        environment=environment.name,
        since=live.commit,
        api_version=project.api_version,
        scope=scope,
        changes=changes,
        shards=divide(proving, before.name) if before else (),
        verify_shards=divide(verifying, environment.name),
        powers=tuple(power_of(pack) for pack in (proving or verifying)),
        steps=plan_steps(manifest, environment, changes, scope.contents),
        findings=tuple(findings),
    )


def _digests(source: Source | None, scope: ReleaseScope | None) -> dict[str, bytes]:
    files = source.read(sorted(scope.paths)) if source and scope else {}
    return {path: hashlib.sha256(data).digest() for path, data in files.items()}


def write_plan(folder: Path, plan: Plan) -> dict[str, str]:
    """Write the plan's files, replacing an earlier plan's. Returns their paths by the name of the step's output."""
    texts = {
        "package": ("package.xml", package_xml(plan.shipped, plan.api_version)),
        "destructive": (
            "destructiveChangesPost.xml",
            package_xml(plan.deleted, plan.api_version),
        ),
        "plan": ("plan.json", plan_json(plan) + "\n"),
    }
    for name, text in texts.values():
        write_whole(folder / name, text.encode())
    return {output: str(folder / name) for output, (name, _) in texts.items()}
