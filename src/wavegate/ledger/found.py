"""Agents that somebody deactivated in the org without a record: the ledger says that they are active.

An agent that a deployment of ours deactivated and did not see to its end is not one of them, whichever manifest it
is of: every attempt notes in the ledger which versions were live, before it deactivates any. One that it restored was
deactivated later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.deployment import Deployment, State
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.payload import parse_deactivated
from wavegate.salesforce.org_values import AgentState

FOUND = "found inactive in the org"
"""The reason of a stop that somebody unknown made."""
_ORG_ID = 15
"""Characters of an org id that identify the org; the other three are a checksum."""


def found_inactive(
    states: Iterable[AgentState], ledger: EnvironmentLedger, *, org: str, resumed: Mapping[str, int | None]
) -> tuple[str, ...]:
    """Names of the agents that are inactive although the ledger has left them active, and nobody has stopped them.

    states: of the org, now. org: its id; versions that were live in another org say nothing about this one. resumed:
    version by agent name from before an unfinished deployment of the same content that this machine knows of.
    """
    inactive = [each.name for each in states if each.active is None and ledger.holds.stop_of(each.name) is None]
    found = {
        name.casefold()
        for release in (ledger.live, ledger.pilot)
        if release and release.release and release.release.org[:_ORG_ID] == org[:_ORG_ID]
        for name in _turned_off(release, ledger, resumed)
    }
    return tuple(name for name in inactive if name.casefold() in found)


def _turned_off(live: Deployment, ledger: EnvironmentLedger, resumed: Mapping[str, int | None]) -> Iterator[str]:
    """Agents that a release left active and that no attempt since then may have left inactive."""
    attempts = (*_attempts(ledger.deployments, live), *_attempts_of_others(ledger.others, live))
    ours = {name.casefold() for name in _deactivated(attempts, resumed)}
    yield from (name for name in _left_active(live, ledger.acts) if name.casefold() not in ours)


def _attempts(deployments: Iterable[Deployment], live: Deployment) -> Iterator[Sequence[str]]:
    """What the statuses say of each attempt since a release became live, a further one of that release included."""
    for each in takewhile(lambda deployment: deployment.id != live.id, deployments):
        yield [status.description for status in each.statuses]
    since = takewhile(lambda status: status.state is not State.SUCCESS, reversed(live.statuses))
    yield [status.description for status in since][::-1]


def _attempts_of_others(deployments: Iterable[Deployment], live: Deployment) -> Iterator[Sequence[str]]:
    """The same for the deployments of other manifests that have not succeeded and went on since then."""
    since = live.live_since or live.created_at
    for each in deployments:
        unfinished = [*takewhile(lambda status: status.state is not State.SUCCESS, reversed(each.statuses))][::-1]
        if unfinished and unfinished[-1].created_at >= since:
            yield [status.description for status in unfinished]


def _left_active(live: Deployment, acts: Iterable[Act]) -> Iterator[str]:
    """Agents that the live release, or a restart since then, left active."""
    since = live.live_since
    restarts = [each for each in acts if each.kind is ActKind.RESTART and (since is None or each.moment >= since)]
    for versions in (live.live, *(each.agents for each in restarts)):
        yield from (name for name, version in versions.items() if version is not None)


def _deactivated(attempts: Iterable[Sequence[str]], resumed: Mapping[str, int | None]) -> Iterator[str]:
    """Agents that an attempt may have left inactive: it noted, before it deactivated them, which version was live."""
    for descriptions in attempts:
        yield from parse_deactivated(descriptions)
    yield from (name for name, version in resumed.items() if version is not None)
