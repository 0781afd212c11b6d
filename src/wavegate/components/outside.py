"""What the components of a release use, the project has, and the release leaves out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from wavegate.components.component import ComponentId
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Finding, notice
from wavegate.text import join_names, pluralize

_MAX_NAMES = 5


def used_outside(scope: ReleaseScope, shipped: AbstractSet[ComponentId]) -> tuple[Edge, ...]:
    """The references out of the release from what a deployment sends, by source; from a topic or action inside a file
    that is sent as well. shipped: the components that are sent.
    """
    parents = {each.id: each.parent for each in scope.components if each.parent}

    def is_sent(component: ComponentId) -> bool:
        return component in shipped or (component in parents and is_sent(parents[component]))

    return tuple(each for each in scope.outside if is_sent(each.source))


def names_outside(edges: Iterable[Edge]) -> tuple[str, ...]:
    """What the edges lead to, sorted: `Type:Name`. Fields of an object that is named itself are only counted."""
    targets = {each.target for each in edges}
    fields = Counter(each.name.rpartition(".")[0] for each in targets if each.type == "CustomField")
    objects = {each.name for each in targets if each.type == "CustomObject"}
    return tuple(
        f"{each} ({pluralize(fields[each.name], 'field')})"
        if each.type == "CustomObject" and each.name in fields
        else str(each)
        for each in sorted(targets)
        if each.type != "CustomField" or each.name.rpartition(".")[0] not in objects
    )


def outside_findings(scope: ReleaseScope, shipped: AbstractSet[ComponentId]) -> Iterator[Finding]:
    """A notice for each component that a deployment sends and that uses others outside the release."""
    for source, group in groupby(used_outside(scope, shipped), key=lambda each: each.source):
        edges = tuple(group)
        names = names_outside(edges)
        message = f"{source} uses {join_names(names, _MAX_NAMES)}, which the release does not ship."
        entries = ", ".join(f'"{each.partition(" ")[0]}"' for each in names[:_MAX_NAMES])
        fix = f"Ship what an org of this release does not have: `include: [{entries}]`."
        yield notice("release/uses-outside", edges[0].location, message, fix)
