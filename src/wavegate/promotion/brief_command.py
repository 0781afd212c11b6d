"""`wavegate brief ENV`: everything that a reviewer of a promotion needs, on one screen."""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import environment_argument, live_option, manifest_option, root_option, takes
from wavegate.components.head import read_head
from wavegate.components.names import at_file
from wavegate.errors import ExitCode
from wavegate.files.whole import write_whole
from wavegate.git.checkout import commit_of
from wavegate.plan.live_release import LiveRelease, read_live
from wavegate.plan.prepare import plan_promotion
from wavegate.plan.prompt_diff import prompt_changes
from wavegate.plan.risk import risk_of
from wavegate.promotion.brief import Brief
from wavegate.promotion.brief_markdown import brief_markdown, title
from wavegate.promotion.decision_file import (
    CheckedDecision,
    check_evidence,
    expected_subject,
    read_evidence,
)
from wavegate.promotion.values import RefusalRule
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.rollback.rehearsal_values import Rehearsal
from wavegate.rollback.rehearse import Rehearser
from wavegate.rollback.steps import checklist
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class BriefOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    live: str
    decision: Path | None
    output: Path


@click.command(name="brief")
@environment_argument("BRIEF")
@root_option()
@manifest_option()
@live_option("GitHub's deployments; without GITHUB_TOKEN, everything counts as new")
@click.option(
    "--decision",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    show_default="none; the brief says so",
    help="The gate's decision.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    default="wavegate-brief.md",
    help="File to write the brief to, Markdown.",
)
@takes(BriefOptions)
def command(options: BriefOptions) -> int:
    """Summarize a promotion to ENV for its reviewer: verdict, risk, changes, and how it can be rolled back."""
    brief = make_brief(options)
    text = brief_markdown(brief)
    write_whole(options.output, text.encode())
    click.echo(one_line(title(brief)))
    click.echo(one_line(f"Risk {brief.risk.level}: {'; '.join(brief.risk.reasons)}"))
    add_summary(text)
    set_outputs({"brief": str(options.output), "title": one_line(title(brief), 200), "risk": brief.risk.level})
    return int(ExitCode.OK)


def make_brief(options: BriefOptions) -> Brief:
    """The brief of a promotion. Raises InputError."""
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    live = read_live(options.root, manifest, environment.name, options.live)
    plan = plan_promotion(head, manifest, environment, live)
    evidence = _evidence(options, manifest, environment)
    rehearsal = _rehearse(options, manifest, environment)
    rollback = rehearsal.rollback if rehearsal else None
    kinds = {each.component.kind for each in plan.changes if each.component.kind}
    paths = [path for each in plan.changes for path in each.component.paths]
    return Brief(
        plan=plan,
        decision=evidence.decision,
        doubt=_doubt(options, evidence),
        risk=risk_of(manifest, plan),
        prompts=prompt_changes(plan, live.scope, now=head.source.read(paths), earlier=_files_before(live)),
        live=live.deployment,
        live_note=live.note,
        owners=manifest.owners,
        manual_steps=rollback.checklist if rollback else checklist(manifest, kinds),
        rehearsal=rehearsal,
    )


def _rehearse(options: BriefOptions, manifest: Manifest, environment: Environment) -> Rehearsal | None:
    rehearser = Rehearser(root=options.root, live={environment.name: options.live} if options.live else {})
    if not rehearser.knows(environment.name):
        return None
    return rehearser.rehearse(manifest, environment.name, at_file(manifest.path))


def _files_before(live: LiveRelease) -> dict[str, bytes]:
    if live.source is None or live.scope is None:
        return {}
    prompts = (each for each in live.scope.components if each.id.type == "GenAiPromptTemplate")
    return dict(live.source.read([path for each in prompts for path in each.paths]))


def _evidence(options: BriefOptions, manifest: Manifest, environment: Environment) -> CheckedDecision:
    if options.decision is None or not options.decision.is_file():
        return CheckedDecision()
    expected = expected_subject(options.root, manifest, environment, commit_of(options.root))
    return check_evidence(read_evidence(options.decision), path=str(options.decision), digest="", expected=expected)


def _doubt(options: BriefOptions, evidence: CheckedDecision) -> str:
    """Why there is no valid decision, or ''. A valid one need not be a pass."""
    if not evidence.digest:
        return f"There is no decision file {options.decision}." if options.decision else "No decision was provided."
    return " ".join(each.message for each in evidence.refusals if each.rule is not RefusalRule.NOT_A_PASS)
