"""Which version of an agent its script stands for in an org, or whether it has to be published there first."""

from collections.abc import Sequence
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.ledger.publication import Publication, publication_of
from wavegate.plan.scripts import ReleaseScript
from wavegate.salesforce.org_values import AgentState, AgentVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptVersion:
    """What a script stands for in an org.

    version: its number; None if it must be published first. found: the version is that of an interrupted
    publication, whose answer was lost.
    """

    version: int | None
    found: bool = False


def newer_versions(state: AgentState | None, after: int | None) -> tuple[AgentVersion, ...]:
    """The versions that came after one. after None: all. state None: the org does not have the agent."""
    versions = state.versions if state else ()
    return tuple(each for each in versions if after is None or each.number > after)


def script_version(
    script: ReleaseScript,
    state: AgentState | None,
    *,
    live: int | None,
    noted: Sequence[Publication],
    published: Sequence[Publication],
) -> ScriptVersion:
    """The version that a script stands for in an org.

    state: the agent in the org, None if it does not exist. live: the version that was active before the deployment.
    noted: publications of an unfinished attempt of this deployment. published: those of the ledger, oldest first.
    InputError: nobody can tell which version it is; the fix says to pin it.
    """
    open_one = publication_of(noted, script.agent, script.digest)
    if open_one and open_one.version is None:
        return _interrupted(script, state, open_one)
    known = open_one or publication_of(published, script.agent, script.digest)
    if known and known.version is not None and state and state.version(known.version):
        return ScriptVersion(version=known.version)
    if script.changed:
        return ScriptVersion(version=None)
    if live is not None:
        return ScriptVersion(version=live)
    raise unknown_version(script.agent)


def _interrupted(script: ReleaseScript, state: AgentState | None, noted: Publication) -> ScriptVersion:
    newer = newer_versions(state, noted.after)
    if len(newer) > 1:
        raise ambiguous(script.agent, newer)
    return ScriptVersion(version=newer[0].number, found=True) if newer else ScriptVersion(version=None)


def unknown_version(agent: str) -> InputError:
    """The error for an agent of which nothing says which version the release means."""
    return InputError(
        f"No version of {agent} is active, and nothing says which one the release means.",
        fix="Pin its version in the manifest, or change its script so that it is published.",
    )


def ambiguous(agent: str, newer: Sequence[AgentVersion]) -> InputError:
    """The error for several new versions where one was published."""
    numbers = ", ".join(str(each.number) for each in newer)
    return InputError(
        f"{agent} has several new versions ({numbers}), so it is unknown which one this release published.",
        fix="Find out in Agent Builder which one has this release's script, and pin it in the manifest.",
    )
