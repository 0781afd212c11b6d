"""Pilot copies as the real CLI converts them: the package is the copies, and no original is in it."""

import os
from pathlib import Path

import pytest
from tests.support.pilot_projects import AGENTS, pilot_world
from tests.support.staging import contents
from tests.support.tools import node_bin, npm_bin

from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.pilot.overlay import CopySource
from wavegate.salesforce.cli import Cli
from wavegate.staging.convert import converted_findings
from wavegate.staging.stage import stage_release


@pytest.mark.parametrize("kind", AGENTS)
def test_the_package_holds_the_copies_and_no_original(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(node_bin()), str(npm_bin()), os.environ["PATH"]]))
    world = pilot_world(kind)
    copy = world.copy(everything=True)
    assert copy.not_separable == ()
    overlay = CopySource(world.source, copy)
    project = read_project(overlay)
    access = ComponentId(type="PermissionSet", name=copy.permission_set)
    shipped = [project.components[each] for each in (*copy.names.values(), access)]
    stage = stage_release(overlay, project, shipped, tmp_path / "stage")
    cli = Cli(session=None, folder=stage.folder, home=tmp_path / "home")
    assert converted_findings(stage, cli, file="release.yml") == ()
    output = tmp_path / "converted"
    cli.convert(stage.package, output, folder=stage.folder)
    package = contents(output)
    originals = {f">{each.name}</members>" for each in copy.names}
    text = package["package.xml"].decode()
    assert not [each for each in originals if each in text]
    # besides package.xml and the permission set, each file is of a copy
    assert all("_Pilot" in path for path in package if path != "package.xml")
