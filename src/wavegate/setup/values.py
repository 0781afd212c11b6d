"""The values that a repository's workflow templates are filled with."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What a workflow template is filled with.

    environments: in the order of promotion. commit, version: of wavegate, a full SHA, and without a `v`.
    branch: where releases come from. folders: of the Salesforce project. manifest: its path, '' for the only one.
    """

    environments: tuple[str, ...]
    commit: str
    version: str
    branch: str = "main"
    folders: tuple[str, ...] = ("force-app",)
    manifest: str = ""
