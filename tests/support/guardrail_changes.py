"""Examples of guardrail changes: both sides of one commit in one file, written like a difference.

The first line says what is expected. Behind `=== NAME` follow the lines of a file: with a blank if both sides have
them, `-` if only the earlier one does, `+` if only the later one does. A name decides where the file lies in the
project; a side that has no line of a file does not have the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.places import ROOT
from tests.support.sources import WrittenFiles

from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.read import read_guardrails

CHANGES = ROOT / "tests" / "fixtures" / "guardrails" / "changes"
_FOLDERS = {
    ".agent": "aiAuthoringBundles/{0}/",
    ".bot-meta.xml": "bots/{0}/",
    ".botVersion-meta.xml": "bots/Desk/",
    ".genAiPlannerBundle": "genAiPlannerBundles/{0}/",
    ".flow-meta.xml": "flows/",
    ".cls": "classes/",
    ".cls-meta.xml": "classes/",
    ".permissionset-meta.xml": "permissionsets/",
    ".genAiPromptTemplate-meta.xml": "genAiPromptTemplates/",
}
BUNDLE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<AiAuthoringBundle xmlns="http://soap.sforce.com/2006/04/metadata">'
    "<bundleType>AGENT</bundleType></AiAuthoringBundle>\n"
)

Sides = tuple[dict[str, str], dict[str, str]]
"""The files of the earlier and of the later commit, by their path below `force-app`."""


@dataclass(frozen=True)
class ExpectedChange:
    """What the first line of an example says. lines: in both commits, 0 if there is no place."""

    rule: str
    direction: str
    change_class: str
    lines: tuple[int, int]


def examples(name: str) -> list[Path]:
    """The files of that name, one for each rule."""
    return sorted(CHANGES.glob(f"*/{name}.diff"))


def head_of(path: Path) -> str:
    """The first line of an example, without its mark."""
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")


def expected(path: Path) -> ExpectedChange:
    """What an example of a change expects."""
    rule, direction, change_class, before, after = head_of(path).split()
    return ExpectedChange(rule, direction, change_class, (int(before), int(after)))


def sides_of(path: Path) -> Sides:
    """The files of both commits."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for file, lines in _files(path.read_text("utf-8")):
        for side, mark in ((before, "-"), (after, "+")):
            kept = [line[1:] for line in lines if line[:1] in ("", " ", mark)]
            if any(kept):
                side |= _placed(file, "\n".join(kept) + "\n")
    return before, after


def _files(text: str) -> Iterator[tuple[str, list[str]]]:
    for part in text.split("=== ")[1:]:
        file, *lines = part.rstrip("\n").split("\n")
        yield file, lines


def _placed(file: str, text: str) -> dict[str, str]:
    name, _, rest = file.partition(".")
    folder = _FOLDERS[f".{rest}"].format(name)
    bundle = {f"{folder}{name}.bundle-meta.xml": BUNDLE} if rest == "agent" else {}
    return {f"{folder}{file}": text, **bundle}


def guardrails_of(files: Mapping[str, bytes | str]) -> Guardrails:
    """What bounds the agents of a project with these files."""
    return read_guardrails(WrittenFiles(files))
