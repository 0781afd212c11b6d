"""Publishes the Agent Scripts of a release, each at most once in an org, and finds out as which version.

The CLI does not say which version it made. So the newest version is noted before, in the journal and in the ledger;
afterwards exactly one version must be newer. A run that finds such a note without a result looks for that version
first. Source: `@salesforce/plugin-agent` 2.2.3, `agent publish authoring-bundle`.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from wavegate.errors import InputError, ServiceError, WavegateError
from wavegate.ledger.publication import Publication, publication_of
from wavegate.plan.scripts import ReleaseScript
from wavegate.publication.script_versions import (
    ScriptVersion,
    ambiguous,
    newer_versions,
    script_version,
    unknown_version,
)
from wavegate.release.manifest import Agent
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.org import Org
from wavegate.salesforce.org_values import AgentState, AgentVersion
from wavegate.text import one_line

_LOOKS = 3
"""How often a version is looked for whose publication may have succeeded."""
_PAUSE = 5.0


class PublicationOpenError(ServiceError):
    """A script may have been published; the next run finds out."""


class PublicationNotes(Protocol):
    """What a deployment notes of its publications, in its journal and in the ledger, for a run that resumes it."""

    @property
    def publications(self) -> tuple[Publication, ...]:
        """Those that were noted."""
        ...

    @property
    def live_before(self) -> Mapping[str, int | None]:
        """The version that was active before the deployment, by agent name."""
        ...

    def note_publications(self, publications: tuple[Publication, ...]) -> None:
        """Note these in place of all others."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicationRequest:
    """What to publish.

    agents: of the release, with the versions that the commit ships. scripts: those that the org may have to publish,
    in order. published: what the ledger says of earlier publications in this org, oldest first. tell: prints a line.
    """

    agents: tuple[Agent, ...]
    scripts: tuple[ReleaseScript, ...]
    published: tuple[Publication, ...]
    tell: Callable[[str], None]


