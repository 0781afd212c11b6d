"""The ledger's record of one promotion: created before the org changes, found by the next attempt, marked at the end.

An attempt finds it by its content: the environment's newest record, if it has the same commit, manifest, org and run.
Rerunning all jobs of a run produces a new decision, whose digest is then noted in a status.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from wavegate.cli.actions import Run, acting_user
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.rollout_values import Rollout
from wavegate.errors import WavegateError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import SWITCHES, Act
from wavegate.ledger.deployment import Deployment, Release, State, Status
from wavegate.ledger.history import is_of
from wavegate.ledger.payload import (
    Unfinished,
    attempt_line,
    evidence_line,
    flow_lines,
    live_lines,
    parse_flows,
    parse_unfinished,
    read_back,
    restored_lines,
    unfinished_lines,
)
from wavegate.ledger.publication import Publication, parse_publications, publication_lines
from wavegate.ledger.reader import read_newest
from wavegate.ledger.writer import Mark, create_deployment, mark
from wavegate.salesforce.org_values import FlowVersions


class Record:
    """The record of a promotion in GitHub's deployments.

    id: of the deployment; '' without GitHub, and then every method does nothing. unfinished: what an earlier attempt,
    on any machine, noted before it was interrupted. unfinished_since: when the first such attempt began, even if it
    noted nothing; None without one. published: publications of scripts in the same org, oldest first, as far as the
    newest records of the environment show them.
    """

    def __init__(self, github: GitHub | None, run: Run, *, environment: str, commit: str, release: Release) -> None:
        self._github = github
        self._run = run
        self._environment = environment
        self._commit = commit
        self._release = release
        self._known: Deployment | None = None
        self._said: set[str] = set()
        self._noted: Mapping[str, int | None] = {}
        self.id = ""
        self.unfinished: DeployJournalEntry | None = None
        self.unfinished_since: datetime | None = None
        self.published: tuple[Publication, ...] = ()

    def begin(self, known: Sequence[Deployment] | None = None) -> None:
        """Find this promotion's record, or make it. `unfinished` is known even where marking it fails.

        known: the newest deployments of the manifest in the environment, newest first, if they were just read.
        Without them, they are read, and so are the publications of other manifests' releases.
        """
        if self._github:
            self._begin(self._github, known)

    def note(self, entry: DeployJournalEntry) -> None:
        """Note what a run on another machine needs to resume this one. A line that fails does not stop the others."""
        problem: WavegateError | None = None
        self._noted = entry.before
        unfinished = Unfinished(
            before=entry.before, subject=entry.subject, finished=entry.finished, job=entry.job, failed=entry.failed
        )
        flows = flow_lines({name: each.active for name, each in entry.flows.items()})
        for line in (*unfinished_lines(unfinished), *flows, *publication_lines(entry.publications)):
            try:
                self._say(State.IN_PROGRESS, line)
            except WavegateError as error:
                problem = problem or error
        if problem:
            raise problem

    def end(self, rollout: Rollout, held: Mapping[str, int | None], acts: Iterable[Act] = ()) -> None:
        """Record the outcome, and which versions were read back.

        held: as in `live_lines`. acts: of the environment.
        """
        if rollout.result == "failed":
            restored = {each.name: each.live for each in rollout.agents if self._noted.get(each.name) == each.live}
            for line in restored_lines({name: live for name, live in restored.items() if live is not None}):
                self._mark(State.FAILURE, line)
            self._mark(State.FAILURE, rollout.problems[0])
            return
        live = {each.name: each.live for each in rollout.agents}
        if self._known and self._known.state is State.SUCCESS and self._known.live == live:
            since = read_back(self._known)
            # without a new reading, the versions that an act set since then would count
            switched = any(act.kind in SWITCHES and act.moment >= since for act in acts)
            if not switched:
                return
        *more, last = [*publication_lines(rollout.publications), *live_lines(live, held=held)]
        for line in more:
            self._say(State.IN_PROGRESS, line)
        self._mark(State.SUCCESS, last)

    def _begin(self, github: GitHub, read: Sequence[Deployment] | None) -> None:
        known = self._records(github) if read is None else list(read)
        open_records = _open(known, self._commit)
        self.unfinished = _unfinished(open_records)
        self.unfinished_since = _began(open_records[-1]) if open_records else None
        if known and self._is_this(known[0]):
            self._resume(known[0])
        else:
            self._make(github)
        self._note_attempt()
        # an older record keeps its notes until this one has them
        if self.unfinished:
            self.note(self.unfinished)
        for each in known:
            if each.id != self.id and each.state is State.IN_PROGRESS:
                words = "Superseded by another run"
                mark(github, each.id, Mark(state=State.INACTIVE, description=words, log_url=self._run.url))

    def _resume(self, known: Deployment) -> None:
        self._known, self.id, self._said = known, known.id, {each.description for each in _open_statuses(known)}
        live = known.state is State.SUCCESS
        if not live and known.state is not State.IN_PROGRESS:
            self._mark(State.IN_PROGRESS, "Deploying")
        if known.release and known.release.evidence != self._release.evidence:
            self._mark(State.SUCCESS if live else State.IN_PROGRESS, evidence_line(self._release.evidence))

    def _note_attempt(self) -> None:
        """Note who started this attempt, if it is not the person whom the record names."""
        actor, live = acting_user(), self._known is not None and self._known.state is State.SUCCESS
        named = self._known.triggered_by if self._known else self._release.actor
        if actor and actor != named and not live:
            self._mark(State.IN_PROGRESS, attempt_line(actor))

    def _make(self, github: GitHub) -> None:
        def find() -> str | None:
            found = self._records(github)
            return found[0].id if found and self._is_this(found[0]) else None

        self.id = create_deployment(
            github, self._run.repository, self._environment, self._commit, self._release, find=find
        )
        self._mark(State.IN_PROGRESS, "Deploying")

    def _records(self, github: GitHub) -> list[Deployment]:
        """The newest records of this manifest in the environment, newest first."""
        found = read_newest(github, self._run.repository, [self._environment])[self._environment].deployments
        same_org = [each for each in reversed(found) if each.release and each.release.org == self._release.org]
        self.published = tuple(each for record in same_org for each in record.published)
        return [each for each in found if is_of(each, self._release.manifest)]

    def _is_this(self, found: Deployment) -> bool:
        """Whether an earlier attempt of this promotion made the record. An override needs a record that has one."""
        known, ours = found.release, self._release
        if known is None or found.commit != self._commit or (ours.override and not known.override):
            return False
        return known == ours or (bool(ours.run) and _identity(known) == _identity(ours))

    def _say(self, state: State, line: str) -> None:
        if line not in self._said:
            self._mark(state, line)
            self._said.add(line)

    def _mark(self, state: State, description: str) -> None:
        if self._github and self.id:
            mark(self._github, self.id, Mark(state=state, description=description, log_url=self._run.url))


def _identity(release: Release) -> Release:
    """What identifies a run's promotion. What changes once the release is live is left out."""
    return replace(release, override=None, evidence="", cites="", passed_lock="")


