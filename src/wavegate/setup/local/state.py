"""What doctor says of local workflows, and how its other checks see them."""

import re
from collections.abc import Iterator, Mapping

from wavegate.setup.health import Check, Health
from wavegate.setup.local.conflicts import has_markers
from wavegate.setup.local.generated import ACTIONS, FOLDER, PREFIX, is_unedited, read_header
from wavegate.text import join_names

_RULE, _SUBJECT = "workflow/local", "repository"
_LOCAL_CALL = re.compile(rf"uses: \./{re.escape(FOLDER)}/({re.escape(PREFIX)}([a-z][a-z-]*)\.yml)")


def local_workflow_checks(workflows: Mapping[str, str], *, version: str, commit: str | None) -> Iterator[Check]:
    """Whether the local workflows are those of this wavegate, and which ones were edited; for information.

    workflows: text by file name. version, commit: of this wavegate; the commit is None if it is unknown.
    """
    headers = {name: found for name, text in workflows.items() if (found := read_header(text))}
    if not headers:
        return
    broken = [name for name in headers if has_markers(workflows[name])]
    if broken:
        message = f"Conflicts of an update are left in {join_names(broken)}."
        yield Check(rule=_RULE, subject=_SUBJECT, health=Health.PROBLEM, message=message, fix="Resolve them.")
    behind = [
        name for name, found in headers.items() if found.pin.version != version or found.pin.commit != (commit or "")
    ]
    edited = [name for name in headers if not is_unedited(workflows[name].replace("\r\n", "\n"))]
    words = f"are those of this wavegate, v{version}"
    if behind:
        versions = " and ".join(sorted({f"v{headers[name].pin.version}" for name in behind}))
        words = f"are of {versions}, and this wavegate is v{version}: `wavegate update` moves them"
    changed = f" Edited here: {join_names(edited)}." if edited else ""
    yield Check(rule=_RULE, subject=_SUBJECT, health=Health.OK, message=f"The local workflows {words}.{changed}")


def as_called(workflows: Mapping[str, str]) -> dict[str, str]:
    """The workflows as if each called wavegate's own reusable workflows, by the commit that the local ones name.

    The local ones are left out. workflows: text by file name.
    """
    headers = {name: found for name, text in workflows.items() if (found := read_header(text))}

    def call(match: re.Match[str]) -> str:
        header = headers.get(match[1])
        return f"uses: {ACTIONS}/{FOLDER}/{match[2]}.yml@{header.pin.commit}" if header else match[0]

    return {name: _LOCAL_CALL.sub(call, text) for name, text in workflows.items() if name not in headers}
