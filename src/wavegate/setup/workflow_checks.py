"""Check whether a repository's workflows call wavegate, pinned to one full commit."""

import re
from collections.abc import Iterator, Mapping, Sequence

from wavegate.setup.github_checks import REPOSITORY, ok, problem
from wavegate.setup.health import Check, Unavailable
from wavegate.text import join_names

USES = re.compile(r"(?m)^[ \t]*(?:-[ \t]+)?uses:[ \t]*['\"]?wavegate/wavegate(/[^@\s'\"]*)?@([^\s'\"#]+)")
"""A step or job that uses wavegate: its path in the repository, and its ref."""
_STOPS = re.compile(r"(?m)^[ \t]+github-environment:[ \t]*(['\"]?)(\S.*?)\1[ \t]*(?:#.*)?$")
_ITSELF = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.environment\s*\}\}")
_CALLS = {
    "check": ("/.github/workflows/check.yml", "", "/.github/actions/validate"),
    "promote": ("/.github/workflows/promote.yml", "/.github/actions/deploy"),
    "rollback": ("/.github/workflows/rollback.yml", "/.github/actions/rollback"),
    "disable": ("/.github/workflows/disable.yml", "/.github/actions/disable"),
}
"""The reusable workflows and actions that provide every part of a release."""


def called_checks(workflows: Mapping[str, str], local: Mapping[str, str] | None = None) -> Iterator[Check]:
    """Whether the workflows call every part of a release, and how they are pinned. workflows: text by path.

    local: the local reusable workflows, which call nothing unless they are called; only their pins count.
    """
    uses = _uses(workflows)
    called = {target for _, target, _ in uses}
    for part, targets in _CALLS.items():
        if called.isdisjoint(targets):
            message, fix = (
                f"No workflow calls wavegate's {part}.",
                "Run `wavegate init` and commit the files it writes.",
            )
            yield problem(f"workflow/{part}", REPOSITORY, message, fix)
        else:
            yield ok(f"workflow/{part}", REPOSITORY, f"A workflow calls wavegate's {part}.")
    uses += _uses(local or {})
    yield from _pins({path: ref for path, _, ref in uses if not _is_commit(ref)}, {ref for _, _, ref in uses})


def _uses(workflows: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each use of wavegate: path of the workflow, path in wavegate's repository, and ref."""
    return [(path, match[1] or "", match[2]) for path, text in workflows.items() for match in USES.finditer(text)]


def stop_environments(workflows: Mapping[str, str], names: Sequence[str]) -> dict[str, str | Unavailable]:
    """By environment, the GitHub environment in which its kill switch runs; empty if no workflow calls it."""
    stops: dict[str, str | Unavailable] = {}
    for path, text in workflows.items():
        calls = list(USES.finditer(text))
        for call, following in zip(calls, [*calls[1:], None], strict=True):
            if call[1] in _CALLS["disable"]:
                named = _STOPS.search(text, call.end(), following.start() if following else len(text))
                stops |= {name: _stop(named[2] if named else name, name, path) for name in names}
    return stops


def _stop(named: str, name: str, path: str) -> str | Unavailable:
    environment = _ITSELF.sub(lambda _: name, named)
    if "${{" not in environment:
        return environment
    message = f"{path} computes the kill switch's environment for {name}, so it cannot be checked."
    return Unavailable(message=message, fix="Check that this environment has the org's secrets and no reviewers.")


def _pins(loose: Mapping[str, str], refs: set[str]) -> Iterator[Check]:
    rule = "workflow/pinned"
    if loose:
        shown = join_names([f"{path} ({ref})" for path, ref in loose.items()], 4)
        fix = "After the @, write the full commit SHA of a wavegate release, with its version as a comment."
        yield problem(rule, REPOSITORY, f"Not pinned to a commit: {shown}.", fix)
    elif len(refs) > 1:
        message = f"The workflows are pinned to {len(refs)} different commits of wavegate."
        yield problem(rule, REPOSITORY, message, "Pin all of them to the same commit.")
    elif refs:
        yield ok(rule, REPOSITORY, "All workflows are pinned to one commit of wavegate.")


def _is_commit(ref: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}", ref) is not None and ref.strip("0") != ""
