"""`wavegate disable ENV`: the kill switch. Disables agents, or activates earlier versions, in seconds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from wavegate.cli.actions import acting_user, add_summary, set_outputs
from wavegate.cli.options import Many, environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError, WavegateError
from wavegate.kill_switch.authorize import authorize
from wavegate.kill_switch.copies import planned_copies, with_copies
from wavegate.kill_switch.decisions import TargetState, copies_of, failure_policy, target_states, target_versions
from wavegate.kill_switch.next_steps import next_steps
from wavegate.kill_switch.outcome import check_reason, finish, reason_option
from wavegate.kill_switch.report import agent_lines, stop_lines, stop_markdown
from wavegate.kill_switch.switching import read_others, switch_agents
from wavegate.kill_switch.values import KillSwitch
from wavegate.release.manifest import Environment, Manifest, RollbackStrategy, environment_of
from wavegate.release.reading import load_manifest
from wavegate.rollback.good_versions import ReleaseVersions, read_versions
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState
from wavegate.text import one_line

_BY_POLICY = "the manifest's rollback procedures require it."


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
@reason_option
@takes(DisableOptions)
def command(options: DisableOptions) -> int:
    """Disable the agents of a release in ENV's org at once, or activate their previous versions.

    The stop is recorded in GitHub's deployments afterwards, and no release turns the agents on again until somebody
    runs `wavegate enable`. Without --agent, the copies that a pilot has of the agents are disabled as well, if the
    manifest or the ledger knows the pilot; with the name of a copy, only the pilot is.
    """
    check_reason(options.reason)
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
        return _stop(options, manifest, environment, actor=acting_user(), note=_BY_POLICY)
    actor, note = authorize(manifest, options.root)
    if not options.to_release:
        return _stop(options, manifest, environment, actor=actor, note=note)
    release = _release_versions(options, manifest, environment)
    if not release.versions:
        return _no_agents(release)
    return _stop(options, manifest, environment, actor=actor, note=note, release=release)


def _stop(
    options: DisableOptions,
    manifest: Manifest,
    environment: Environment,
    *,
    actor: str,
    note: str,
    release: ReleaseVersions | None = None,
) -> int:
    """Stop the agents in the org, say so, and then record it."""
    switch, failures, org = _pull(options, manifest, environment, actor=actor, note=note, release=release)
    for line in agent_lines(switch):
        click.echo(line)
    set_outputs(
        {
            "result": "failed" if switch.missed else "disabled" if switch.changed else "unchanged",
            "agents": json.dumps({each.name: each.live for each in switch.agents}),
        }
    )
    # loads the client for GitHub, which may not delay the stop
    from wavegate.github.connect import GitHubAccess
    from wavegate.kill_switch.record import record_stop

    access = GitHubAccess.from_environment(options.root)
    recording = record_stop(access, switch, manifest.path, target=release.release if release else None)
    own = [each.name for each in manifest.agents_in(environment.name)]
    switched = {*switch.missed, *(each.name for each in switch.agents)}
    switch = replace(switch, others=read_others(org, own, switched))
    steps = next_steps(options.root, access.run, environment.name, manifest=options.manifest, agents=options.agent)
    for line in stop_lines(switch, recording, steps):
        click.echo(line)
    add_summary(stop_markdown(switch, recording, steps))
    return finish("stop", switch, recording, failures)


def _pull(
    options: DisableOptions,
    manifest: Manifest,
    environment: Environment,
    *,
    actor: str,
    note: str,
    release: ReleaseVersions | None,
) -> tuple[KillSwitch, Sequence[WavegateError], Org]:
    """Pull the switch for every agent, even if another one fails. Returns what is live afterwards, and the errors."""
    names = options.agent or tuple(release.versions if release else (each.name for each in manifest.agents))
    if not names:
        raise InputError("The manifest lists no agents.", fix="Name the agent with --agent.", file=manifest.path)
    org = open_org(environment.org, root=options.root, expected=environment.expected_org)
    if release:
        _check_org(org, release)
    agents = manifest.agents_in(environment.name)
    everything = not (options.agent or release)
    suspects = copies_of(agents) if everything else ()
    copies = planned_copies(manifest, environment) if everything else ()

    def choose(states: Sequence[AgentState]) -> Sequence[TargetState]:
        if release:
            return target_versions(states, release.versions)
        return target_states(
            states, agents, to_previous=options.to_previous, to_version=options.to_version, copies=copies
        )

    known = {each.name for each in agents}
    switched = switch_agents(org, names, choose, known=known, copies=copies, suspects=suspects)
    if everything:
        switched = with_copies(switched, org, options.root, manifest, environment, tell=click.echo)
    switch = KillSwitch(
        environment=environment.name,
        host=org.host,
        reason=options.reason,
        actor=actor,
        note=note,
        agents=switched.agents,
        missed=switched.missed,
        chosen=release.title if release else "",
    )
    return switch, switched.failures, org


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


def _no_agents(release: ReleaseVersions) -> int:
    click.echo(f"Nothing was done: {release.title} had no agents.")
    set_outputs({"result": "unchanged", "agents": "{}"})
    return int(ExitCode.OK)


def _not_configured() -> int:
    click.echo("Nothing was done: no rollback procedure of the manifest disables or reverts an agent.")
    set_outputs({"result": "not-configured", "agents": ""})
    return int(ExitCode.OK)
