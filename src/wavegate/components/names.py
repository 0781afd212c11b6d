"""The components that a manifest names for one environment; an unknown or ambiguous name is a finding."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wavegate.components.component import ComponentId
from wavegate.components.resolve import TYPES, detail_of, match_name, own_name
from wavegate.components.types import KNOWN_TYPES
from wavegate.findings.finding import Finding, Locate, Location, error
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Environment, Kind, Manifest
from wavegate.text import join_names


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """One prompt or action that the manifest lists for an environment. parts: keys and indexes of its entry."""

    kind: Kind
    text: str
    parts: tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a name means. components: empty with a finding. unknown: no candidate fits."""

    components: tuple[ComponentId, ...] = ()
    finding: Finding | None = None
    unknown: bool = False


def at_file(path: str) -> Locate:
    """Locates every entry at the start of a file, for a file whose positions are unknown."""

    def locate(*_parts: str | int, key: bool = False) -> Location:  # noqa: ARG001 - the Locate protocol
        return Location(file=path)

    return locate


def listed_names(manifest: Manifest, environment: Environment) -> Iterator[Name]:
    """The prompts and actions of an environment, each with the path of the entry that first lists it."""
    index = next(number for number, each in enumerate(manifest.environments) if each.name == environment.name)
    # an inherited list is written in the file at the environment that it is inherited from
    while index and _same_names(manifest.environments[index - 1], environment):
        index -= 1
    for kind, names in ((Kind.PROMPTS, environment.prompts), (Kind.ACTIONS, environment.actions)):
        for number, text in enumerate(names):
            yield Name(kind=kind, text=text, parts=("environments", index, kind.value, number))


def _same_names(one: Environment, other: Environment) -> bool:
    return (one.prompts, one.actions) == (other.prompts, other.actions)


def resolve_name(
    manifest: Manifest,
    name: Name,
    locate: Locate,
    candidates: Iterable[ComponentId],
    shipped: frozenset[ComponentId],
) -> Named:
    """Resolve a name by the manifest's detail, otherwise by convention.

    candidates: all components, including those inside agents. shipped: components inside the agents that the release
    ships. Several of them may share a name (an action in two topics); the name then means all of them.
    """
    detail = detail_of(manifest, name.kind, name.text)
    if detail and detail.metadata:
        place = locate("components", name.kind.value, name.text, "metadata")
        return _resolve_metadata(detail.metadata, place, candidates)
    known = tuple(candidates)
    match = match_name(name.kind, name.text, known)
    if len(match) == 1 or (match and shipped.issuperset(match)):
        return Named(components=match)
    place = locate(*name.parts)
    if match:
        return Named(finding=_ambiguous(name, match, place))
    return Named(finding=_unknown(name, known, place), unknown=True)


def _resolve_metadata(metadata: str, place: Location, candidates: Iterable[ComponentId]) -> Named:
    type_, _, full_name = metadata.partition(":")
    if type_ not in KNOWN_TYPES:
        return Named(finding=unknown_type(metadata, place), unknown=True)
    known = [each for each in candidates if each.type == type_]
    for fold in (str, str.casefold):
        found = tuple(each for each in known if fold(each.name) == fold(full_name))
        if found:
            return Named(components=found[:1])
    fix = f"Retrieve it into the project, or correct it.{suggestion(full_name, (own_name(each) for each in known))}"
    return Named(finding=error("component/unknown", place, f"The project has no `{metadata}`.", fix), unknown=True)


def unknown_type(metadata: str, place: Location) -> Finding:
    """The finding about a `Type:Name` whose type wavegate cannot find in a project by itself."""
    type_ = metadata.partition(":")[0]
    message = f"wavegate does not know the metadata type `{type_}`."
    fix = (
        f'Add it to `include` with its path, such as {{metadata: "{metadata}", path: "force-app/…"}}.'
        f"{suggestion(type_, sorted(KNOWN_TYPES))}"
    )
    return error("component/unknown-type", place, message, fix)


def _unknown(name: Name, known: Iterable[ComponentId], place: Location) -> Finding:
    first, *_ = TYPES[name.kind]
    convention = "a GenAiPromptTemplate" if name.kind is Kind.PROMPTS else "a GenAiFunction, a flow or an Apex class"
    message = f"No component in the project matches the {name.kind[:-1]} `{name.text}`."
    fix = f"Add {convention} with that name, or map the name under components.{name.kind}." + suggestion(
        name.text, (own_name(each) for each in known if each.type in first)
    )
    return error(f"{name.kind[:-1]}/unknown", place, message, fix)


def _ambiguous(name: Name, components: tuple[ComponentId, ...], place: Location) -> Finding:
    message = f"`{name.text}` matches several components: {join_names([str(each) for each in components])}."
    fix = f'Choose one under components.{name.kind}, with `metadata: "{components[0]}"`.'
    return error(f"{name.kind[:-1]}/ambiguous", place, message, fix)
