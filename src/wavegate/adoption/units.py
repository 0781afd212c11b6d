"""Which components share files in a package, and which of a package's files are theirs."""

from collections.abc import Iterable, Mapping

from wavegate.adoption.values import Unit
from wavegate.components.component import Component, ComponentId, without_org_suffix
from wavegate.staging.package_layout import FOLDERS, places_in, places_of

Files = Mapping[str, bytes]
"""Contents by path in a package."""


def units_of(components: Iterable[Component]) -> tuple[Unit, ...]:
    """The units of a release, sorted by name. Components inside another's file are left out."""
    units: dict[ComponentId, list[Component]] = {}
    for each in components:
        if each.parent is None:
            units.setdefault(_whole(each.id), []).append(each)
    return tuple(
        Unit(name=str(whole), components=tuple(sorted(parts, key=lambda part: part.id)))
        for whole, parts in sorted(units.items())
    )


def files_of(unit: Unit, files: Files) -> dict[str, bytes]:
    """The files of a unit, by their paths without ids of the org."""
    places = {place for each in unit.components for place in places_of(each.id)}
    return {_path(path): data for path, data in files.items() if not places.isdisjoint(places_in(path))}


def _whole(component: ComponentId) -> ComponentId:
    folder = FOLDERS.get(component.type)
    if folder == "bots":
        agent = component.name.rpartition(".v")[0] if component.type == "BotVersion" else component.name
        return ComponentId(type="Bot", name=agent)
    if folder == "objects":
        return ComponentId(type="CustomObject", name=component.name.partition(".")[0])
    return ComponentId(type="CustomLabels", name="CustomLabels") if folder == "labels" else component


def _path(path: str) -> str:
    """The path in a package without the ids that an org appends to the folders of an agent's own actions."""
    *folders, name = path.split("/")
    return "/".join([*map(without_org_suffix, folders), name])
