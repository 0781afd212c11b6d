"""Which agents of an org are a pilot's copies, by the manifest or by the ledger. A name alone says nothing."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from wavegate.errors import ServiceError, WavegateError
from wavegate.kill_switch.decisions import TargetState, copies_of
from wavegate.kill_switch.switching import Switched, switch_agents
from wavegate.release.manifest import Environment, Manifest
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.org import Org
from wavegate.text import join_names, one_line


def planned_copies(manifest: Manifest, environment: Environment) -> tuple[str, ...]:
    """The copies that a release has in an environment, according to its manifest."""
    is_pilot = environment.rollout == "canary" and environment.current_cohorts
    return copies_of(manifest.agents_in(environment.name)) if is_pilot else ()


def with_copies(
    switched: Switched,
    org: Org,
    root: Path,
    manifest: Manifest,
    environment: Environment,
    *,
    tell: Callable[[str], None],
) -> Switched:
    """The result of a stop, with the copies that only the ledger knows stopped as well. Raises no error.

    switched: with active agents that are named like copies as its suspects. tell: takes a line for the log.
    """
    if not switched.suspects and not planned_copies(manifest, environment):
        return switched
    failures = switched.failures
    try:
        known = _recorded(root, manifest, environment)
        copies = _active(org, known, [*switched.missed, *(each.name for each in switched.agents)])
    except WavegateError as error:
        unknown = (_unknown(switched.suspects, error),) if switched.suspects else ()
        return replace(switched, failures=(*failures, *unknown))
    folded = {each.casefold() for each in known}
    for name in switched.suspects:
        if name.casefold() not in folded:
            tell(
                f"{one_line(name, 100)} stays active: it is not a pilot's copy. To disable it, name it with --agent."
            )
    return _stopped_too(switched, org, copies) if copies else switched


def _stopped_too(switched: Switched, org: Org, copies: tuple[str, ...]) -> Switched:
    try:
        more = switch_agents(
            org, copies, lambda states: [TargetState(agent=each, version=None) for each in states], known=()
        )
    except WavegateError as error:
        return replace(switched, missed=(*switched.missed, *copies), failures=(*switched.failures, error))
    return replace(
        switched,
        agents=(*switched.agents, *more.agents),
        missed=(*switched.missed, *more.missed),
        failures=(*switched.failures, *more.failures),
    )


def _active(org: Org, names: Collection[str], done: Collection[str]) -> tuple[str, ...]:
    folded = {each.casefold() for each in done}
    others = [each for each in names if each.casefold() not in folded]
    return tuple(each.name for each in find_agents(org, others) if each.active) if others else ()


def _recorded(root: Path, manifest: Manifest, environment: Environment) -> tuple[str, ...]:
    """The copies of the pilots in the ledger that are not over."""
    # loads the client for GitHub, which may not delay the stop
    from wavegate.github.connect import GitHubAccess
    from wavegate.kill_switch.record import SECONDS, read_live

    access = GitHubAccess.from_environment(root)
    github = access.required_client(
        "read which copies pilots have", permission="deployments: read", timeout=SECONDS, patience=0.0
    )
    live = read_live(github, access.run.repository, environment.name, manifest=manifest.path, acts=())
    pilots = [each.release.pilot for each in live.ledger.unretired if each.release and each.release.pilot]
    return tuple(dict.fromkeys(name for each in pilots for name in each.copies.values()))


def _unknown(names: Collection[str], error: WavegateError) -> WavegateError:
    listed = join_names(sorted(names))
    return ServiceError(
        f"It is unknown whether {listed} is a pilot's copy, so it was left as it is: {error.message}",
        fix="If it is one, disable it with --agent.",
    )
