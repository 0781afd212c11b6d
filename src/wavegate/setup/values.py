"""The values that fill the workflow templates of one repository."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """The names that fill a workflow template.

    environments: in the order of promotion. commit, version: of wavegate; a full SHA, and a version without `v`.
    branch: the release branch. folders: of the Salesforce project. manifest: its path; '' if it is the only one.
    """

    environments: tuple[str, ...]
    commit: str
    version: str
    branch: str = "main"
    folders: tuple[str, ...] = ("force-app",)
    manifest: str = ""
