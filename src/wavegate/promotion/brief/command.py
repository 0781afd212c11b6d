"""`wavegate brief ENV`: everything that a reviewer of a promotion needs, on one screen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import (
    environment_argument,
    live_option,
    manifest_option,
    override_option,
    root_option,
    takes,
)
from wavegate.components.changes import EFFECTIVE
from wavegate.components.checks.project_check import release_check
from wavegate.components.component import ComponentId
from wavegate.components.manifest_names.names import at_file
from wavegate.errors import ExitCode, RefusedError, ServiceError
from wavegate.files.whole import write_whole
from wavegate.github.comments import pull_of_commit
from wavegate.github.connect import GitHubAccess
from wavegate.github.pages import RepositoryPages
from wavegate.guardrails.shipped import shipped_by
from wavegate.plan.guardrails import with_guardrails
from wavegate.plan.head import Head, read_head
from wavegate.plan.live_release import LiveRelease, read_live
from wavegate.plan.prepare import plan_promotion
from wavegate.plan.prompt_diff import prompt_changes
from wavegate.plan.risk import risk_of
from wavegate.plan.scripts import released_agents
from wavegate.plan.values import Plan
from wavegate.promotion.brief.agent_moves import agent_moves
from wavegate.promotion.brief.answer import answer
from wavegate.promotion.brief.as_markdown import brief_markdown
from wavegate.promotion.brief.coverage import Coverage, coverage_of
from wavegate.promotion.brief.holding_now import holds_now
from wavegate.promotion.brief.open_reviews import read_open_items
from wavegate.promotion.brief.values import (
    Brief,
    BriefLinks,
    ValidationResult,
    ValidationSummary,
)
from wavegate.promotion.decision.file import (
    CheckedDecision,
    check_evidence,
    expected_subject,
    read_evidence,
)
from wavegate.promotion.values import RefusalRule
from wavegate.release.manifest import Environment, Kind, Manifest, environment_of
from wavegate.release.pack import Pack
from wavegate.release.readiness.assess import score_card
from wavegate.release.readiness.values import ScoreCard
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
    validation: ValidationResult | None
    validation_org: str
    validation_tests: int | None
    override: str
    fast_lane: bool


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
@click.option(
    "--validation",
    type=click.Choice(get_args(ValidationResult)),
    help="What came of the validation in the org before the approval.",
)
@click.option("--validation-org", metavar="URL", default="", show_default=False, help="The org that validated it.")
@click.option(
    "--validation-tests", type=click.IntRange(min=0), metavar="N", help="Number of Apex tests that passed in it."
)
@override_option
@click.option(
    "--fast-lane/--no-fast-lane",
    default=False,
    help="Whether a person asked for the fast lane. In GitHub Actions, it counts only on workflow_dispatch.",
)
@takes(BriefOptions)
def command(options: BriefOptions) -> int:
    """Summarize a promotion to ENV for its reviewer: verdict, risk, changes, and how it can be rolled back."""
    brief = make_brief(options)
    text = brief_markdown(brief)
    write_whole(options.output, text.encode())
    click.echo(one_line(answer(brief)))
    click.echo(one_line(f"Risk {brief.risk.level}: {'; '.join(brief.risk.reasons)}"))
    add_summary(text)
    set_outputs({"brief": str(options.output), "title": one_line(answer(brief), 200), "risk": brief.risk.level})
    return int(ExitCode.OK)


def make_brief(options: BriefOptions) -> Brief:
    """The brief of a promotion. Raises InputError."""
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    live = read_live(options.root, manifest, environment.name, options.live)
    names = [each.name for each in manifest.agents_in(environment.name)]
    planned = plan_promotion(head, manifest, environment, live)
    plan = with_guardrails(planned, names, live.source, live.scope).as_released
    evidence = _evidence(options, plan, manifest, environment, head.packs())
    rehearsal = _rehearse(options, manifest, environment)
    rollback = rehearsal.rollback if rehearsal else None
    access = GitHubAccess.from_environment(options.root)
    holds = holds_now(
        access,
        head,
        manifest,
        environment,
        decision=evidence.decision,
        fast_lane=options.fast_lane,
        override=options.override,
    )
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
        manual_steps=rollback.checklist if rollback else _checklist(manifest, plan),
        rehearsal=rehearsal,
        validation=_validation(options),
        holds=holds,
        links=_links(access, head),
        changed_files=_changed_files(plan, head, live),
        coverage=_coverage(manifest, environment, plan),
        agents=agent_moves(
            released_agents(manifest.agents_in(environment.name), plan.project), live.deployment, holds, plan.changes
        ),
        is_canary=environment.rollout == "canary" and not (plan.pilot and plan.pilot.not_limited),
        readiness=_readiness(manifest, plan, head),
        reviews=read_open_items(access, manifest),
    )


def _readiness(manifest: Manifest, plan: Plan, head: Head) -> ScoreCard:
    """The release's score card, as `validate` shows it."""
    shipped = shipped_by(manifest, release_check(manifest, plan.project), head.source)
    return score_card(manifest, replace(shipped, tested=plan.census.subjects), head.packs())


