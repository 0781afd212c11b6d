"""A GitHub on loopback for tests; see `github.GitHubDouble`."""

from tests.doubles.github.git import File
from tests.doubles.github.github import GitHubDouble

__all__ = ["File", "GitHubDouble"]
