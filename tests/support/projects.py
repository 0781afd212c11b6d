"""The fixture project and small manifests for it, for the tests of the index, the closure and the plan."""

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
    "source": FolderSource(PROJECT),
    "project": Project(file=None, components={}, read=lambda _: {}),
}
"""Where a plan was made from, for tests that only render it."""


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
