"""Makes the copies of a release's agents: of what the release changes, and of what lies between that and an agent."""

from collections.abc import Sequence

from wavegate.components.component import ComponentId, Project
from wavegate.components.scope import ReleaseScope
from wavegate.files.source import Source
from wavegate.pilot.values import PilotCopy
from wavegate.release.manifest import Agent


def make_copy(
    source: Source,
    project: Project,
    *,
    agents: Sequence[Agent],
    scope: ReleaseScope,
    changed: frozenset[ComponentId] = frozenset(),
    added: frozenset[ComponentId] = frozenset(),
    everything: bool = False,
) -> PilotCopy:
    """The copies of a release's agents, with whatever cannot be copied.

    source, project: of the commit. agents: of the release, with the versions that the commit ships. scope: of the
    release in the environment. changed, added: components with files that the release changes there or adds, among
    those of the scope; without any, only the agents themselves are copied. everything: copy all that the agents need.
    A copy with `not_separable` is incomplete and must not be deployed.
    """
    raise NotImplementedError
