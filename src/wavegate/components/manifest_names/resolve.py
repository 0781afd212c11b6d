"""Resolves the names in a manifest to components.

A name with `metadata: Type:FullName` means that component. Any other name is matched by convention: a prompt is a
GenAiPromptTemplate; an action is a GenAiFunction or, if none matches, the flow, class, template or external service
itself. Matches are tried in this order: the exact name; ignoring case, `-` and `_`; ignoring the suffix that an org
appends to components defined inside an agent; ignoring a version suffix that only one of the two names has.
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
"""The types that a name of each kind may mean, in tiers. A tier is tried only if no earlier tier matches."""

_VERSION = re.compile(r"[-_]v?\d+$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forms:
    """The forms of a name that are compared."""

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
    """The component's name without the name of the component it is defined in."""
    return component.name.rpartition("/")[2]


def version_of(name: str) -> str | None:
    """The number of a name's version suffix (`-v5`, `_5`), or None."""
    match = _VERSION.search(name)
    return re.sub(r"\D", "", match.group()) if match else None


def detail_of(manifest: Manifest, kind: Kind, name: str) -> Detail | None:
    """The manifest's detail for a name of that kind, or None."""
    return next((each for each in manifest.details if each.kind == kind and each.name == name), None)


def match_name(kind: Kind, name: str, candidates: Iterable[ComponentId]) -> tuple[ComponentId, ...]:
    """The components that a prompt's or action's name means by convention; several if they match equally well."""
    known = tuple(candidates)
    for types in TYPES[kind]:
        tier = [each for each in known if each.type in types]
        for matches in _levels(name, tier):
            if matches:
                return tuple(matches)
    return ()


def _levels(name: str, candidates: Sequence[ComponentId]) -> Iterator[list[ComponentId]]:
    """The matching candidates, one list for each rule, strictest rule first."""
    yield [each for each in candidates if name in (each.name, own_name(each))]
    written = _forms(name)
    forms = [(each, _forms(own_name(each))) for each in candidates]
    yield [each for each, form in forms if form.loose == written.loose]
    yield [each for each, form in forms if form.without_org == written.without_org]
    yield [
        each
        for each, form in forms
        if written.without_version == form.without_org or written.without_org == form.without_version
    ]
