"""Makes the copies of a release's agents: of what the release changes, and of what lies between that and an agent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.scope import ReleaseScope
from wavegate.files.source import Source
from wavegate.pilot.access import access_file, access_name, access_path, is_employee_agent
from wavegate.pilot.agent_shells import AgentShells
from wavegate.pilot.attempt import attempt_copy
from wavegate.pilot.copied_replacements import with_copies
from wavegate.pilot.residues import outside_callers, residues_in
from wavegate.pilot.screening import screen, screen_shared
from wavegate.pilot.selection import CopySelection, ReleaseChanges, select
from wavegate.pilot.values import NotSeparable, PilotCopy
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
    changed_paths: frozenset[str] = frozenset(),
    entrances: frozenset[str] = frozenset(),
) -> PilotCopy:
    """The copies of a release's agents, with whatever cannot be copied.

    source, project: of the commit. agents: of the release, with the versions that the commit ships. scope: of the
    release in the environment. changed, added: components with files that the release changes there or adds, among
    those of the scope; without any, only the agents themselves are copied. everything: copy all that the agents need,
    as far as it can be copied. changed_paths: the files that differ, if known. entrances: names of the routing flows
    that lead cohorts to the copies, which are no part of them.
    A copy with `not_separable` is incomplete and must not be deployed. Raises InputError for unusable `replacements`
    in the project's settings.
    """
    doors = frozenset(ComponentId(type="Flow", name=name) for name in entrances)
    shells = AgentShells(
        project=project,
        pins={each.name.casefold(): each.version for each in agents},
        shipped={each.id for each in scope.components},
    )
    changes = ReleaseChanges(changed=changed - doors, added=added - doors, everything=everything)
    selection = select(project, scope, shells, [each.name for each in agents], changes)
    refused = screen(source, project, scope, selection.required | selection.optional, changed_paths)
    selection = selection.without(refused.keys())
    while True:
        attempt = attempt_copy(source, project, scope, selection.shells, selection.required | selection.optional)
        if not attempt.problems.keys() & selection.optional:
            break
        selection = selection.without(attempt.problems.keys())
    problems = {**attempt.problems, **refused}
    copy = attempt.as_copy()
    return replace(
        _with_access(copy, project, source, selection),
        shared=tuple(sorted(selection.shared)),
        residues=(
            *residues_in(copy.files, _copied_names(copy)),
            *outside_callers(project, {each for each in copy.names if each.type == "ApexClass"}),
        ),
        replaced=_replaced(source, project, copy),
        not_separable=tuple(
            dict.fromkeys(
                (
                    *selection.not_separable,
                    *(
                        NotSeparable(component=each, why=problems[each])
                        for each in sorted(problems.keys() & selection.required)
                    ),
                    *screen_shared(source, project, selection.shared),
                )
            )
        ),
    )


def _with_access(copy: PilotCopy, project: Project, source: Source, selection: CopySelection) -> PilotCopy:
    """The copy with the permission set that grants it."""
    entries = [project.components[each.members[0]] for each in selection.shells if each.members]
    if not entries:
        return copy
    name = access_name(project, selection.shells[0].name)
    granted = [*(copy.names[each] for each in sorted(copy.names) if each not in selection.tests), *selection.shared]
    data = access_file(
        name,
        agents=_employee_agents(copy, source, selection, entries),
        classes=[each.name for each in granted if each.type == "ApexClass"],
        flows=[each.name for each in granted if each.type == "Flow"],
    )
    files = {**copy.files, access_path(name, entries[0].path): data}
    return replace(copy, files=dict(sorted(files.items())), permission_set=name)


def _employee_agents(
    copy: PilotCopy, source: Source, selection: CopySelection, entries: Sequence[Component]
) -> Iterator[str]:
    """The copies of agents that employees use, which need access to them."""
    for shell, entry in zip((each for each in selection.shells if each.members), entries, strict=True):
        data = source.read(entry.paths)
        if any(is_employee_agent(path, each) for path, each in data.items()):
            yield copy.agents[shell.name]


def _copied_names(copy: PilotCopy) -> set[str]:
    """The names that no copied file should have any more. A version has none of its own."""
    return {*copy.agents, *(each.name for each in copy.names if each.type != "BotVersion")}


def _replaced(source: Source, project: Project, copy: PilotCopy) -> dict[str, bytes]:
    if project.file is None:
        return {}
    data = with_copies(source.read([project.file]).get(project.file), copy.originals, file=project.file)
    return {project.file: data} if data else {}
