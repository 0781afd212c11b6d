"""A consumer's repository, made by the tests: a real git repository with a release in it."""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e.git import git, start
from tests.e2e.product import PLACEHOLDER, REFERENCE, ROOT

NAME = "acme/support-agents"

_GIVEN = ROOT / "tests" / "examples" / "valid" / "given"
_PROJECT = b'{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}\n'

RELEASE: dict[str, bytes] = {
    "agentforce/release.yml": (_GIVEN / "release.yml").read_bytes(),
    "agentforce/packs/production-readiness.json": (_GIVEN / "packs" / "production-readiness.json").read_bytes(),
    "sfdx-project.json": _PROJECT,
}
"""A release: the manifest and the pack of the examples, in a Salesforce project."""


def consumer(folder: Path, files: Mapping[str, bytes] = RELEASE, *, templates: tuple[str, ...] = ()) -> Path:
    """A repository with these files and the named workflow templates, committed on main. files: path to content."""
    workflows = {f".github/workflows/{name}.yml": template(name).encode() for name in templates}
    start(folder, {**files, **workflows})
    git(folder, "remote", "add", "origin", f"https://github.com/{NAME}.git")
    return folder


def template(name: str) -> str:
    """A workflow template as a consumer has it, with the commit of the product filled in."""
    text = (ROOT / "workflows-templates" / f"{name}.yml").read_text()
    assert PLACEHOLDER in text
    return text.replace(PLACEHOLDER, REFERENCE)