def _open(known: Iterable[Deployment], commit: str) -> list[Deployment]:
    """The newest records, as long as they are unfinished ones of a commit. known: newest first."""
    unfinished = (State.IN_PROGRESS, None)
    return list(takewhile(lambda each: each.commit == commit and each.state in unfinished, known))


def _unfinished(records: Iterable[Deployment]) -> DeployJournalEntry | None:
    """The notes of unfinished deployments, preferably those with a job id.

    records: newest first. The newest may lack notes that an older one has, if its attempt was interrupted before it
    copied them.
    """
    entries: list[DeployJournalEntry] = []
    for each in records:
        descriptions = [status.description for status in _open_statuses(each)]
        found, publications = parse_unfinished(descriptions), parse_publications(descriptions)
        flows = {name: FlowVersions(active=number) for name, number in parse_flows(descriptions).items()}
        if found.before or found.job or publications or flows:
            entries.append(
                DeployJournalEntry(
                    subject=found.subject,
                    before=found.before,
                    finished=found.finished,
                    job=found.job,
                    failed=found.failed,
                    publications=publications,
                    flows=flows,
                )
            )
    return next((each for each in entries if each.job), entries[0] if entries else None)


def _began(record: Deployment) -> datetime:
    return next((each.created_at for each in _open_statuses(record)), record.created_at)


def _open_statuses(record: Deployment) -> list[Status]:
    """The statuses of an unfinished deployment, oldest first, without those of an earlier attempt."""
    statuses: list[Status] = []
    for each in record.statuses:
        statuses = [*statuses, each] if each.state is State.IN_PROGRESS else []
    return statuses
