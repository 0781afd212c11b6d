"""When each cohort got the pilot that runs in an environment, according to the ledger.

All times are GitHub's. The same content keeps its start under another commit, in a re-run, and as more cohorts join;
another content starts the canary again for everybody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from wavegate.ledger.deployment import Deployment, Pilot
from wavegate.ledger.history import is_of, live_release_of, pilot_release_of
from wavegate.release.manifest import Cohort, Strategy


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortStart:
    """A cohort of the pilot. since: when it got the pilot; timezone-aware."""

    name: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningPilot:
    """The pilot that runs in an environment.

    deployment: the newest that was live. cohorts: in the order of the ledger, at least one. agents: by API name of
    the live agent, what the pilot's cohorts use; the agent itself if there is no copy. everybody: whether all users
    have the pilot, so that only the past is left to compare with.
    """

    deployment: Deployment
    release: str
    content: str
    cohorts: tuple[CohortStart, ...]
    agents: Mapping[str, str]
    everybody: bool = False

    @property
    def since(self) -> datetime:
        """When the first cohort got it."""
        return min(each.since for each in self.cohorts)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cohorts."""
        return tuple(each.name for each in self.cohorts)

    @property
    def has_copies(self) -> bool:
        """Whether its cohorts use copies, beside live agents that stay as they were."""
        return self.deployment.confined


def running_pilot(
    deployments: Sequence[Deployment], *, manifest: str, agents: Iterable[str], cohorts: Iterable[Cohort] = ()
) -> RunningPilot | None:
    """The pilot that runs in an environment; None if there is none, or it was rolled back, replaced or retired.

    deployments: of the environment, newest first. manifest: path. agents: that the manifest ships; they count if the
    ledger does not name any. cohorts: of the manifest; one that is time-boxed gives the release to everybody.
    """
    own = [each for each in deployments if is_of(each, manifest)]
    newest = pilot_release_of(own, manifest=manifest) or live_release_of(own, manifest=manifest)
    release = newest.release if newest else None
    if newest is None or release is None or release.pilot is None or newest.rolled_back:
        return None
    starts = tuple(_starts(newest, release.pilot, own))
    if not starts:
        return None
    time_boxed = {each.name for each in cohorts if each.strategy is Strategy.TIME_BOXED}
    names = dict.fromkeys([*newest.agents, *agents]) if not release.pilot.copies else {}
    return RunningPilot(
        deployment=newest,
        release=release.name,
        content=release.content,
        cohorts=starts,
        agents=dict(release.pilot.copies) or {name: name for name in names},
        everybody=not release.pilot.copies and any(each.name in time_boxed for each in starts),
    )


def is_start_known(deployments: Sequence[Deployment], *, manifest: str) -> bool:
    """Whether older deployments would change nothing about the pilot that runs. deployments: newest first."""
    own = [each for each in deployments if is_of(each, manifest)]
    newest = pilot_release_of(own, manifest=manifest) or live_release_of(own, manifest=manifest)
    if newest is None or newest.release is None or newest.release.pilot is None:
        return newest is not None
    before = [each for each in own[own.index(newest) + 1 :] if each.succeeded]
    return len(list(_same_pilot(newest, own))) < len(before)


def _starts(newest: Deployment, pilot: Pilot, deployments: Sequence[Deployment]) -> Iterator[CohortStart]:
    """Each cohort of the newest deployment, since the oldest one in a row that gave the cohort the same."""
    same = [newest, *_same_pilot(newest, deployments)]
    for name in dict.fromkeys(pilot.cohorts):
        times = [each.live_since for each in _with_cohort(name, same) if each.live_since]
        if times:
            yield CohortStart(name=name, since=min(times))


def _with_cohort(name: str, deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    return takewhile(lambda each: name in _cohorts(each), deployments)


def _same_pilot(newest: Deployment, deployments: Sequence[Deployment]) -> Iterator[Deployment]:
    """The earlier deployments of the same pilot, newest first, up to the first that was live and is not."""
    before = (each for each in deployments[deployments.index(newest) + 1 :] if each.succeeded)
    return takewhile(lambda each: _is_same(each, newest), before)


def _is_same(earlier: Deployment, newest: Deployment) -> bool:
    ours, other = newest.release, earlier.release
    if ours is None or other is None or other.pilot is None or earlier.rolled_back or earlier.retired:
        return False
    if earlier.confined != newest.confined:
        return False
    # an older version recorded no content, and then the commit decides
    return ours.content == other.content if ours.content else newest.commit == earlier.commit


def _cohorts(deployment: Deployment) -> tuple[str, ...]:
    pilot = deployment.release.pilot if deployment.release else None
    return pilot.cohorts if pilot else ()
