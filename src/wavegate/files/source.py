"""Where a project's files come from: a folder, or the tree of a commit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

PROJECT_FILE = "sfdx-project.json"
"""The file that marks a Salesforce project's folder."""
SKIPPED = frozenset({"node_modules"})
"""Folders of tools, besides hidden ones."""


class Source(Protocol):
    """Files by their path relative to the checkout's root, in POSIX form."""

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted; symbolic links count as files, folders do not."""
        ...

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those files, fetched together.

        A file that is absent, unreadable or over the source's size limit is missing from the result.
        The caller reports it as a finding and never treats it as empty.
        """
        ...