class ScriptPublisher:
    """The publications of one deployment to one org. done: those that are known, one for each script."""

    def __init__(self, request: PublicationRequest, org: Org, cli: Cli, notes: PublicationNotes) -> None:
        self._request = request
        self._org = org
        self._cli = cli
        self._notes = notes
        self.done: tuple[Publication, ...] = ()

    def check(self, states: Sequence[AgentState]) -> None:
        """Check, before anything is changed, that every agent has a version or a script that compiles.

        InputError: one has neither, or the first error of its script with file and line.
        """
        for agent in self._request.agents:
            scripted = any(each.agent.casefold() == agent.name.casefold() for each in self._request.scripts)
            if agent.version is None and not scripted and self._live(agent.name) is None:
                raise unknown_version(agent.name)
        for script in self._request.scripts:
            if self._version(script, _state(states, script.agent)).version is None:
                _check_folder(script)
                self._validate(script)

    def run(self) -> tuple[Agent, ...]:
        """Publish what the org does not have yet. Returns the release's agents, each with its version in this org.

        An agent of which only the active version is known keeps None. PublicationOpenError: the outcome of a
        publication is unknown. InputError: one was refused.
        """
        versions: dict[str, int] = {}
        for script in self._request.scripts:
            versions[script.agent.casefold()] = self._published(script)
        named = {each.name.casefold(): each for each in self._request.agents}
        # an agent that another one hands over to is shipped without being named
        for script in self._request.scripts:
            named.setdefault(script.agent.casefold(), Agent(name=script.agent))
        return tuple(
            replace(each, version=versions.get(name, each.version)) if each.version is None else each
            for name, each in named.items()
        )

    def _published(self, script: ReleaseScript) -> int:
        state = self._read(script.agent)
        known = self._version(script, state)
        if known.version is None:
            return self._publish(script, state)
        if known.found:
            self._request.tell(
                f"{script.agent}: version {known.version} is taken for this script: an interrupted run published it"
            )
        return self._know(script, known.version)

    def _publish(self, script: ReleaseScript, state: AgentState | None) -> int:
        after = state.newest.number if state and state.newest else None
        self._note(Publication(agent=script.agent, digest=script.digest, after=after))
        self._request.tell(f"{script.agent}: publishing its script")
        try:
            failure = self._run_cli(script)
            newer = self._look(script, after, patient=isinstance(failure, ServiceError))
        except ServiceError as error:
            raise PublicationOpenError(error.message, fix=error.fix) from error
        if len(newer) > 1:
            raise ambiguous(script.agent, newer)
        if not newer:
            raise self._missing(script, failure)
        version = newer[0].number
        self._request.tell(f"{script.agent}: its script was published as version {version}")
        if failure:
            self._request.tell(f"{script.agent}: {one_line(failure.message)}")
        return self._know(script, version)

    def _run_cli(self, script: ReleaseScript) -> WavegateError | None:
        """Publish. Returns the CLI's error, if any: it may have failed after it had published the script."""
        try:
            self._cli.publish(script.agent, file=script.path)
        except WavegateError as error:
            return error
        return None

    def _look(self, script: ReleaseScript, after: int | None, *, patient: bool) -> tuple[AgentVersion, ...]:
        """The agent's versions after that one. patient: look again for one that may appear late."""
        newer = newer_versions(self._read(script.agent), after)
        for _ in range(_LOOKS - 1 if patient else 0):
            if newer:
                break
            time.sleep(_PAUSE)
            newer = newer_versions(self._read(script.agent), after)
        return newer

    def _missing(self, script: ReleaseScript, failure: WavegateError | None) -> WavegateError:
        if isinstance(failure, ServiceError):
            return PublicationOpenError(failure.message, fix=failure.fix)
        # nothing was published, so a version that appears later is another one
        self._forget(script)
        if failure:
            return failure
        return InputError(
            f"`sf agent publish` reported success, but {self._org.host} has no new version of {script.agent}.",
            fix="Check the agent in Agent Builder, and run the command again.",
        )

    def _validate(self, script: ReleaseScript) -> None:
        try:
            self._cli.validate(script.agent, file=script.path)
        except ServiceError as error:
            # the same service compiles the script when it is published
            self._request.tell(
                f"{script.agent}: its script could not be checked in advance: {one_line(error.message)}"
            )

    def _version(self, script: ReleaseScript, state: AgentState | None) -> ScriptVersion:
        return script_version(
            script,
            state,
            live=self._live(script.agent),
            noted=self._notes.publications,
            published=self._request.published,
        )

    def _live(self, agent: str) -> int | None:
        before = self._notes.live_before
        return next((number for name, number in before.items() if name.casefold() == agent.casefold()), None)

    def _know(self, script: ReleaseScript, version: int) -> int:
        noted = publication_of(self._notes.publications, script.agent, script.digest)
        known = replace(noted or Publication(agent=script.agent, digest=script.digest), version=version)
        # an unchanged script whose version nobody recorded is not recorded either
        if noted or publication_of(self._request.published, script.agent, script.digest):
            self.done = (*self.done, known)
        if noted and noted != known:
            self._note(known)
        return version

    def _note(self, publication: Publication) -> None:
        others = self._others(publication.agent, publication.digest)
        self._notes.note_publications((*others, publication))

    def _forget(self, script: ReleaseScript) -> None:
        self._notes.note_publications(self._others(script.agent, script.digest))

    def _others(self, agent: str, digest: str) -> tuple[Publication, ...]:
        noted = self._notes.publications
        return tuple(each for each in noted if (each.agent, each.digest) != (agent, digest))

    def _read(self, agent: str) -> AgentState | None:
        return _state(find_agents(self._org, [agent]), agent)


def _check_folder(script: ReleaseScript) -> None:
    # the CLI looks for the bundle by the name of its folder, and again by the name in its script
    if script.bundle != script.agent:
        raise InputError(
            f"The Salesforce CLI cannot publish {script.agent}: its script is in the folder {script.bundle}.",
            fix=f"Rename the folder and its files to {script.agent}.",
            file=script.path,
        )


def _state(states: Iterable[AgentState], agent: str) -> AgentState | None:
    return next((each for each in states if each.name.casefold() == agent.casefold()), None)
