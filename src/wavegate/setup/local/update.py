"""Plans how the workflows of a repository move to another release of wavegate. Nothing is written here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from wavegate.setup.local.base import BaseSources, UnknownBaseError, find_base
from wavegate.setup.local.conflicts import has_markers
from wavegate.setup.local.generated import (
    FOLDER,
    PREFIX,
    ActionsPin,
    Generated,
    generate,
    is_unedited,
    local_name,
    read_header,
    split_header,
)
from wavegate.setup.local.outcome import FileUpdate, UpdateOutcome
from wavegate.setup.local.pins import mirror_of, move_calls, move_pins
from wavegate.setup.local.three_way import merge

_LOCAL = re.compile(rf"{re.escape(PREFIX)}([a-z][a-z-]*)\.yml")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRelease:
    """commit, version: of the new release. sources: its reusable workflows by name. bases: where edits began."""

    commit: str
    version: str
    sources: Mapping[str, str]
    bases: BaseSources


def plan_updates(workflows: Mapping[str, str], release: NewRelease) -> Iterator[FileUpdate]:
    """What becomes of each workflow of a repository. workflows: text by file name, with line feeds."""
    pin = common_pin(workflows)
    mirror = pin.repository if pin else mirror_of(workflows, release.sources)
    for name, text in sorted(workflows.items()):
        path, local = f"{FOLDER}/{name}", _LOCAL.fullmatch(name)
        if local and (local[1] in release.sources or read_header(text)):
            yield _local(path, local[1], text, release)
        else:
            yield from _caller(path, text, release, mirror)


def common_pin(workflows: Mapping[str, str]) -> ActionsPin | None:
    """What the local workflows call; None if there are none."""
    headers = (read_header(text) for name, text in sorted(workflows.items()) if _LOCAL.fullmatch(name))
    return next((header.pin for header in headers if header), None)


def new_local(workflows: Mapping[str, str], release: NewRelease) -> Iterator[FileUpdate]:
    """The local workflows that the repository does not have, if it has others."""
    pin = common_pin(workflows)
    for name, source in release.sources.items():
        if pin and local_name(name) not in workflows:
            yield new_file(f"{FOLDER}/{local_name(name)}", generate(name, source, _to(release, pin)), release)


def new_file(path: str, text: str, release: NewRelease) -> FileUpdate:
    """A file that the repository does not have: the team deleted it, or it is new in the release."""
    if release.bases.git.versions(path):
        detail = "This repository has deleted it. `wavegate init` writes it again."
        return FileUpdate(path=path, outcome=UpdateOutcome.DELETED_HERE, detail=detail)
    return FileUpdate(path=path, outcome=UpdateOutcome.NEW, after=text)


def _caller(path: str, text: str, release: NewRelease, mirror: str) -> Iterator[FileUpdate]:
    pin = ActionsPin(commit=release.commit, version=release.version)
    moved = move_calls(text, pin, release.sources, mirror)
    if moved != text:
        yield FileUpdate(path=path, outcome=UpdateOutcome.MOVED, before=text, after=moved)


def _local(path: str, name: str, text: str, release: NewRelease) -> FileUpdate:
    header = read_header(text)
    if has_markers(text):
        detail = "It has the markers of an earlier conflict. Resolve them in an editor."
        return FileUpdate(path=path, outcome=UpdateOutcome.UNRESOLVED, detail=detail)
    if header is None:
        detail = "Its first lines do not say what it was generated from. Compare it with what `wavegate init` writes."
        return FileUpdate(path=path, outcome=UpdateOutcome.UNKNOWN, detail=detail)
    if header.name not in release.sources:
        detail = f"v{release.version} no longer has it. Delete it with the workflows that call it."
        return FileUpdate(path=path, outcome=UpdateOutcome.OBSOLETE, detail=detail)
    new = generate(name, release.sources[name], _to(release, header.pin))
    if read_header(new) == header:
        return FileUpdate(path=path, outcome=UpdateOutcome.CURRENT, detail="" if is_unedited(text) else "edited")
    if is_unedited(text):
        return FileUpdate(
            path=path, outcome=UpdateOutcome.REPLACED, before=text, after=new, detail=_step(header, new)
        )
    return _merged(path, text, header, new, release)


def _merged(path: str, text: str, header: Generated, new: str, release: NewRelease) -> FileUpdate:
    """The team's text moved to the new release. Pins are moved first: they are not what anybody edits."""
    try:
        base = find_base(path, header, release.bases)
    except UnknownBaseError as error:
        detail = f"It was edited, and the text that the edits began with was not found. {error}"
        return FileUpdate(path=path, outcome=UpdateOutcome.UNKNOWN, detail=detail)
    pin = _to(release, header.pin)
    head, body = split_header(new)
    yours = move_pins(split_header(text)[1], pin)
    merged = merge(base=move_pins(split_header(base)[1], pin), yours=yours, new=body, version=release.version)
    above = head.count("\n")
    return FileUpdate(
        path=path,
        outcome=UpdateOutcome.CONFLICT if merged.conflicts else UpdateOutcome.MERGED,
        before=text,
        after=head + merged.text,
        detail=_step(header, new),
        conflicts=tuple(replace(each, line=each.line + above) for each in merged.conflicts),
    )


def _to(release: NewRelease, pin: ActionsPin) -> ActionsPin:
    return replace(pin, commit=release.commit, version=release.version)


def _step(header: Generated, new: str) -> str:
    to = read_header(new)
    if to is None or to.pin.commit == header.pin.commit:
        return ""
    old, now = (f"v{pin.version} ({pin.commit[:7]})" for pin in (header.pin, to.pin))
    return f"{old} → {now}"
