"""A consumer's repository, created by the tests: a real git repository that contains a release."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.git import git, start
from tests.support.product import PLACEHOLDER, REFERENCE, ROOT

NAME = "acme/support-agents"

_GIVEN = ROOT / "tests" / "examples" / "valid" / "given"
_PROJECT = b'{"packageDirectories": [{"path": "force-app", "default": true}], "sourceApiVersion": "66.0"}\n'
METADATA = "force-app/main/default"


def prompt_template(name: str, content: str = "Be brief.") -> dict[str, bytes]:
    """The file of a prompt template."""
    fields = f"<developerName>{name}</developerName><templateVersions><content>{content}</content></templateVersions>"
    return {
        f"{METADATA}/genAiPromptTemplates/{name}.genAiPromptTemplate-meta.xml": _xml("GenAiPromptTemplate", fields)
    }


def action(name: str, *, calls: str | None = None) -> dict[str, bytes]:
    """The file of an agent action that calls a class, or a standard action of the platform."""
    target, kind = (calls, "apex") if calls else ("updateRecord", "standardInvocableAction")
    fields = f"<developerName>{name}</developerName><invocationTarget>{target}</invocationTarget>"
    fields += f"<invocationTargetType>{kind}</invocationTargetType>"
    return {f"{METADATA}/genAiFunctions/{name}/{name}.genAiFunction-meta.xml": _xml("GenAiFunction", fields)}


def _xml(kind: str, fields: str) -> bytes:
    return f'<{kind} xmlns="http://soap.sforce.com/2006/04/metadata">{fields}</{kind}>\n'.encode()


RELEASE: dict[str, bytes] = {
    "agentforce/release.yml": (_GIVEN / "release.yml").read_bytes(),
    "agentforce/packs/production-readiness.json": (_GIVEN / "packs" / "production-readiness.json").read_bytes(),
    "sfdx-project.json": _PROJECT,
    **prompt_template("Support_Resolution"),
    **prompt_template("Escalation_Summary"),
    **action("Update_Case_Status"),
    **action("Get_Shipment_Status"),
}
"""A release: the examples' manifest and pack, in a Salesforce project with the components that they name."""


def consumer(folder: Path, files: Mapping[str, bytes] = RELEASE, *, templates: tuple[str, ...] = ()) -> Path:
    """A repository with these files and the named workflow templates, committed on main. files: path to content."""
    workflows = {f".github/workflows/{name}.yml": template(name).encode() for name in templates}
    start(folder, {**files, **workflows})
    git(folder, "remote", "add", "origin", f"https://github.com/{NAME}.git")
    return folder


def template(name: str) -> str:
    """A workflow template as in a consumer's repository, with the product's commit filled in."""
    text = (ROOT / "workflows-templates" / f"{name}.yml").read_text()
    assert PLACEHOLDER in text
    return text.replace(PLACEHOLDER, REFERENCE)
