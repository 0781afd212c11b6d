"""`wavegate plan ENV`: what a promotion ships, and how it is tested and deployed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wavegate.cli import actions as runner
from wavegate.cli.options import Many, format_option, manifest_option, root_option, since_option
from wavegate.cli.report import print_report
from wavegate.components.changes import ChangeKind, compare
from wavegate.components.closure import release_scope
from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.components.project_check import version_findings
from wavegate.components.scope import ReleaseScope
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.files.source import Source
from wavegate.files.whole import write_whole
from wavegate.findings.annotations import annotate, path_prefix
from wavegate.findings.finding import Location, Severity, notice
from wavegate.plan.as_json import artifact_prefix, plan_json, shards_json
from wavegate.plan.as_markdown import plan_markdown
from wavegate.plan.as_text import plan_text
from wavegate.plan.hazards import pitfalls
from wavegate.plan.live_release import LiveRelease, read_live
from wavegate.plan.shards import divide
from wavegate.plan.steps import plan_steps
from wavegate.plan.values import Plan
from wavegate.release.folder import read_file
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.readiness import procedure_findings
from wavegate.release.reading import load_manifest, load_packs, read_document
from wavegate.smoke.runs import packs_to_run
from wavegate.statistics.power import power_of


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    since: str
    output_dir: Path
    format: Literal["text", "markdown", "json"]


@click.command(name="plan")
@click.argument("environment", envvar="WAVEGATE_PLAN_ENVIRONMENT", metavar="ENV")
@root_option()
@manifest_option
@click.option("--pack", cls=Many, help="File of a smoke pack. Default: every pack of agentforce/packs/.")
@since_option()
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default="wavegate-plan",
    show_default=True,
    help="Folder for package.xml, destructiveChangesPost.xml and plan.json.",
)
@format_option
def command(**given: object) -> int:
    """Say what a promotion to ENV ships and changes, what will go wrong, and how its tests are divided."""
    options = PlanOptions(**given)  # type: ignore[arg-type]
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    plan = plan_promotion(options, manifest, environment)
    files = write_plan(options.output_dir, plan)
    _report_result(options, plan, files)
    return int(ExitCode.FAIL if any(each.severity is Severity.ERROR for each in plan.findings) else ExitCode.OK)


def plan_promotion(
    options: PlanOptions, manifest: Manifest, environment: Environment, live: LiveRelease | None = None
) -> Plan:
    """The plan of a promotion; `deploy` makes the same one. live: where that was read already. Raises InputError."""
    source = FolderSource(options.root)
    project = read_project(source)
    if project.file is None:
        message = "There is no sfdx-project.json, so nothing is known of what the release ships."
        raise InputError(message, fix="Name the checkout's folder with --root, or check the whole repository out.")
    locate = read_document(read_file(options.root, manifest.path), path=manifest.path).locate
    scope = release_scope(manifest, environment.name, project, locate)
    live = live or read_live(options.root, manifest, environment.name, options.since)
    changes = compare(
        scope, live.scope, project, digests=_digests(source, scope), earlier=_digests(live.source, live.scope)
    )
    packs = load_packs(options.root, options.pack)
    before = manifest.before(environment.name)
    proving = packs_to_run(manifest, before, packs, verify=False) if before else ()
    verifying = packs_to_run(manifest, environment, packs, verify=True)
    findings = [
        *scope.findings,
        *version_findings(manifest, scope, locate),
        *pitfalls(manifest, scope, live.scope, changes, locate),
        *procedure_findings(manifest, locate, scope.kinds),
    ]
    if live.note:
        fix = "Name the commit that is live with --since to ship and judge the changes alone."
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
    """Write the files of the plan; their paths by the output that names them. An earlier plan is replaced."""
    texts = {
        "package": ("package.xml", package_xml(plan.shipped, plan.api_version)),
        "destructive": (
            "destructiveChangesPost.xml",
            package_xml(plan.of_kind(ChangeKind.REMOVED), plan.api_version),
        ),
        "plan": ("plan.json", plan_json(plan) + "\n"),
    }
    for name, text in texts.values():
        write_whole(folder / name, text.encode())
    return {output: str(folder / name) for output, (name, _) in texts.items()}


def _report_result(options: PlanOptions, plan: Plan, files: dict[str, str]) -> None:
    reports = {"text": plan_text, "markdown": plan_markdown, "json": plan_json}
    print_report(reports[options.format](plan), options.format)
    annotate(plan.findings, prefix=path_prefix(options.root), to_log=options.format == "text")
    artifacts = artifact_prefix(plan)
    runner.set_outputs(
        {
            "release": plan.release,
            "artifacts": artifacts,
            "shards": shards_json(plan.shards, prefix=f"{artifacts}-prove"),
            "verify-shards": shards_json(plan.verify_shards, prefix=f"{artifacts}-verify"),
            "components": str(len(plan.scope.components)),
            "changed": str(len(plan.changes)),
            "since": plan.since or "",
            **files,
        }
    )
    runner.add_summary(plan_markdown(plan))
