"""`wavegate disable ENV`: the kill switch. Disables agents, or activates earlier versions, in seconds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from wavegate.cli.actions import acting_user, add_summary, set_outputs
from wavegate.cli.options import Many, environment_argument, manifest_option, root_option, takes
from wavegate.deploy.rollout_report import live_words
from wavegate.deploy.rollout_values import AgentChange, KillSwitch
from wavegate.errors import ExitCode, InputError, ServiceError, WavegateError
from wavegate.kill_switch.decisions import (
    Authorization,
    authorization_of,
    failure_policy,
    target_states,
    target_versions,
    teams,
)
from wavegate.kill_switch.report import kill_switch_markdown
from wavegate.release.manifest import Environment, Manifest, RollbackStrategy, environment_of
from wavegate.release.reading import load_manifest
from wavegate.rollback.good_versions import ReleaseVersions, read_versions
from wavegate.salesforce.agents import find_agents, no_agent, read_agents, set_active
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line

_GITHUB_SECONDS = 3.0
"""Timeout of a GitHub request: an emergency does not wait long for a team lookup."""

_BY_POLICY = "Required by the manifest's rollback procedures."
_UNVERIFIED = "Membership in the teams of owners.killSwitch was not verified"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisableOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    agent: tuple[str, ...]
    to_previous: bool
    to_version: int | None
    to_release: str
    by_policy: bool
    reason: str


@click.command(name="disable")
@environment_argument("DISABLE")
@root_option()
@manifest_option()
@click.option(
    "--agent",
    cls=Many,
    metavar="NAME",
    show_default="all agents of the manifest",
    help="API name of an agent to disable.",
)
@click.option(
    "--to-previous/--no-to-previous",
    default=False,
    help="Activate the version before this release instead of disabling the agent.",
)
@click.option(
    "--to-version",
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Activate this version instead of disabling the agent. For a single agent.",
)
@click.option(
    "--to-release",
    metavar="last-good|RELEASE|COMMIT",
    default="",
    show_default=False,
    help="Activate the versions that were live with that release, according to GitHub's deployments, instead of "
    "disabling the agents. Requires GITHUB_TOKEN or GH_TOKEN.",
)
@click.option(
    "--by-policy/--no-by-policy",
    default=False,
    help="Follow the manifest's rollback procedures. If none of them disables or reverts an agent, do nothing.",
)
@click.option("--reason", required=True, help="One sentence, for the record.")
@takes(DisableOptions)
def command(options: DisableOptions) -> int:
    """Disable the agents of a release in ENV's org at once, or activate their previous versions."""
    if not options.reason.strip():
        raise InputError("The reason is empty.", fix="Give one with --reason; it is kept in the run's summary.")
    targets = (options.to_previous, options.by_policy, options.to_version is not None, options.to_release)
    if sum(map(bool, targets)) > 1:
        message = "--to-previous, --to-version, --to-release and --by-policy exclude each other."
        raise InputError(message, fix="Use only one of them.")
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    if options.by_policy:
        policy = failure_policy(manifest)
        if policy is None:
            return _not_configured()
        options = replace(options, to_previous=policy is RollbackStrategy.ACTIVATE_PREVIOUS)
        return _report_result(*_pull(options, manifest, environment, actor=acting_user(), note=_BY_POLICY))
    actor, note = _allowed(manifest)
    if not options.to_release:
        return _report_result(*_pull(options, manifest, environment, actor=actor, note=note))
    release = _release_versions(options, manifest, environment)
    if not release.versions:
        return _no_agents(release)
    note = f"To the versions that were live with {release.title}. {note}"
    return _report_result(*_pull(options, manifest, environment, actor=actor, note=note, release=release))


def _pull(
    options: DisableOptions,
    manifest: Manifest,
    environment: Environment,
    *,
    actor: str,
    note: str,
    release: ReleaseVersions | None = None,
) -> tuple[KillSwitch, list[WavegateError]]:
    """Pull the switch for every agent, even if another one fails. Returns what is live afterwards, and the errors."""
    names = options.agent or tuple(release.versions if release else (each.name for each in manifest.agents))
    if not names:
        raise InputError("The manifest lists no agents.", fix="Name the agent with --agent.", file=manifest.path)
    org = open_org(environment.org, expected=environment.expected_org)
    if release:
        _check_org(org, release)
    before = find_agents(org, names)
    found = [each.name for each in before]
    missing = [each for each in dict.fromkeys(names) if each not in found]
    failures: list[WavegateError] = [no_agent(org, each) for each in missing]
    if not before:
        raise failures[0]
    agents = manifest.agents_in(environment.name)
    targets = (
        target_versions(before, release.versions)
        if release
        else target_states(before, agents, to_previous=options.to_previous, to_version=options.to_version)
    )
    for switch in (each.switch for each in targets):
        try:
            if switch:
                set_active(org, switch.version, active=switch.on)
        except WavegateError as error:
            failures.append(error)
    live = _read_back(org, found) if any(each.switch for each in targets) else before
    missed = (each.agent.name for each, now in zip(targets, live, strict=True) if each.version != now.live)
    result = KillSwitch(
        environment=environment.name,
        host=org.host,
        reason=options.reason,
        actor=actor,
        note=note,
        agents=_changes(before, live),
        missed=(*missed, *missing),
    )
    return result, failures


