"""What the components of a release use, the project has, and the release leaves out."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from wavegate.components.component import ComponentId
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Finding, notice
from wavegate.text import join_names


def used_outside(scope: ReleaseScope, shipped: AbstractSet[ComponentId]) -> tuple[Edge, ...]:
    """The references out of the release from what a deployment sends, by source; from a topic or action inside a file
    that is sent as well. shipped: the components that are sent.
    """
    parents = {each.id: each.parent for each in scope.components if each.parent}

    def is_sent(component: ComponentId) -> bool:
        return component in shipped or (component in parents and is_sent(parents[component]))

    return tuple(each for each in scope.outside if is_sent(each.source))


def outside_findings(scope: ReleaseScope, shipped: AbstractSet[ComponentId]) -> Iterator[Finding]:
    """A notice for each component that a deployment sends and that uses others outside the release."""
    for source, edges in groupby(used_outside(scope, shipped), key=lambda each: each.source):
        first, *others = edges
        names = [str(each.target) for each in (first, *others)]
        message = f"{source} uses {join_names(names)}, which the release does not ship."
        fix = f'Ship what an org of this release does not have: `include: ["{names[0]}"]`.'
        yield notice("release/uses-outside", first.location, message, fix)
