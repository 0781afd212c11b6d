"""The index, held against the Salesforce CLI's own resolver on a project with every type of the table."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.places import ROOT
from tests.support.tools import node_bin, npm_package

from wavegate.components.project import read_project
from wavegate.components.types import BUNDLES, CHILDREN, FILES, KNOWN_TYPES
from wavegate.files.folder import FolderSource

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
ODD = (
    "lightningTypes/caseInput/schema.json",
    "lightningTypes/caseInput/lightningDesktopGenAi/renderer.json",
    "lwc/card/card.js",
    "lwc/card/card.html",
    "lwc/card/README.md",
    "lwc/jsconfig.json",
    "aura/box/box.cmp",
    "genAiFunctions/Made/input/schema.json",
    "aiAuthoringBundles/Made/Made.agent",
    "staticresources/site.resource-meta.xml",
    "staticresources/site/css/site.min.css",
    "bots/Made/v1.botVersion-meta.xml",
    "objects/Account/fields/Extra__c.field-meta.xml",
    "layouts/Case-Case %28new%29.layout-meta.xml",
    "customMetadata/Setting.Default.md-meta.xml",
    "queues/Bare.queue",
    "tabs/deep/er/Deep.tab-meta.xml",
    "docs/README.md",
)


def sources() -> Mapping[str, str]:
    """Files by path: one component of each type of the table, and odd places."""
    single = {suffix: folder for suffix, (_, folder) in FILES.items() if folder not in BUNDLES}
    paths = [
        f"{folder}/Made.{suffix}-meta.xml" for suffix, folder in single.items() if folder not in ("bots", "objects")
    ]
    paths += [f"{folder}/Made/Made.{suffix}-meta.xml" for folder, (_, suffix) in BUNDLES.items() if suffix != "json"]
    paths += ["bots/Made/Made.bot-meta.xml", "objects/Made/Made.object-meta.xml"]
    paths += [f"objects/Made/{suffix}/Part.{suffix}-meta.xml" for suffix in CHILDREN if suffix != "indexe"]
    contents = [f"{single[suffix]}/Made.{suffix}" for suffix in ("cls", "trigger", "page", "component", "resource")]
    return {path: _text(path) for path in (*paths, *contents, *ODD)}


def _text(path: str) -> str:
    if path.endswith("site.resource-meta.xml"):
        return f"<StaticResource {NS}><contentType>application/zip</contentType></StaticResource>"
    return f"<Made {NS}/>"


def test_the_index_is_the_official_resolvers(tmp_path: Path) -> None:
    folder = tmp_path / "force-app" / "main" / "default"
    for path, text in sources().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    project = read_project(FolderSource(tmp_path))
    ours = {(each.id.type, each.id.name): set(each.paths) for each in project.components.values()}
    assert {type_ for type_, _ in ours} == KNOWN_TYPES
    npm_package("@salesforce/source-deploy-retrieve/package.json")
    script = ROOT / "tests" / "tools" / "resolve_components.mjs"
    done = subprocess.run(
        [node_bin() / "node", script, tmp_path / "force-app"], capture_output=True, text=True, check=True, timeout=120
    )
    theirs: dict[tuple[str, str], set[str]] = {}
    for each in json.loads(done.stdout):
        paths = {str(Path(file).relative_to(tmp_path)) for file in each["files"]}
        theirs.setdefault((each["type"], each["name"]), set()).update(paths)
    assert ours.keys() == theirs.keys()
    assert ours == theirs
