"""Which components the names in a manifest mean.

A name with `metadata: Type:FullName` means that component. Every other name is matched by convention: a prompt is a
GenAiPromptTemplate; an action is a GenAiFunction or, where none fits, the flow, class, template or external service
itself. Exact names come first, then names that differ by case, `-` and `_` alone, then names of which one has the
suffix that an org appends to what is defined inside an agent, then those of which one has a version suffix.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wavegate.components.component import ComponentId, without_org_suffix
from wavegate.release.manifest import Detail, Kind, Manifest

TYPES: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.PROMPTS: (("GenAiPromptTemplate",),),
    Kind.ACTIONS: (("GenAiFunction",), ("Flow", "ApexClass", "GenAiPromptTemplate", "ExternalServiceRegistration")),
}
"""Types that a name of a kind may mean, in tiers: a later one counts where no earlier one has a match."""

_VERSION = re.compile(r"[-_]v?\d+$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forms:
    """A name as written and as it is compared."""

    loose: str
    without_org: str
    without_version: str


@lru_cache(maxsize=1 << 16)
def _forms(name: str) -> _Forms:
    without_org = without_org_suffix(name)
    return _Forms(
        loose=_fold(name), without_org=_fold(without_org), without_version=_fold(_VERSION.sub("", without_org))
    )


def _fold(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).casefold()


def own_name(component: ComponentId) -> str:
    """The component's name without the planner that it is defined in."""
    return component.name.rpartition("/")[2]


def version_of(name: str) -> str | None:
    """The number of a name's version suffix (`-v5`, `_5`), or None."""
    match = _VERSION.search(name)
    return re.sub(r"\D", "", match.group()) if match else None


def detail_of(manifest: Manifest, kind: Kind, name: str) -> Detail | None:
    """The manifest's detail for a name of that kind, or None."""
    return next((each for each in manifest.details if each.kind == kind and each.name == name), None)


def match_name(kind: Kind, name: str, candidates: Iterable[ComponentId]) -> tuple[ComponentId, ...]:
    """The components that a prompt's or action's name means by convention: one, none, or several that fit as well."""
    known = tuple(candidates)
    for types in TYPES[kind]:
        tier = [each for each in known if each.type in types]
        for found in _levels(name, tier):
            if found:
                return tuple(found)
    return ()


def _levels(name: str, candidates: Sequence[ComponentId]) -> Iterator[list[ComponentId]]:
    """The candidates that match, for each level of likeness in turn."""
    yield [each for each in candidates if name in (each.name, own_name(each))]
    given = _forms(name)
    forms = [(each, _forms(own_name(each))) for each in candidates]
    yield [each for each, form in forms if form.loose == given.loose]
    yield [each for each, form in forms if form.without_org == given.without_org]
    yield [
        each
        for each, form in forms
        if given.without_version == form.without_org or given.without_org == form.without_version
    ]
