"""Where the original of a copy is still named or called, for a person to read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from wavegate.components.component import ComponentId, Project
from wavegate.guardrails.metadata.apex_tokens import tokens_of
from wavegate.pilot.sites.apex_code import is_string
from wavegate.pilot.values import Residue
from wavegate.text import clip, one_line

_WORD = re.compile(r"\w+", re.ASCII)
_SCRIPT_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_KEPT = "<localDeveloperName>"
"""A name of its own kind, by which tests know a topic or action of an agent."""
_MAX_TEXT = 160


def residues_in(files: Mapping[str, bytes], names: AbstractSet[str]) -> Iterator[Residue]:
    """One for each line and name. files: of the copies, by path. names: of what is copied."""
    for path in sorted(files):
        text = files[path].decode("utf-8", "replace")
        if names.isdisjoint(_words(text)):
            continue
        for number, (line, read) in enumerate(zip(text.split("\n"), _read(path, text), strict=False), 1):
            if _KEPT not in line:
                for name in sorted(names & set(_words(read))):
                    yield Residue(path=path, line=number, name=name, text=clip(one_line(line.strip()), _MAX_TEXT))


def outside_callers(project: Project, classes: AbstractSet[ComponentId]) -> Iterator[Residue]:
    """The Lightning web components that call a copied class: they keep calling the original."""
    if not classes:
        return
    for component, contents in sorted(project.read(project.of_type("LightningComponentBundle")).items()):
        for reference in contents.references:
            target = project.find(reference.targets[0])
            if target and target.id in classes:
                text = (
                    f"The Lightning web component {one_line(component.name)} keeps calling {target.id.name} itself."
                )
                place = reference.location
                yield Residue(path=place.file, line=place.line or 1, name=target.id.name, text=text)


def _read(path: str, text: str) -> list[str]:
    """What a user, the model or a program reads, by line: of Apex only the strings, of a script no comments.

    A name in Apex code means something else than what is copied, or it would have been renamed or refused.
    """
    if path.endswith(".agent"):
        return _SCRIPT_COMMENT.sub("", text).split("\n")
    if not path.endswith(".cls"):
        return text.split("\n")
    parts, line = [], 0
    for token in filter(is_string, tokens_of(text)):
        at = text.count("\n", 0, token.offset)
        parts.append("\n" * (at - line) + token.spelled)
        line = at + token.spelled.count("\n")
    return " ".join(parts).split("\n")


def _words(text: str) -> Iterable[str]:
    """Every word, and the part of one after a namespace."""
    for match in _WORD.finditer(text):
        yield match[0]
        if "__" in match[0]:
            yield match[0].partition("__")[2]
