"""Where the files of a copy are: beside the original's, under its own name."""

from collections.abc import Mapping

from wavegate.components.component import Component, ComponentId
from wavegate.pilot.names import local_copy_name

_FOLDERS = {
    "AiAuthoringBundle": "aiAuthoringBundles",
    "Bot": "bots",
    "BotVersion": "bots",
    "GenAiFunction": "genAiFunctions",
    "GenAiPlannerBundle": "genAiPlannerBundles",
    "LightningTypeBundle": "lightningTypes",
}
"""The types whose components are folders, and the folder that holds those."""
_LOCAL = {"localActions": 2, "plannerActions": 1}
"""Folders of a planner bundle, and how many levels of names of its own topics and actions are below them."""


def copied_path(
    path: str, component: Component, new: ComponentId, local: Mapping[str, str], directories: tuple[str, ...]
) -> str:
    """The path of a copy's file. local: new names of local topics and actions. directories: of the project."""
    base = max((each for each in directories if path.startswith(each)), key=len, default="")
    parts = path[len(base) :].split("/")
    folder = _FOLDERS.get(component.id.type)
    if folder and folder in parts[:-2]:
        at = parts.index(folder) + 1
        return base + "/".join((*parts[:at], *_in_bundle(parts[at:], component.id, new, local)))
    return base + "/".join((*parts[:-1], _file(parts[-1], component.id.name, new.name)))


def _in_bundle(below: list[str], old: ComponentId, new: ComponentId, local: Mapping[str, str]) -> list[str]:
    if old.type == "BotVersion":
        return [new.name.rpartition(".")[0], *below[1:]]
    renamed = [new.name, *below[1:]]
    if len(below) == 2:
        # the CLI finds a script only if its file is named after its folder
        stem = below[1].partition(".")[0] if old.type == "AiAuthoringBundle" else old.name
        renamed[1] = _file(below[1], stem, new.name)
    levels = _LOCAL.get(below[1], 0) if len(below) > 2 else 0
    for at in range(2, min(2 + levels, len(below) - 1)):
        renamed[at] = local.get(below[at]) or local_copy_name(below[at])
    return renamed


def _file(file: str, old: str, new: str) -> str:
    return new + file.removeprefix(old) if file.startswith(f"{old}.") else file
