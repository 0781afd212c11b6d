"""Check whether the local workflows are those of this wavegate, and which ones were edited."""

from collections.abc import Iterator, Mapping

from wavegate.setup.doctor.health import Check, ok, problem
from wavegate.setup.local.conflicts import has_markers
from wavegate.setup.local.generated import is_unedited, read_header
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names

_RULE = "workflow/local"


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
        yield problem(_RULE, REPOSITORY, message, "Resolve them.")
    behind = [
        name for name, found in headers.items() if found.pin.version != version or found.pin.commit != (commit or "")
    ]
    edited = [name for name in headers if not is_unedited(workflows[name].replace("\r\n", "\n"))]
    words = f"are those of this wavegate, v{version}"
    if behind:
        versions = " and ".join(sorted({f"v{headers[name].pin.version}" for name in behind}))
        words = f"are of {versions}, and this wavegate is v{version}: `wavegate update` moves them"
    changed = f" Edited here: {join_names(edited)}." if edited else ""
    yield ok(_RULE, REPOSITORY, f"The local workflows {words}.{changed}")
