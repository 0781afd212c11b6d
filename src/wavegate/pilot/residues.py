"""Where the original of a copy is still named or called, for a person to read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from wavegate.components.component import ComponentId, Project
from wavegate.pilot.values import Residue
from wavegate.text import clip, one_line

_WORD = re.compile(r"\w+", re.ASCII)
_KEPT = "<localDeveloperName>"
"""A name of its own kind, by which tests know a topic or action of an agent."""
_MAX_TEXT = 160


def residues_in(files: Mapping[str, bytes], names: AbstractSet[str]) -> Iterator[Residue]:
    """One for each line and name. files: of the copies, by path. names: of what is copied."""
    for path in sorted(files):
        text = files[path].decode("utf-8", "replace")
        if names.isdisjoint(_words(text)):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if _KEPT not in line:
                for name in sorted(names & set(_words(line))):
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


def _words(text: str) -> Iterable[str]:
    """Every word, and the part of one after a namespace."""
    for match in _WORD.finditer(text):
        yield match[0]
        if "__" in match[0]:
            yield match[0].partition("__")[2]
