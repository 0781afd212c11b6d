"""`wavegate gate ENV`: may the release enter the environment?"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.census.read import read_census, read_specs
from wavegate.census.report import census_sentences
from wavegate.census.values import Census
from wavegate.cli.actions import add_summary, in_actions, set_outputs, workflow_command
from wavegate.cli.options import (
    Many,
    ReportFormat,
    commit_option,
    environment_argument,
    format_option,
    manifest_option,
    root_option,
    takes,
)
from wavegate.cli.output import decided
from wavegate.cli.report import print_report
from wavegate.components.checks.policy_check import policy_findings
from wavegate.components.component import Project
from wavegate.components.manifest_names.names import at_file
from wavegate.components.project import read_project
from wavegate.components.release_at_commit import content_at
from wavegate.errors import ExitCode, InputError
from wavegate.files.folder import FolderSource
from wavegate.files.whole import write_whole
from wavegate.findings.finding import Finding
from wavegate.gate.artifacts import artifact_folders
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_annotations, decision_text
from wavegate.gate.attempt.earlier import read_attempts
from wavegate.gate.decision import Decision, Verdict, to_json
from wavegate.gate.evidence import count_baseline, count_evidence, find_evidence
from wavegate.gate.judge import Question, judge
from wavegate.gate.shards import read_shards
from wavegate.git.checkout import commit_of
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.gate_entry import Stage
from wavegate.release.manifest import Environment, Manifest, Price, environment_of
from wavegate.release.pack import Pack
from wavegate.release.reading import load_manifest, load_packs
from wavegate.release.required_packs import distinct_packs, observed_in, required_packs
from wavegate.statistics.power import power_of
from wavegate.statistics.power_report import power_json, power_markdown, power_text
from wavegate.text import markdown, one_line

_EXIT = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FAIL, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}

_ORG = re.compile(r"00D[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class GateOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    pack: tuple[str, ...]
    observations: tuple[str, ...]
    artifacts: str
    results: tuple[str, ...]
    baseline: tuple[str, ...]
    commit: str | None
    org: str | None
    shards: str
    shards_result: str
    job_result: str
    post_deploy: bool
    plan: bool
    true_rate: float | None
    output: Path
    format: ReportFormat


@click.command(name="gate")
@environment_argument("GATE")
@root_option("Folder of the checkout. Paths of the release's and the evidence's files are relative to it.")
@manifest_option()
@click.option(
    "--pack", cls=Many, metavar="FILE", show_default="the manifest's packs for ENV", help="A smoke pack to judge."
)
@click.option(
    "--observations", cls=Many, metavar="PATH", help="Observations: a JSON Lines file, or a folder of such files."
)
@click.option(
    "--artifacts",
    metavar="FOLDER",
    default="",
    show_default=False,
    help="Downloaded artifacts of the shards, each in a folder NAME-attempt-N; of every shard, the highest attempt "
    "counts.",
)
@click.option(
    "--results",
    cls=Many,
    metavar="[TEST=]PATH",
    help="A result file of Testing Center, Agentforce Studio, JUnit or promptfoo, or a folder of such files. "
    "A file belongs to the test that it is named after; name.2.json holds its second run.",
)
@click.option(
    "--baseline", cls=Many, metavar="PATH", help="Observations of the release that is live, for noRegressionAgainst."
)
@commit_option("Commit that the evidence must be about.")
@click.option("--org", metavar="ID", help="Org that the evidence must come from.")
@click.option(
    "--shards",
    metavar="JSON",
    default="",
    show_default=False,
    help="Shards that should have run: the output shards of `wavegate plan`.",
)
@click.option(
    "--shards-result",
    metavar="RESULT",
    default="",
    show_default=False,
    help="Combined result of the shard jobs. Anything but success cannot pass.",
)
@click.option(
    "--job-result",
    metavar="RESULT",
    default="",
    show_default=False,
    help="Result of the job or step that ran the tests. Anything but success cannot pass.",
)
@click.option(
    "--post-deploy/--no-post-deploy",
    default=False,
    help="Judge the release in ENV after its deployment, by the environment's `verify` packs.",
)
@click.option(
    "--plan/--no-plan",
    default=False,
    help="Judge nothing: show how many runs the packs need, and what they can prove.",
)
@click.option(
    "--true-rate",
    type=click.FloatRange(0, 1),
    metavar="RATE",
    show_default="a fifth of the failures that the pack allows",
    help="With --plan: pass rate of an agent that should pass.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="wavegate-decision.json",
    help="File to write the decision to.",
)
@format_option
@takes(GateOptions)
def command(options: GateOptions) -> int:
    """Decide whether the release may enter ENV, from the observations of its smoke packs.

    With GITHUB_TOKEN, earlier decisions about the same content are read from GitHub's deployments.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    packs = _packs(options, manifest, environment)
    source = FolderSource(options.root)
    project = read_project(source)
    census = read_census(packs, project, source, read_specs(packs, source))
    if options.plan:
        return _print_plan(options, packs, census, manifest.price_per_conversation)
    downloaded = artifact_folders(options.artifacts, root=options.root) if options.artifacts else ()
    files = find_evidence(
        options.root,
        packs,
        observations=(*options.observations, *downloaded),
        results=options.results,
        baseline=options.baseline,
    )
    question = _question(options, manifest, environment, packs, census=census, policies=_policies(packs, project))
    policy = environment.verify if options.post_deploy else environment.gate
    tally, read = count_evidence(question, files, max_age=policy.max_evidence_age)
    baseline, also_read = count_baseline(question, files)
    decision = judge(replace(question, inputs=(*read, *also_read)), tally, baseline=baseline)
    _report_result(decision, options)
    return _EXIT[decision.verdict]


