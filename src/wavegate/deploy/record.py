"""The ledger's record of one promotion: made before the org is touched, found by the next try, marked at the end.

It is found by what it says: the environment's newest entry, if it is of the same commit, manifest, org and run. When
all jobs of a run are run again, there is another decision: its digest is then said in a status.
"""

from dataclasses import replace

from wavegate.cli.actions import Run
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.rollout_values import Rollout
from wavegate.github.client import GitHub
from wavegate.ledger.deployment import Deployment, Release, State
from wavegate.ledger.history import is_of
from wavegate.ledger.payload import evidence_line, live_lines, parse_unfinished, unfinished_lines
from wavegate.ledger.reader import read_newest
from wavegate.ledger.writer import Mark, create_deployment, mark


class Record:
    """A release on its way into an environment, as GitHub's deployments have it.

    id: of the deployment; '' where there is no GitHub to record it, and then nothing here does anything.
    unfinished: what an earlier try, on whichever machine, noted before it was cut short.
    """

    def __init__(self, github: GitHub | None, run: Run, *, environment: str, commit: str, release: Release) -> None:
        self._github = github
        self._run = run
        self._environment = environment
        self._commit = commit
        self._release = release
        self._known: Deployment | None = None
        self._said: set[str] = set()
        self.id = ""
        self.unfinished: DeployJournalEntry | None = None
        if github:
            self._begin(github)

    def note(self, entry: DeployJournalEntry) -> None:
        """Note what a run on another machine needs to take this one up."""
        for line in unfinished_lines(entry.before, entry.job, entry.subject):
            self._say(State.IN_PROGRESS, line)

    def end(self, rollout: Rollout) -> None:
        """Record what became of it, and which versions were read back."""
        if rollout.result == "failed":
            self._mark(State.FAILURE, rollout.problems[0])
            return
        live = {each.name: each.live for each in rollout.agents}
        if self._known and self._known.state is State.SUCCESS and self._known.live == live:
            return
        *more, last = live_lines(live)
        for line in more:
            self._say(State.IN_PROGRESS, line)
        self._mark(State.SUCCESS, last)

    def _begin(self, github: GitHub) -> None:
        newest = self._newest(github)
        words = _unfinished_words(newest, self._commit)
        self.unfinished = _entry(words)
        if newest and self._is_this(newest):
            self._take_up(newest, words)
        else:
            self._make(github, newest)

    def _take_up(self, known: Deployment, words: list[str]) -> None:
        self._known, self.id, self._said = known, known.id, set(words)
        live = known.state is State.SUCCESS
        if not live and known.state is not State.IN_PROGRESS:
            self._mark(State.IN_PROGRESS, "Deploying")
        if known.release and known.release.evidence != self._release.evidence:
            self._mark(State.SUCCESS if live else State.IN_PROGRESS, evidence_line(self._release.evidence))

    def _make(self, github: GitHub, newest: Deployment | None) -> None:
        if newest and newest.state is State.IN_PROGRESS:
            given = Mark(
                state=State.INACTIVE, description="Cut short: another run came after it", log_url=self._run.url
            )
            mark(github, newest.id, given)

        def find() -> str | None:
            found = self._newest(github)
            return found.id if found and self._is_this(found) else None

        self.id = create_deployment(
            github, self._run.repository, self._environment, self._commit, self._release, find=find
        )
        self._mark(State.IN_PROGRESS, "Deploying")
        if self.unfinished:
            self.note(self.unfinished)

    def _newest(self, github: GitHub) -> Deployment | None:
        """The newest record of this manifest in the environment."""
        found = read_newest(github, self._run.repository, [self._environment])[self._environment].deployments
        return next((each for each in found if is_of(each, self._release.manifest)), None)

    def _is_this(self, found: Deployment) -> bool:
        """Whether an earlier try of this very promotion made the record. One without an override is none of one's."""
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
            given = Mark(state=state, description=description, log_url=self._run.url)
            mark(self._github, self.id, given)


def _identity(release: Release) -> Release:
    """What tells promotions of runs apart: a run has one override, whose rules change once the release is live."""
    return replace(release, override=None, evidence="")


def _unfinished_words(newest: Deployment | None, commit: str) -> list[str]:
    """What the record of an unfinished deployment of that commit says, oldest first; nothing of an earlier try."""
    if newest is None or newest.commit != commit or newest.state is not State.IN_PROGRESS:
        return []
    words: list[str] = []
    for each in newest.statuses:
        words = [*words, each.description] if each.state is State.IN_PROGRESS else []
    return words


def _entry(words: list[str]) -> DeployJournalEntry | None:
    before, job, subject = parse_unfinished(words)
    return DeployJournalEntry(subject=subject, before=before, job=job) if before or job else None
