"""The ledger's first entry of an environment: found or written, exactly once, however often a run ends before it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import complete_act, read_acts, write_act
from wavegate.ledger.deployment import Deployment, Release, State
from wavegate.ledger.history import is_of, live_release_of, newest_attempt
from wavegate.ledger.payload import live_lines
from wavegate.ledger.reader import read_ledger
from wavegate.ledger.writer import Mark, create_deployment, mark
from wavegate.text import one_line

OFF = "off when it was adopted"
"""The reason of the stop of an agent that was not active."""
_BEGUN = "Adopting what the org already runs"


class AdoptionRecord:
    """The records of an environment, for one manifest. viewer: login of the token's owner.

    adopted: the release that was adopted and is live, if nothing was deployed since.
    """

    def __init__(self, github: GitHub, repository: str, environment: str, *, manifest: str) -> None:
        self._github = github
        self._repository = repository
        self._environment = environment
        self._manifest = manifest
        self._known: list[Deployment] = []
        self.viewer = ""
        self.adopted: Deployment | None = None

    def check(self) -> None:
        """Read the records. InputError: a release is recorded already, or a deployment is in progress."""
        self._known = self._read()
        live = live_release_of(self._known)
        newest = newest_attempt(self._known)
        # GitHub marks it inactive once a job with the same environment has succeeded
        if live and live is newest and _is_adoption(live) and not live.rolled_back:
            self.adopted = live
        elif live:
            raise _recorded(live)
        elif newest and newest.state is State.IN_PROGRESS and not _is_adoption(newest):
            title, environment = one_line(newest.title, 100), one_line(self._environment, 100)
            raise InputError(
                f"A deployment of {title} to {environment} is in progress.",
                fix="Wait until it has ended. If its run is gone, run that job again: it finishes the record.",
            )

    def write(self, commit: str, release: Release, live: Mapping[str, int | None], *, attempt: str = "") -> str:
        """Record the release as live, and return the id of its deployment. live: the agents' active versions.

        An inactive agent is recorded as stopped first, so that no later release turns it on by accident. attempt: URL
        of the attempt of the workflow run.
        """
        known = next((each for each in self._read() if _is_this(each, commit, release)), None)
        deployment = known.id if known else self._make(commit, release)
        said = {each.description for each in known.statuses} if known else set()
        url = release.run
        *more, last = live_lines(live)
        for line in (_BEGUN, *more):
            if line not in said:
                mark(self._github, deployment, Mark(state=State.IN_PROGRESS, description=line, log_url=url))
        for each in self._unfinished(deployment):
            words = "Superseded by another run"
            mark(self._github, each.id, Mark(state=State.INACTIVE, description=words, log_url=url))
        self._stop([name for name, version in live.items() if version is None], commit, release, attempt)
        mark(self._github, deployment, Mark(state=State.SUCCESS, description=last, log_url=url))
        return deployment

    def _stop(self, agents: Sequence[str], commit: str, release: Release, attempt: str) -> None:
        """Record inactive agents as stopped, as far as they are not stopped already."""
        if not agents:
            return
        acts = read_acts(self._github, self._repository, self._environment)
        holds = holds_of(acts)
        off = [each for each in agents if holds.stop_of(each) is None]
        if not off:
            # an interrupted run may have written it without its status
            complete_act(self._github, acts[0])
            return
        act = Act(
            kind=ActKind.STOP,
            time=datetime.now(UTC).replace(microsecond=0),
            actor=release.actor,
            reason=OFF,
            run=attempt,
            manifest=release.manifest,
            release=ReleaseId(name=release.name, commit=commit, content=release.content),
            agents=dict.fromkeys(off),
        )
        write_act(self._github, self._repository, self._environment, act, commit=commit, known=acts, just_read=True)

    def _unfinished(self, deployment: str) -> Iterable[Deployment]:
        """The adoptions that other runs began and never finished."""
        return (each for each in self._known if each.id != deployment and _is_adoption(each) and not each.succeeded)

    def _make(self, commit: str, release: Release) -> str:
        def find() -> str | None:
            return next((each.id for each in self._read() if _is_this(each, commit, release)), None)

        return create_deployment(self._github, self._repository, self._environment, commit, release, find=find)

    def _read(self) -> list[Deployment]:
        found: list[Deployment] = []
        for page in read_ledger(self._github, self._repository, self._environment):
            self.viewer = page.viewer
            found += [each for each in page.deployments if is_of(each, self._manifest)]
            if live_release_of(found):
                break
        return found


def _is_adoption(deployment: Deployment) -> bool:
    return deployment.release is not None and deployment.release.adoption is not None


def _is_this(found: Deployment, commit: str, release: Release) -> bool:
    """Whether an earlier run began this record. Its run and the person who started it may be others."""
    if found.commit != commit or found.release is None or found.state not in (State.IN_PROGRESS, None):
        return False
    return replace(found.release, run=release.run, actor=release.actor) == release


def _recorded(live: Deployment) -> InputError:
    environment = one_line(live.environment, 100)
    return InputError(
        f"{environment} has a record already: {one_line(live.title, 100)} ({live.commit[:12]}).",
        fix="There is nothing to adopt. `wavegate status` shows whether the org still runs it; if it does not, "
        f"promote the commit that {environment} is to run.",
    )
