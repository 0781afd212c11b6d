"""`wavegate enable ENV`: restarts what the kill switch stopped, at the version that the live release left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import Many, environment_argument, manifest_option, root_option, takes
from wavegate.errors import InputError, WavegateError
from wavegate.github.connect import GitHubAccess
from wavegate.kill_switch.authorize import authorize
from wavegate.kill_switch.decisions import target_versions
from wavegate.kill_switch.next_steps import next_steps
from wavegate.kill_switch.outcome import check_reason, finish, reason_option
from wavegate.kill_switch.record import read_live, record_restart
from wavegate.kill_switch.report import agent_lines, restart_lines, restart_markdown
from wavegate.kill_switch.restarts import check_not_rolled_back, not_stopped, restart_versions, stopped_agents
from wavegate.kill_switch.switching import switch_agents, unknown_agent
from wavegate.kill_switch.values import KillSwitch, Recording
from wavegate.ledger.acts.act import ActKind
from wavegate.ledger.acts.former import environment_with_holds
from wavegate.ledger.acts.record import complete_act, read_all_acts
from wavegate.ledger.acts.withdrawal import record_pull
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.reading import load_manifest
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class EnableOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    agent: tuple[str, ...]
    to_version: int | None
    reason: str


@click.command(name="enable")
@environment_argument("ENABLE")
@root_option()
@manifest_option()
@click.option(
    "--agent",
    cls=Many,
    metavar="NAME",
    show_default="all agents that are stopped",
    help="API name of an agent to restart.",
)
@click.option(
    "--to-version",
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Activate this version instead of the one that the live release left. For a single agent.",
)
@reason_option
@takes(EnableOptions)
def command(options: EnableOptions) -> int:
    """Restart the agents that the kill switch stopped in ENV's org, at the versions that the live release left.

    Requires GITHUB_TOKEN or GH_TOKEN: the stops are in GitHub's deployments, and the restart is recorded there.
    """
    check_reason(options.reason)
    if options.to_version is not None and len(options.agent) != 1:
        raise InputError("--to-version needs exactly one agent.", fix="Name the agent with --agent.")
    manifest = load_manifest(options.root, options.manifest)
    actor, note = authorize(manifest, options.root)
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("read what is stopped", permission="deployments: write, contents: read")
    known = read_all_acts(github, access.run.repository)
    environment = environment_with_holds(manifest, options.environment, known)
    acts = known.of(environment.name).acts
    if record_pull(github, access.run.repository, environment.name, acts, manifest=manifest.path):
        acts = read_all_acts(github, access.run.repository).of(environment.name).acts
    live = read_live(github, access.run.repository, environment.name, manifest=manifest.path, acts=acts)
    org = open_org(environment.org, root=options.root, expected=environment.expected_org)
    switch, failures = _restart(options, manifest, environment, org, live.ledger, actor=actor, note=note)
    for line in agent_lines(switch):
        click.echo(line)
    set_outputs(
        {
            "result": "failed" if switch.missed else "enabled" if switch.changed else "unchanged",
            "agents": json.dumps({each.name: each.live for each in switch.agents}),
        }
    )
    recording = Recording()
    if switch.reached:
        recording = record_restart(github, access, switch, live)
    elif not switch.missed:
        if acts and acts[0].kind is ActKind.RESTART:
            # an interrupted run may have written it without its status
            complete_act(github, acts[0])
        click.echo(f"Nothing is stopped in {one_line(environment.name, 100)}.")
    steps = next_steps(options.root, access.run, environment.name, manifest=options.manifest, agents=options.agent)
    for line in restart_lines(switch, recording, steps):
        click.echo(line)
    add_summary(restart_markdown(switch, recording, steps))
    return finish("restart", switch, recording, failures)


def _restart(
    options: EnableOptions,
    manifest: Manifest,
    environment: Environment,
    org: Org,
    ledger: EnvironmentLedger,
    *,
    actor: str,
    note: str,
) -> tuple[KillSwitch, Sequence[WavegateError]]:
    """Activate the version of every agent that is stopped. Returns what is live afterwards, and the errors."""
    names = _stopped(options, manifest, org, ledger)
    switch = KillSwitch(
        environment=environment.name, host=org.host, reason=options.reason, actor=actor, note=note, agents=()
    )
    if not names:
        return switch, ()
    versions = _versions(options, manifest, ledger, names)
    if options.to_version is None:
        _check_org(org, ledger)
    known = {each.name for each in manifest.agents}
    switched = switch_agents(org, names, lambda states: target_versions(states, versions), known=known)
    return replace(switch, agents=switched.agents, missed=switched.missed), switched.failures


def _stopped(options: EnableOptions, manifest: Manifest, org: Org, ledger: EnvironmentLedger) -> tuple[str, ...]:
    """The agents to restart. An agent that is active and that nobody stopped stays as it is."""
    names = options.agent or stopped_agents(ledger, manifest)
    states = find_agents(org, names)
    known = {each.name for each in states}
    if unknown := [each for each in options.agent if each not in known]:
        raise unknown_agent(org, unknown[0], {each.name for each in manifest.agents})
    running = not_stopped(states, ledger.holds.stops)
    return tuple(each for each in names if each not in running and (each in known or ledger.holds.stop_of(each)))


def _versions(
    options: EnableOptions, manifest: Manifest, ledger: EnvironmentLedger, names: Sequence[str]
) -> dict[str, int]:
    if options.to_version is not None:
        return dict.fromkeys(names, options.to_version)
    check_not_rolled_back(ledger)
    release = ledger.live.release if ledger.live else None
    same = release is not None and release.manifest_digest == manifest.digest
    pinned = manifest.pinned_versions(ledger.environment) if same else {}
    return restart_versions(names, ledger, pinned=pinned)


def _check_org(org: Org, ledger: EnvironmentLedger) -> None:
    """Check that the versions are those of this org. Every org numbers by itself."""
    release = ledger.live.release if ledger.live else None
    if release and release.org and release.org != org.identity().org_id:
        raise InputError(
            f"{one_line(release.name, 100)} is live in another org than {org.host}, so its version numbers mean "
            "nothing here.",
            fix="Log in to the environment's org, or activate a version with --agent and --to-version.",
        )