def _checklist(manifest: Manifest, plan: Plan) -> tuple[str, ...]:
    """What people have to do if the release is rolled back, without an earlier one to restore."""
    changed = [each.component for each in plan.changes if each.kind in EFFECTIVE]
    credentials = [str(each.id) for each in changed if each.kind is Kind.CREDENTIALS]
    return checklist(
        manifest,
        {each.kind for each in changed if each.kind},
        names={Kind.CREDENTIALS: credentials} if credentials else {},
    )


def _links(access: GitHubAccess, head: Head) -> BriefLinks:
    run = access.run
    pages = RepositoryPages(base=f"{run.server_url}/{run.repository}" if run.repository else "")
    pull_request = _pull_request(access, head.commit)
    return BriefLinks(pages=pages, run=run.attempt_url, pull_request=pull_request, folder=head.prefix)


def _pull_request(access: GitHubAccess, commit: str) -> int | None:
    """The pull request of the commit; None also if it cannot be read, since it is only a link."""
    if not access.is_complete:
        return None
    try:
        return pull_of_commit(access.client(), access.run.repository, commit)
    except (RefusedError, ServiceError):
        return None


def _changed_files(plan: Plan, head: Head, live: LiveRelease) -> dict[ComponentId, tuple[str, ...]]:
    """Paths in the repository of the files that a component's change is about."""
    before = live.tree.files if live.tree else {}
    changed = {}
    for change in plan.changes:
        paths = [head.prefix + path for path in change.component.paths]
        changed[change.component.id] = tuple(path for path in paths if head.tree.files.get(path) != before.get(path))
    return changed


def _coverage(manifest: Manifest, environment: Environment, plan: Plan) -> Coverage:
    """What the packs cover that run before the promotion, or after the deployment if none runs before."""
    packs = dict.fromkeys(shard.pack for shard in plan.shards or plan.verify_shards)
    tests = [(pack.suite, test.name) for pack in packs for test in pack.tests]
    return coverage_of((each.name for each in manifest.agents_in(environment.name)), tests, plan.census)


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


def _evidence(
    options: BriefOptions, plan: Plan, manifest: Manifest, environment: Environment, packs: Sequence[Pack]
) -> CheckedDecision:
    if options.decision is None or not options.decision.is_file():
        return CheckedDecision()
    expected = expected_subject(manifest, environment, packs, commit=plan.commit, content=plan.content)
    return check_evidence(read_evidence(options.decision), path=str(options.decision), digest="", expected=expected)


def _validation(options: BriefOptions) -> ValidationSummary | None:
    if options.validation is None:
        return None
    return ValidationSummary(result=options.validation, org=options.validation_org, tests=options.validation_tests)


def _doubt(options: BriefOptions, evidence: CheckedDecision) -> str:
    """Why there is no valid decision, or ''. A valid one need not be a pass."""
    if not evidence.digest:
        return f"There is no decision file {options.decision}." if options.decision else "No decision was provided."
    return " ".join(each.message for each in evidence.refusals if each.rule is not RefusalRule.NOT_A_PASS)
