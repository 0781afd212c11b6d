"""`wavegate adopt ENV`: records what an org already runs as the first entry of the ledger."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.adoption.candidates import Candidate, read_candidates
from wavegate.adoption.converted import ConvertedUnits
from wavegate.adoption.org_side import OrgSide, read_org_side
from wavegate.adoption.record import AdoptionRecord
from wavegate.adoption.report import adoption_markdown, agent_lines, comparison_lines, headline, names_of
from wavegate.adoption.search import find_commit
from wavegate.adoption.values import CommitComparison
from wavegate.cli.actions import acting_user, add_summary, set_outputs, work_folder
from wavegate.cli.options import CommitId, environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.deployment import REASON_LIMIT, Adoption, Release
from wavegate.ledger.pilot import pilot_of
from wavegate.ledger.status.lines import adopted_by
from wavegate.plan.head import read_head
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.login import open_org
from wavegate.text import clip, join_names, one_line

_NAMED = 50
"""Differing components that a record names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdoptOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    reason: str
    commit: str | None
    search: int
    accept_difference: bool


@click.command(name="adopt")
@environment_argument("ADOPT")
@root_option("Folder of the checkout, with the Salesforce project.")
@manifest_option()
@click.option("--reason", required=True, help="One sentence, for the record.")
@click.option(
    "--commit",
    type=CommitId(),
    show_default="the checked-out commit and those before it",
    help="Compare the org with this commit only. Its full SHA.",
)
@click.option(
    "--search",
    type=click.IntRange(1, 1000),
    metavar="NUMBER",
    default=50,
    help="Maximum commits to compare the org with.",
)
@click.option(
    "--accept-difference",
    is_flag=True,
    help="Record the nearest commit although the org differs from it; the record says so.",
)
@takes(AdoptOptions)
def command(options: AdoptOptions) -> int:
    """Record what ENV's org already runs as its first release: which commit, and which agent versions are live.

    Changes nothing in the org. Requires GITHUB_TOKEN or GH_TOKEN.
    """
    if not options.reason:
        raise InputError("The reason is empty.", fix="Give one with --reason; it is kept in the record.")
    head = read_head(options.root)
    manifest = head.manifest(options.manifest)
    environment = environment_of(manifest, options.environment)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("record what is live", permission="deployments: write, contents: read")
    record = AdoptionRecord(github, access.run.repository, environment.name, manifest=manifest.path)
    record.check()
    if record.adopted:
        return _known(record, environment)
    found = _find(options, access, manifest, environment)
    comparison = found.comparison
    for line in (headline(comparison, environment.name), *comparison_lines(comparison), *agent_lines(found.live)):
        click.echo(line)
    if not comparison.is_equal and not options.accept_difference:
        return _different(options, environment, found)
    if not found.candidate.has_manifest:
        problem = _without_manifest(found.candidate, head.commit, environment)
        _report(options, environment, found, result="no-manifest", outcome=f"Nothing was recorded. {problem.message}")
        raise problem
    release = _release(options, environment, found, run=access.run.url, actor=acting_user() or record.viewer)
    deployment = record.write(comparison.commit, release, found.live, attempt=access.run.attempt_url)
    return _adopted(options, environment, found, deployment=deployment)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The commit that the org runs, or the nearest. live: the agents' active versions. org: the org's id."""

    candidate: Candidate
    comparison: CommitComparison
    live: Mapping[str, int | None]
    org: str


def _find(options: AdoptOptions, access: GitHubAccess, manifest: Manifest, environment: Environment) -> _Found:
    org = open_org(environment.org, root=options.root, expected=environment.expected_org)
    identity = org.identity()
    click.echo(f"Logged in to {org.host} as {one_line(identity.username or identity.user_id, 100)}")
    home = work_folder(options.root).resolve() / "sf-home"
    cli = Cli(session=org.session, folder=options.root.resolve(), home=home)
    click.echo(f"Salesforce CLI: {cli.check()}")
    git = Git(options.root, credentials=access.credentials())
    candidates = read_candidates(
        git, manifest, environment.name, commit=options.commit, search=options.search, tell=click.echo
    )
    checkout = options.root.absolute()
    side = read_org_side(org, cli, candidates, click.echo)
    candidate, comparison = find_commit(candidates, side, ConvertedUnits(cli, checkout), click.echo)
    return _Found(candidate=candidate, comparison=comparison, live=_live(candidate, side), org=identity.org_id)


def _live(candidate: Candidate, side: OrgSide) -> dict[str, int | None]:
    """The active version of each agent of a release that the org has."""
    names = [each.name for each in candidate.agents]
    names += [part.id.name for unit in candidate.units for part in unit.components if part.id.type == "Bot"]
    by_name = {name.casefold(): name for name in reversed(names)}
    return {by_name[key]: side.agents[key].live for key in sorted(by_name) if key in side.agents}


def _release(options: AdoptOptions, environment: Environment, found: _Found, *, run: str, actor: str) -> Release:
    manifest = found.candidate.manifest
    names = names_of(found.comparison.real)
    return Release(
        name=manifest.release,
        manifest=manifest.path,
        manifest_digest=manifest.digest,
        content=found.comparison.content,
        run=run,
        actor=actor,
        org=found.org,
        pilot=pilot_of(environment_of(manifest, environment.name)),
        adoption=Adoption(
            reason=clip(options.reason, REASON_LIMIT), differences=names[:_NAMED], more=len(names[_NAMED:])
        ),
    )


def _known(record: AdoptionRecord, environment: Environment) -> int:
    adopted = record.adopted
    if adopted is None or adopted.release is None or adopted.release.adoption is None:
        raise AssertionError("there is no record")
    who = adopted_by(adopted.release.actor or adopted.creator, adopted.release.adoption)
    text = f"{adopted.title} ({adopted.commit[:12]}) is recorded already in {environment.name}: {who}"
    click.echo(one_line(text, 1000))
    set_outputs({"result": "unchanged", "commit": adopted.commit, "deployment": adopted.id})
    return int(ExitCode.OK)


def _different(options: AdoptOptions, environment: Environment, found: _Found) -> int:
    outcome = (
        "Nothing was recorded. Commit what the org has and adopt again, name another commit, search further back, or "
        "accept the difference: the next promotion then overwrites it."
    )
    click.echo(
        "Nothing was recorded. Commit what the org has and adopt again, name another commit with --commit, search "
        "further back with --search, or record the nearest with --accept-difference: the next promotion then "
        "overwrites what differs."
    )
    _report(options, environment, found, result="different", outcome=outcome)
    return int(ExitCode.FAIL)


def _adopted(options: AdoptOptions, environment: Environment, found: _Found, *, deployment: str) -> int:
    outcome = f"Recorded as deployment {deployment}."
    if off := [one_line(name, 100) for name, version in found.live.items() if version is None]:
        outcome += (
            f" Recorded as stopped, until `wavegate enable` or a fix that says `resume: true`: {join_names(off)}."
        )
    click.echo(outcome)
    _report(options, environment, found, result="adopted", outcome=outcome, deployment=deployment)
    return int(ExitCode.OK)


def _report(
    options: AdoptOptions, environment: Environment, found: _Found, *, result: str, outcome: str, deployment: str = ""
) -> None:
    comparison = found.comparison
    set_outputs(
        {
            "result": result,
            "commit": comparison.commit,
            "deployment": deployment,
            "differences": json.dumps(names_of(comparison.real)),
            "agents": json.dumps(found.live),
        }
    )
    markdown = adoption_markdown(comparison, environment.name, found.live, outcome=outcome, reason=options.reason)
    add_summary(markdown)


def _without_manifest(candidate: Candidate, head: str, environment: Environment) -> InputError:
    commit, path = candidate.commit, one_line(candidate.manifest.path, 200)
    return InputError(
        f"Commit {commit[:12]} has no {path} with the environment {one_line(environment.name, 100)}, so a rollback "
        "could not restore it.",
        fix=f"Add the manifest to it and adopt that: git switch --create adopted {commit[:12]} && "
        f"git checkout {head[:12]} -- {path} && git commit -m Manifest && git push origin adopted, then run this "
        "command where you were, with --commit and the SHA that `git rev-parse adopted` prints.",
    )
