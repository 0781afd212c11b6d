"""The project's own names, which the free text of a component's files is searched for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wavegate.components.component import ComponentId

_SEARCHED = (
    "ApexClass",
    "CustomObject",
    "CustomField",
    "CustomLabel",
    "CustomPermission",
    "LightningComponentBundle",
)
"""Types whose components are named in code, without an element or a scheme that would say their type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownNames:
    """The names of one project.

    namespace: the project's own; '' if it has none. by_type: components by type and case-folded own name; several
    objects may have a field of the same name.
    """

    namespace: str = ""
    by_type: Mapping[str, Mapping[str, tuple[ComponentId, ...]]] = field(default_factory=dict)

    def of_type(self, type_: str) -> Mapping[str, tuple[ComponentId, ...]]:
        """The components of that type, by case-folded own name."""
        return self.by_type.get(type_, {})


def known_names(components: Iterable[ComponentId], namespace: str = "") -> KnownNames:
    """The names that files are searched for. components: of the whole project."""
    by_type: dict[str, dict[str, tuple[ComponentId, ...]]] = {}
    for each in components:
        if each.type in _SEARCHED:
            names = by_type.setdefault(each.type, {})
            own = (each.name.rpartition(".")[2] if each.type == "CustomField" else each.name).casefold()
            names[own] = (*names.get(own, ()), each)
    return KnownNames(namespace=namespace, by_type=by_type)