def _packs(options: GateOptions, manifest: Manifest, environment: Environment) -> tuple[Pack, ...]:
    packs = distinct_packs(load_packs(options.root, options.pack))
    if options.pack:
        return packs
    has_evidence = bool(options.observations or options.artifacts or options.results or options.plan)
    return required_packs(manifest, environment, packs, verify=options.post_deploy, has_evidence=has_evidence)


def _policies(packs: Sequence[Pack], project: Project) -> tuple[Finding, ...]:
    """What is wrong with the actions that the packs' policies name, if there is a Salesforce project."""
    if project.file is None:
        return ()
    return tuple(finding for pack in packs for finding in policy_findings(pack, at_file(pack.path), project))


def _print_plan(options: GateOptions, packs: Sequence[Pack], census: Census, price: Price | None) -> int:
    today, known = datetime.now(UTC).date(), census.checked()
    powers = [
        power_of(pack, true_rate=options.true_rate, cases=known.counts(pack.suite), today=today, price=price)
        for pack in packs
    ]
    said = tuple(census_sentences(known, packs))
    summary = "\n".join((power_markdown(powers), *(f"{markdown(each)}\n" for each in said)))
    report = {
        "text": "\n".join((power_text(powers), *map(one_line, said))),
        "markdown": summary,
        "json": power_json(powers),
    }[options.format]
    print_report(report, options.format)
    add_summary(summary)
    return ExitCode.OK


def _question(
    options: GateOptions,
    manifest: Manifest,
    environment: Environment,
    packs: tuple[Pack, ...],
    *,
    census: Census,
    policies: tuple[Finding, ...],
) -> Question:
    commit = options.commit or commit_of(options.root) or None
    content = content_at(options.root, commit, manifest, environment.name) if commit else ""
    stage: Stage = "verify" if options.post_deploy else "gate"
    return Question(
        stage=stage,
        manifest=manifest,
        environment=environment.name,
        observed_in=observed_in(manifest, environment, verify=options.post_deploy),
        packs=packs,
        now=datetime.now(UTC).replace(microsecond=0),
        commit=commit,
        content=content,
        census=census,
        policies=policies,
        org=_whole(options.org or "", _ORG, "org id", "`sf org display` prints it.") or None,
        shards=read_shards(options.shards, packs),
        shards_result=options.shards_result,
        job_result=options.job_result,
        attempts=read_attempts(
            GitHubAccess.from_environment(options.root), stage=stage, environment=environment.name, content=content
        ),
    )


def _whole(text: str, form: re.Pattern[str], what: str, fix: str) -> str:
    """The text, if it is empty or of the form; InputError otherwise, since no evidence could match it."""
    if text and not form.fullmatch(text):
        raise InputError(f"{one_line(text, 100)} is not a full {what}.", fix=f"Use the full {what}: {fix}")
    return text


def _report_result(decision: Decision, options: GateOptions) -> None:
    data = to_json(decision)
    decided({"verdict": decision.verdict})
    write_whole(options.output, data)
    report = {"text": decision_text, "markdown": decision_markdown}.get(options.format)
    print_report(report(decision) if report else data.decode(), options.format)
    if report:
        _annotate(decision_annotations(decision))
    add_summary(decision_markdown(decision))
    set_outputs(
        {
            "verdict": decision.verdict,
            "decision": str(options.output),
            "decision-digest": hashlib.sha256(data).hexdigest(),
            "claim": decision.claim,
            "reasons": "\n".join(one_line(f"{each.code}: {each.text}", 1000) for each in decision.reasons),
        }
    )


def _annotate(annotations: Iterable[tuple[str, str]]) -> None:
    if in_actions():
        for level, message in annotations:
            click.echo(workflow_command(level, message, title="wavegate gate"))
