"""Which files of a component a deployment sends."""

from collections.abc import Iterable, Sequence

from wavegate.components.component import Component, ComponentId
from wavegate.errors import InputError


def sent_files(components: Iterable[Component]) -> dict[str, Component]:
    """The files to stage and their components, sorted by path.

    Of an agent, the CLI sends one file that it makes of the agent's file and of every version file beside it: so only
    the versions that ship may be there. InputError for an agent without a version, or a version without its agent.
    """
    shipped = [each for each in components if each.parent is None]
    _check_agents(shipped)
    files = {}
    for component in shipped:
        for path in (component.path,) if component.id.type == "Bot" else component.paths:
            files[path] = component
    return dict(sorted(files.items()))


def _check_agents(shipped: Sequence[Component]) -> None:
    agents = {each.id.name: each for each in shipped if each.id.type == "Bot"}
    versions = {each.id.name.rpartition(".")[0]: each for each in shipped if each.id.type == "BotVersion"}
    for name in agents.keys() - versions.keys():
        raise InputError(
            f"{agents[name].id} would be sent without a version: what an org makes of that is unknown.",
            fix="Retrieve the version that the release ships into the project.",
            file=agents[name].path,
        )
    for name in versions.keys() - agents.keys():
        raise InputError(
            f"{versions[name].id} cannot be sent without {ComponentId(type='Bot', name=name)}.",
            fix="Retrieve the agent itself into the project.",
            file=versions[name].path,
        )