def _release_versions(options: DisableOptions, manifest: Manifest, environment: Environment) -> ReleaseVersions:
    from wavegate.github.connect import GitHubAccess

    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read which versions were live", permission="deployments: read")
    release = read_versions(
        github, access.run.repository, environment.name, manifest=manifest.path, release=options.to_release
    )
    known = {each.casefold() for each in release.versions}
    if unknown := [each for each in options.agent if each.casefold() not in known]:
        raise InputError(
            f"{release.title} has no agent {one_line(unknown[0], 100)}.", fix="Check the agent's API name."
        )
    return release


def _check_org(org: Org, release: ReleaseVersions) -> None:
    """Check that the versions are those of this org. Every org numbers by itself."""
    if release.org and release.org != org.identity().org_id:
        raise InputError(
            f"{release.title} was live in another org than {org.host}, so its version numbers mean nothing here.",
            fix="Log in to the environment's org, or activate a version with --to-version.",
        )


def _read_back(org: Org, names: Sequence[str]) -> tuple[AgentState, ...]:
    try:
        return read_agents(org, names)
    except WavegateError as error:
        # even if the org rejected the request: the switch was pulled, so this must not be an InputError
        message = f"The kill switch was pulled, but the live versions cannot be read back: {error.message}"
        raise ServiceError(
            message, fix=f"{error.fix} Then run the command again; it first reads which versions are live."
        ) from error


def _no_agents(release: ReleaseVersions) -> int:
    click.echo(f"Nothing was done: {release.title} had no agents.")
    set_outputs({"result": "unchanged", "agents": "{}"})
    return int(ExitCode.OK)


def _not_configured() -> int:
    click.echo("Nothing was done: no rollback procedure of the manifest disables or reverts an agent.")
    set_outputs({"result": "not-configured", "agents": ""})
    return int(ExitCode.OK)


def _allowed(manifest: Manifest) -> tuple[str, str]:
    """The acting user, and a note on why they may act. InputError: they may not use the kill switch."""
    actor = acting_user()
    match authorization_of(manifest.owners, actor):
        case Authorization.OPEN:
            return (
                actor,
                "The manifest names nobody under owners.killSwitch, so anyone who can start this run may use it.",
            )
        case Authorization.LISTED:
            return actor, "Named under owners.killSwitch."
        case Authorization.NEEDS_TEAM_LOOKUP:
            return actor, _ask(manifest, actor)
    raise _refused(manifest, actor)


def _ask(manifest: Manifest, actor: str) -> str:
    """A note on the actor's team membership, which only GitHub knows. InputError: the actor is in none of the teams.

    If GitHub does not answer, the switch is pulled and the note says so: an outage of GitHub must not keep a bad
    agent live, and whoever gets this far has access to the environment's secrets.
    """
    from wavegate.github.connect import GitHubAccess
    from wavegate.github.teams import is_member

    access = GitHubAccess.from_environment()
    if not (actor and access.token):
        return f"{_UNVERIFIED}: the GitHub actor or token is unknown."
    github = access.client(timeout=_GITHUB_SECONDS, patience=0.0, sleep=lambda _: None)
    try:
        for organization, team in teams(manifest.owners):
            if is_member(github, organization, team, actor):
                return f"Member of @{organization}/{team}, named under owners.killSwitch."
    except WavegateError as error:
        return f"{_UNVERIFIED}: {error.message}"
    raise _refused(manifest, actor)


def _refused(manifest: Manifest, actor: str) -> InputError:
    who = f"@{one_line(actor, 60)}" if actor else "An unknown user"
    return InputError(
        f"{who} may not use the kill switch of this release.",
        fix=f"Ask one of owners.killSwitch: {one_line(', '.join(manifest.owners.kill_switch), 300)}.",
        file=manifest.path,
    )


def _changes(before: Sequence[AgentState], live: Sequence[AgentState]) -> tuple[AgentChange, ...]:
    return tuple(
        AgentChange(name=now.name, before=then.live, live=now.live) for then, now in zip(before, live, strict=True)
    )


def _report_result(switch: KillSwitch, failures: Sequence[WavegateError]) -> int:
    for agent in switch.agents:
        click.echo(f"{one_line(agent.name, 100)}: {live_words(agent)}")
    click.echo(one_line(switch.note))
    set_outputs(
        {
            "result": "failed" if switch.missed else "disabled" if switch.changed else "unchanged",
            "agents": json.dumps({each.name: each.live for each in switch.agents}),
        }
    )
    add_summary(kill_switch_markdown(switch))
    if failures:
        raise _incomplete(failures[0]) if switch.changed else failures[0]
    if switch.missed:
        raise ServiceError(
            f"Not in the requested state: {', '.join(switch.missed)}.",
            fix="Run the command again, and check the agent in the org's Agent Builder.",
        )
    return int(ExitCode.OK)


def _incomplete(cause: WavegateError) -> ServiceError:
    """The error of one agent where others were switched: not an InputError, since something was done."""
    return ServiceError(f"The kill switch was pulled only in part: {cause.message}", fix=cause.fix)
