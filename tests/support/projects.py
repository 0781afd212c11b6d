"""The fixture project and small manifests for it, for the tests of the index, the closure and the plan."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.releases import environment

from wavegate.components.closure import release_scope
from wavegate.components.component import Project
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.files.folder import FolderSource
from wavegate.release.manifest import Manifest

PROJECT = Path(__file__).parents[1] / "fixtures" / "project"
UNUSED: Any = {
    "commit": "0" * 40,
    "content": "0" * 64,
    "source": FolderSource(PROJECT),
    "project": Project(file=None, components={}, read=lambda _: {}),
}
"""Where a plan was made from, for tests that only render it."""

FOLLOWED_TYPES = {
    "AiAgentDefinition",
    "AiAgentDefinitionVersion",
    "AiAuthoringBundle",
    "AiEvaluationDefinition",
    "AiTestingDefinition",
    "ApexClass",
    "Bot",
    "BotVersion",
    "ExternalCredential",
    "ExternalServiceRegistration",
    "Flow",
    "FlowDefinition",
    "GenAiFunction",
    "GenAiPlanner",
    "GenAiPlannerBundle",
    "GenAiPlugin",
    "GenAiPromptTemplate",
    "GenAiPromptTemplateActv",
    "NamedCredential",
    "PermissionSet",
}
"""The types of the fixture project: an agent of every generation, and what agents use."""


class Files:
    """A source of files that are written down in the test, with a project file for `force-app`."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        project = {"sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}'}
        self.files = {path: _bytes(data) for path, data in {**project, **files}.items()}
        self.requested: list[str] = []

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(paths)
        self.requested += wanted
        return {path: self.files[path] for path in wanted if path in self.files}


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def manifest(*, prompts: tuple[str, ...] = (), actions: tuple[str, ...] = (), **fields: Any) -> Manifest:
    """A manifest with one environment, uat, that lists these names."""
    environments = (environment("uat", prompts=prompts, actions=actions),)
    return Manifest(release="wave", path="agentforce/release.yml", environments=environments, **fields)


def scope_of(release: Manifest | None = None, environment: str = "uat", **fields: Any) -> ReleaseScope:
    """The scope of a release of the fixture project."""
    return release_scope(release or manifest(**fields), environment, read_project(FolderSource(PROJECT)))


def edges(scope: ReleaseScope) -> set[str]:
    """The scope's edges as text."""
    return {f"{each.source} > {each.target}" for each in scope.edges}
