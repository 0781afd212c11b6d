"""A fresh double, clients of it, and a first commit, for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contract.github_double.client import Client
from tests.doubles.github import GitHubDouble


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as double:
        yield double


@pytest.fixture
def connect(github: GitHubDouble) -> Iterator[Callable[[str], Client]]:
    clients: list[Client] = []

    def make(token: str) -> Client:
        clients.append(Client(github, token))
        return clients[-1]

    yield make
    for client in clients:
        client.session.close()


@pytest.fixture
def client(github: GitHubDouble, connect: Callable[[str], Client]) -> Client:
    return connect(github.token)


@pytest.fixture
def main(github: GitHubDouble) -> str:
    return github.seed({"a.txt": b"a\n", "folder/b.txt": b"b\n"}, "First")
