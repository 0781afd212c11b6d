"""Whether a repository's workflows call wavegate, at one full commit."""

import re
from collections.abc import Iterator, Mapping

from wavegate.core.doctor import REPOSITORY, ok, wrong
from wavegate.model.health import Check
from wavegate.words import listed

_USES = re.compile(r"(?m)^[ \t]*(?:-[ \t]+)?uses:[ \t]*['\"]?wavegate/wavegate(/[^@\s'\"]*)?@([^\s'\"#]+)")
_CALLS = {
    "check": ("/.github/workflows/check.yml", "", "/.github/actions/validate"),
    "promote": ("/.github/workflows/promote.yml", "/.github/actions/deploy"),
    "rollback": ("/.github/workflows/rollback.yml", "/.github/actions/rollback"),
    "disable": ("/.github/workflows/disable.yml", "/.github/actions/disable"),
}
"""What each part of a release may be called by."""


def called_checks(workflows: Mapping[str, str]) -> Iterator[Check]:
    """Which parts of a release the workflows call, and how they are pinned. workflows: text by path."""
    uses = [(path, match[1] or "", match[2]) for path, text in workflows.items() for match in _USES.finditer(text)]
    called = {target for _, target, _ in uses}
    for part, targets in _CALLS.items():
        if called.isdisjoint(targets):
            told, fix = f"No workflow calls wavegate's {part}.", "Run `wavegate init`, and commit what it writes."
            yield wrong(f"workflow/{part}", REPOSITORY, told, fix)
        else:
            yield ok(f"workflow/{part}", REPOSITORY, f"A workflow calls wavegate's {part}.")
    yield from _pins({path: ref for path, _, ref in uses if not _is_commit(ref)}, {ref for _, _, ref in uses})


def _pins(loose: Mapping[str, str], refs: set[str]) -> Iterator[Check]:
    rule = "workflow/pinned"
    if loose:
        shown = listed([f"{path} ({ref})" for path, ref in loose.items()], 4)
        fix = "Write the full commit of a release after the @, and its version as a comment."
        yield wrong(rule, REPOSITORY, f"Not pinned to a commit: {shown}.", fix)
    elif len(refs) > 1:
        told = f"The workflows are pinned to {len(refs)} different commits of wavegate."
        yield wrong(rule, REPOSITORY, told, "Pin all of them to one: the parts of a release belong together.")
    elif refs:
        yield ok(rule, REPOSITORY, "All workflows are pinned to one commit of wavegate.")


def _is_commit(ref: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}", ref) is not None and ref.strip("0") != ""
