"""The pages of a repository on GitHub, by the address that its web interface uses."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryPages:
    """The pages of a repository. base: its own, such as `https://github.com/acme/agents`; '' if it is unknown.

    Every address is '' if the repository is unknown.
    """

    base: str = ""

    def commit(self, commit: str) -> str:
        """A commit; its page names the pull requests that have it."""
        return self._page(f"commit/{commit}")

    def file(self, commit: str, path: str) -> str:
        """A file as it is in a commit. path: in the repository."""
        return self._page(f"blob/{commit}/{quote(path)}")

    def comparison(self, before: str, after: str) -> str:
        """The differences between two commits.

        Two dots compare the commits themselves. Three would compare with their common ancestor, and so hide what an
        older commit takes back.
        """
        return self._page(f"compare/{before}..{after}")

    def diff(self, before: str, after: str, path: str) -> str:
        """The differences of one file between two commits. path: in the repository, as GitHub shows it."""
        comparison = self.comparison(before, after)
        return comparison and f"{comparison}#diff-{sha256(path.encode()).hexdigest()}"

    def diff_line(self, before: str, after: str, path: str, line: int, *, earlier: bool) -> str:
        """A line in the differences of one file. line: from 1, of the later side unless it is the earlier one."""
        page = self.diff(before, after, path)
        return page and f"{page}{'L' if earlier else 'R'}{line}"

    def pull_request(self, number: int) -> str:
        """A pull request."""
        return self._page(f"pull/{number}")

    def _page(self, path: str) -> str:
        return f"{self.base}/{path}" if self.base else ""
