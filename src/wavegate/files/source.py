"""Where a project's files come from: a folder, or the tree of a commit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

PROJECT_FILE = "sfdx-project.json"
"""The file whose folder is a Salesforce project."""


class Source(Protocol):
    """Files by their path relative to the checkout's root, in POSIX form."""

    def paths(self) -> Sequence[str]:
        """Every file's path, sorted; symbolic links count as files, folders do not."""
        ...

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of those files, fetched together.

        A file that is absent, unreadable or larger than the source's limit is missing from the answer:
        the caller says so in a finding, it is never read as empty.
        """
        ...
