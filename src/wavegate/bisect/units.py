"""The changes between two releases as units that can be replayed, and what each of them requires."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from wavegate.bisect.side import ReleaseSide, UnitKey, project_files
from wavegate.bisect.values import ChangeUnit, UnitKind
from wavegate.components.agent_versions import agent_version
from wavegate.git.tree import TreeEntry, parents

PINS: UnitKey = ("", "manifest")
_REST: UnitKey = ("", "rest")
_SETTINGS: UnitKey = ("", "settings")
_FAMILY = frozenset({
    "Bot", "BotVersion", "AiAgentDefinition", "AiAgentDefinitionVersion", "AiAuthoringBundle", "GenAiPlannerBundle",
    "GenAiPlanner",
})  # fmt: skip
"""The parts of one agent: they are published together, and one without the others is not that agent."""
_NAMES = {
    PINS: "the manifest's pinned versions",
    _REST: "components that the release does not ship",
    _SETTINGS: "the project's settings",
}
_KINDS = {PINS: UnitKind.PINS, _REST: UnitKind.UNSHIPPED, _SETTINGS: UnitKind.FILE}
_VERSIONS = ("BotVersion", "AiAgentDefinitionVersion")


@dataclass(kw_only=True, slots=True)
class _UnitGroup:
    """Keys that cannot be separated."""

    keys: set[UnitKey] = field(default_factory=set)
    files: dict[str, TreeEntry | None] = field(default_factory=dict)


def change_units(good: ReleaseSide, bad: ReleaseSide) -> tuple[ChangeUnit, ...]:
    """The units, sorted by id. All of them together turn the good release's project files into the bad one's.

    One is a component with all of its files. Those of the same agent are one, and so are those that require each
    other: none of them can be replayed without the others. What no component owns is a unit of its own, and so are
    the pins of the manifest, if they differ; components that neither release ships are one unit together.
    """
    groups = _by_files(good, bad)
    keys = {key for each in groups for key in each.keys}
    requires = _requirements(good, bad, keys)
    family = [pair for pair in good.needs | bad.needs if pair[0][0] in _FAMILY and pair[1][0] in _FAMILY]
    groups = _merged(groups, [pair for pair in family if keys.issuperset(pair)])
    groups = _merged(groups, _circles(groups, requires))
    names = {key: _name(each.keys, good, bad) for each in groups for key in each.keys}
    found = (_unit(each, good, bad, names, requires) for each in groups)
    return tuple(sorted(found, key=lambda each: each.id))


def _by_files(good: ReleaseSide, bad: ReleaseSide) -> list[_UnitGroup]:
    """Each file that differs, with the keys that it belongs to; one that belongs to two makes them one group.

    So does a file of one release that is a folder of the other.
    """
    before, after = project_files(good, bad), project_files(bad, good)
    if good.manifest.pinned_versions(good.environment) != bad.manifest.pinned_versions(bad.environment):
        for files, side in ((before, good), (after, bad)):
            if (path := side.manifest.path) in side.files:
                files[path] = side.files[path]
    groups: dict[str, _UnitGroup] = {}
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            keys = {key for side in (good, bad) if path in side.files and (key := _key(path, side, good, bad))}
            for folder in parents(path):
                keys |= groups[folder].keys if folder in groups else set()
            groups[path] = _UnitGroup(keys=keys, files={path: after.get(path)})
    return _merged(groups.values(), [])


def _key(path: str, side: ReleaseSide, *sides: ReleaseSide) -> UnitKey:
    owner = side.owners.get(path)
    if owner:
        return owner if any(owner in each.shipped for each in sides) else _REST
    if any(path == each.manifest.path for each in sides):
        return PINS
    if any(path == each.project.file for each in sides) or path.endswith(".forceignore"):
        return _SETTINGS
    return ("", path) if path in side.project.untyped else _REST


def _requirements(
    good: ReleaseSide, bad: ReleaseSide, changed: AbstractSet[UnitKey]
) -> frozenset[tuple[UnitKey, UnitKey]]:
    """Pairs of keys: the first one is not consistent without the second.

    A changed component that refers to a new one needs it; a component can only be deleted with its last references.
    """
    added = changed & (bad.components.keys() - good.components.keys())
    removed = changed & (good.components.keys() - bad.components.keys())
    found = {(source, target) for source, target in bad.needs if target in added and source in changed}
    found |= {(target, source) for source, target in good.needs if target in removed and source in changed}
    if PINS in changed:
        found |= {(PINS, key) for key in added if _is_pinned(key, bad)}
        found |= {(key, PINS) for key in removed if _is_pinned(key, good)}
    return frozenset(found)


def _is_pinned(key: UnitKey, side: ReleaseSide) -> bool:
    pins = {name.casefold(): number for name, number in side.manifest.pinned_versions(side.environment).items()}
    version = agent_version(key[1]) if key[0] in _VERSIONS else None
    return version is not None and pins.get(version[0]) == version[1]


def _circles(
    groups: Iterable[_UnitGroup], requires: AbstractSet[tuple[UnitKey, UnitKey]]
) -> Iterator[tuple[UnitKey, UnitKey]]:
    """Pairs of keys that require each other, by whatever way."""
    group_of = {key: number for number, group in enumerate(groups) for key in group.keys}
    arrows: dict[int, set[int]] = {}
    for source, target in requires:
        arrows.setdefault(group_of[source], set()).add(group_of[target])
    reached = {number: _reached(number, arrows) for number in arrows}
    for source, target in requires:
        if group_of[source] in reached.get(group_of[target], ()):
            yield source, target


def _reached(start: int, arrows: Mapping[int, AbstractSet[int]]) -> set[int]:
    found: set[int] = set()
    open_ = [start]
    while open_:
        for each in arrows.get(open_.pop(), ()):
            if each not in found:
                found.add(each)
                open_.append(each)
    return found


def _merged(groups: Iterable[_UnitGroup], pairs: Iterable[tuple[UnitKey, UnitKey]]) -> list[_UnitGroup]:
    """The groups, with those that share a key as one, and those that a pair connects."""
    by_key: dict[UnitKey, _UnitGroup] = {}
    connecting = (_UnitGroup(keys=set(pair)) for pair in pairs)
    for group in (*groups, *connecting):
        known = {id(found): found for key in group.keys if (found := by_key.get(key))}
        whole = _UnitGroup(keys=set(group.keys), files=dict(group.files))
        for each in known.values():
            whole.keys |= each.keys
            whole.files |= each.files
        by_key.update(dict.fromkeys(whole.keys, whole))
    return list({id(each): each for each in by_key.values()}.values())


def _unit(
    group: _UnitGroup,
    good: ReleaseSide,
    bad: ReleaseSide,
    names: Mapping[UnitKey, str],
    requires: AbstractSet[tuple[UnitKey, UnitKey]],
) -> ChangeUnit:
    own = _name(group.keys, good, bad)
    own_keys = group.keys if _REST not in group.keys else group.keys | _owners(group.files, good, bad)
    components = sorted(key for key in own_keys if key[0])
    members = tuple((_title(key, good, bad), _what_happened(key, good, bad)) for key in components)
    other = next(iter(sorted(group.keys - set(components))), None)
    kind = _KINDS.get(other, UnitKind.FILE) if other else UnitKind.COMPONENTS
    needed = {names[target] for source, target in requires if source in group.keys}
    return ChangeUnit(id=own, kind=kind, members=members, files=group.files, requires=frozenset(needed - {own}))


def _owners(paths: Iterable[str], *sides: ReleaseSide) -> set[UnitKey]:
    return {key for path in paths for side in sides if (key := side.owners.get(path))}


def _name(keys: AbstractSet[UnitKey], good: ReleaseSide, bad: ReleaseSide) -> str:
    """`Flow:Refund`, or `Bot:Desk and 2 more`."""
    first, *others = sorted(keys, key=lambda key: (not key[0], key))
    more = f" and {len(others)} more" if others else ""
    return f"{_title(first, good, bad)}{more}"


def _title(key: UnitKey, good: ReleaseSide, bad: ReleaseSide) -> str:
    component = bad.components.get(key) or good.components.get(key)
    return str(component.id) if component else _NAMES.get(key, f"file {key[1]}")


def _what_happened(key: UnitKey, good: ReleaseSide, bad: ReleaseSide) -> str:
    if key not in good.components:
        return "added"
    if key not in bad.components:
        return "removed"
    return "changed" if set(good.components[key].paths) & set(bad.components[key].paths) else "moved"


def with_weights(units: Iterable[ChangeUnit], weights: Mapping[str, float]) -> tuple[ChangeUnit, ...]:
    """The units with the weights that are known of them, by id."""
    return tuple(replace(each, weight=weights.get(each.id, each.weight)) for each in units)
