"""A repository whose first commit is live, to plan promotions of its later commits."""

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.support.git import commit, git
from tests.support.projects import PROJECT

from wavegate.__main__ import main

FORCE = "force-app/main/default"
RELEASE = """\
release: wave-3
agents: [{name: Support_Agent, version: 3}, {name: Field_Agent, version: 1}]
rollback:
  prompts: {strategy: restore}
  flows: {strategy: activate-previous}
  apex: {strategy: restore}
  credentials: {strategy: manual, runbook: runbooks/rotate.md}
environments:
  - name: uat
    prompts: [support-resolution-v5]
    actions: [update_case_status]
  - name: production
"""
PACK_PATH = "agentforce/packs/smoke.json"
PACK = '{"suite": "smoke", "tests": ["a", "b"], "passCriteria": {"minimumSuccessRate": 0.9}, "runs": 30}\n'


class Checkout:
    """A repository with the fixture project and a manifest, whose first commit is what is live."""

    def __init__(self, folder: Path, *, within: str = ".") -> None:
        """Create it. within: folder of the Salesforce project in the repository."""
        self.repository, self.output = folder / "checkout", folder / "plan"
        self.root = self.repository / within
        shutil.copytree(PROJECT, self.root)
        self.write("agentforce/release.yml", RELEASE)
        self.write(PACK_PATH, PACK)
        git(self.repository, "init", "--quiet", "--initial-branch=main")
        self.live = self.commit()

    def git(self, *arguments: str) -> str:
        """Run git in the project's folder."""
        return git(self.root, *arguments).decode().strip()

    def commit(self) -> str:
        """Commit everything, and return the commit's id."""
        return commit(self.repository, {}, "Change")

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file of the project, which must have it."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def plan(self, environment: str = "production", *, live: str | None = None) -> tuple[int, dict[str, Any]]:
        """Commit the changes, and plan their promotion. live: the commit to compare with; '' for none."""
        self.commit()
        return self.plan_head(environment, live=live)

    def plan_head(self, environment: str = "production", *, live: str | None = None) -> tuple[int, dict[str, Any]]:
        """Plan the promotion of the checked-out commit."""
        arguments = ["--root", str(self.root), "--live", self.live if live is None else live]
        code = main(["plan", environment, *arguments, "--output-dir", str(self.output)])
        return code, json.loads((self.output / "plan.json").read_text(encoding="utf-8"))

    def package(self, name: str = "package.xml") -> dict[str, list[str]]:
        """The members of a package manifest that the plan wrote, by type."""
        return members((self.output / name).read_text(encoding="utf-8"))


def members(xml: str) -> dict[str, list[str]]:
    """The members of a package manifest by type."""
    space = {"m": "http://soap.sforce.com/2006/04/metadata"}
    root = ElementTree.fromstring(xml)
    return {
        each.findtext("m:name", "", space): [member.text or "" for member in each.findall("m:members", space)]
        for each in root.findall("m:types", space)
    }


def rules_of(plan: dict[str, Any]) -> list[str]:
    """The rules of a plan's findings."""
    return [each["rule"] for each in plan["findings"]]
