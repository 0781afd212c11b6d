"""The plan of a pilot: copies of what changes, in place of what everybody has."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce.sf import install
from tests.support.git import commit, start
from tests.support.pilot_projects import AGENTS, MAIN, xml

from wavegate.__main__ import main

SETTINGS = '{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}\n'
PILOT = """\
    rollout: canary
    pilotUsers: [desk-leads]
"""
GROUP = {f"{MAIN}/groups/Desk_Leads.group-meta.xml": xml("Group", "    <doesIncludeBosses>false</doesIncludeBosses>")}


class PilotCheckout:
    """A repository whose first commit, a release of one of the three agents, is live for everybody."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.root, self.output = folder / "checkout", folder / "plan"
        self.agent, files = AGENTS[kind]
        self.files: dict[str, bytes | str] = {"sfdx-project.json": SETTINGS, **GROUP, **files}
        self.files["sfdx-project.json"] = SETTINGS
        self.manifest()
        self.live = start(self.root, self._bytes())

    def manifest(self, environment: str = PILOT, more: str = "") -> None:
        """Write the manifest. environment: more keys of the environment; more: at the top level."""
        self.files["agentforce/release.yml"] = (
            f"release: wave-3\nagents: [{{name: {self.agent}}}]\n{more}environments:\n  - name: production\n{environment}"
        )

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text of a file."""
        text = self.files[f"{MAIN}/{path}"]
        assert isinstance(text, str) and old in text
        self.files[f"{MAIN}/{path}"] = text.replace(old, new)

    def plan(self, *options: str, live: str | None = None) -> tuple[int, dict[str, Any]]:
        """Commit the files, and plan their promotion."""
        commit(self.root, self._bytes(), "Change")
        arguments = ["--root", str(self.root), "--live", self.live if live is None else live, *options]
        code = main(["plan", "production", *arguments, "--output-dir", str(self.output)])
        return code, json.loads((self.output / "plan.json").read_text(encoding="utf-8"))

    def _bytes(self) -> Mapping[str, bytes]:
        return {path: data if isinstance(data, bytes) else data.encode() for path, data in self.files.items()}


@pytest.fixture(autouse=True)
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(install(tmp_path / "bin")), os.environ["PATH"]]))
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


CHANGES = {
    "script": ("classes/TideClock.cls", "Datetime.now()", "Datetime.now().addDays(0)"),
    "files": ("genAiPlugins/Payslips.genAiPlugin-meta.xml", "Use Find_Payslip", "Always use Find_Payslip"),
    "inline": ("flows/Parcel_Summary.flow-meta.xml", "<status>", "<description>New</description>\n    <status>"),
}


@pytest.mark.parametrize("kind", list(CHANGES))
def test_x(tmp_path: Path, kind: str, capsys) -> None:
    checkout = PilotCheckout(tmp_path, kind)
    checkout.edit(*CHANGES[kind])
    code, plan = checkout.plan()
    print(json.dumps({k: plan[k] for k in ("pilot", "changes", "steps", "stages")}, indent=1))
    print([(f["rule"], f["severity"], f["message"][:200]) for f in plan["findings"]])
    print(code)
    assert 0
