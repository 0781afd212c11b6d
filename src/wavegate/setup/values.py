"""What the workflows of one repository are made of."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The names that a workflow template is filled with.

    environments: in the order of promotion. commit, version: of wavegate, the full id and without a `v`.
    branch: where releases come from. folders: of the Salesforce project. manifest: its path, '' for the only one.
    """

    environments: tuple[str, ...]
    commit: str
    version: str
    branch: str = "main"
    folders: tuple[str, ...] = ("force-app",)
    manifest: str = ""
