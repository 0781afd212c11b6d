"""Salesforce projects that are written down in a test, and staged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wavegate.components.component import Component, ComponentId
from wavegate.components.project import read_project
from wavegate.staging.stage import stage_release
from wavegate.staging.values import StagedRelease

XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


class Files:
    """A source of files: path to content."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self.files = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}

    def paths(self) -> Sequence[str]:
        """Every path, sorted."""
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The files that exist."""
        return {path: self.files[path] for path in paths if path in self.files}


def settings(*directories: str, **more: Any) -> str:
    """A `sfdx-project.json`; the first package directory is the default one."""
    listed = [{"path": path, "default": not at} for at, path in enumerate(directories or ("force-app",))]
    return json.dumps({"packageDirectories": listed, "sourceApiVersion": "66.0", **more})


def metadata(kind: str, body: str = "") -> str:
    """A metadata file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} {XMLNS}>{body}</{kind}>\n'


def agent(name: str, versions: Iterable[int], folder: str = "force-app/main") -> dict[str, str]:
    """The files of an agent with these versions, and their planners."""
    files = {f"{folder}/bots/{name}/{name}.bot-meta.xml": metadata("Bot", f"<label>{name}</label>")}
    for number in versions:
        planner = f"{name}_v{number}"
        link = f"<genAiPlannerName>{planner}</genAiPlannerName>"
        files[f"{folder}/bots/{name}/v{number}.botVersion-meta.xml"] = metadata(
            "BotVersion",
            f"<fullName>v{number}</fullName><conversationDefinitionPlanners>{link}</conversationDefinitionPlanners>",
        )
        files[f"{folder}/genAiPlannerBundles/{planner}/{planner}.genAiPlannerBundle"] = metadata(
            "GenAiPlannerBundle", f"<masterLabel>{name} {number}</masterLabel>"
        )
    return files


def member(text: str) -> ComponentId:
    """A component's id, from `Type:Name`."""
    type_, _, name = text.partition(":")
    return ComponentId(type=type_, name=name)


def component(text: str, *paths: str) -> Component:
    """A component with these files, the first of which defines it."""
    return Component(id=member(text), path=paths[0], paths=tuple(sorted(paths)))


def stage(
    files: Mapping[str, bytes | str],
    members: Iterable[str | Component],
    folder: Path,
    *,
    checkout: Path | None = None,
    manifests: Mapping[str, str] | None = None,
) -> StagedRelease:
    """Stage components of a project. members: `Type:Name`, as the index knows it, or a component."""
    source = Files(files)
    project = read_project(source)
    components = [each if isinstance(each, Component) else project.components[member(each)] for each in members]
    return stage_release(source, project, components, folder, manifests=manifests, checkout=checkout)


def names(folder: Path) -> list[str]:
    """The names of what is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
