"""Compares what the CLI makes of a staged folder with what the plan says.

The CLI lists a member whose file is missing and exits with 0, and adds every version file that it finds to an agent:
so its package is compared member by member and file by file. A difference is an error, never a warning.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wavegate.components.component import ComponentId
from wavegate.findings.finding import Finding, Location, error
from wavegate.staging.package_layout import places_in, places_of, wholes_of
from wavegate.text import join_names

_SHOWN = 10
"""Names shown of each kind of difference."""
_FIX = (
    "Nothing is sent. Report it with the file's type and folder: wavegate and the Salesforce CLI read it differently."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvertedPackage:
    """What the CLI wrote. members: what its manifest lists. files: the other files' paths in it.

    versions: the numbers of the versions in each agent's file, such as `v3`, by agent.
    """

    members: frozenset[ComponentId]
    files: tuple[str, ...]
    versions: Mapping[str, tuple[str, ...]]


def package_findings(
    planned: AbstractSet[ComponentId], package: ConvertedPackage, *, file: str
) -> tuple[Finding, ...]:
    """The differences between the planned members and the package, as errors. file: where findings point to."""
    return tuple(_differences(planned, package, Location(file=file)))


def _differences(planned: AbstractSet[ComponentId], package: ConvertedPackage, place: Location) -> Iterator[Finding]:
    names = {each.name for each in planned}
    unplanned = (each for each in package.members - planned if names.isdisjoint(wholes_of(each)))
    written = {key for path in package.files for key in places_in(path)}
    without = (each for each in planned & package.members if written.isdisjoint(places_of(each)))
    places = {key for each in planned for key in places_of(each)}
    foreign = sorted(path for path in package.files if places.isdisjoint(places_in(path)))
    if missing := _names(planned - package.members):
        yield error("stage/not-sent", place, f"The Salesforce CLI would not send {missing}, which is planned.", _FIX)
    if more := _names(unplanned):
        yield error("stage/not-planned", place, f"The Salesforce CLI would also send {more}.", _FIX)
    if empty := _names(without):
        yield error(
            "stage/no-file", place, f"The Salesforce CLI would list {empty} without sending a file of it.", _FIX
        )
    if foreign:
        message = f"The Salesforce CLI would send files of no planned component: {join_names(foreign, _SHOWN)}."
        yield error("stage/foreign-file", place, message, _FIX)
    yield from _version_differences(planned, package, place)


def _version_differences(
    planned: AbstractSet[ComponentId], package: ConvertedPackage, place: Location
) -> Iterator[Finding]:
    for agent, numbers in sorted(package.versions.items()):
        expected = _versions(planned, agent)
        if sorted(numbers) != expected:
            sent, wanted = _listed(numbers), _listed(expected)
            message = f"The Salesforce CLI would send {agent} with {sent}, but the plan has {wanted}."
            yield error("stage/agent-versions", place, message, _FIX)


def _versions(planned: Iterable[ComponentId], agent: str) -> list[str]:
    names = (each.name.rpartition(".") for each in planned if each.type == "BotVersion")
    return sorted(version for name, _, version in names if name == agent)


def _listed(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(numbers)) or "no version"


def _names(components: Iterable[ComponentId]) -> str:
    return join_names([str(each) for each in sorted(components)], _SHOWN)
