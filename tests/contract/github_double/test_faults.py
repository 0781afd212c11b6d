"""Faults, crash points and meetings strike where they were put, before or after the change."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from tests.contract.github_double.client import Client
from tests.doubles.github import GitHubDouble, limits


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [
        ({"status": 502}, 502, 0),
        ({"status": 502, "when": "after"}, 502, 1),
        ({"drop": True}, 0, 0),
        ({"drop": True, "when": "after"}, 0, 1),
        ({"malformed": True}, 201, 1),
        ({"delay": 0.05}, 201, 1),
        (limits.secondary(7), 403, 0),
        (limits.secondary(status=429), 429, 0),
        (limits.primary(60), 403, 0),
    ],
)
def test_faults_spoil_one_request(
    github: GitHubDouble, client: Client, fault: dict[str, Any], status: int, made: int
) -> None:
    github.faults.add("POST /repos/{owner}/{repo}/issues", **fault)
    started = time.monotonic()
    try:
        reply: requests.Response | None = client("POST", "/issues", {"title": "x"})
    except requests.ConnectionError:
        reply = None
    assert (reply.status_code if reply is not None else 0, len(github.issues)) == (status, made)
    assert time.monotonic() - started >= fault.get("delay", 0)
    if reply is not None:
        assert fault.get("headers", {}).items() <= dict(reply.headers).items()
        with pytest.raises(ValueError) if fault.get("malformed") else memoryview(b""):
            reply.json()
    client.ok("POST", "/issues", {"title": "x"})
    assert len(github.issues) == made + 1


def test_faults_count_and_match(github: GitHubDouble, client: Client) -> None:
    github.faults.add(r"GET /repos/acme/[^/]+/(issues|labels)$", status=500, times=2, skip=1)
    paths = ["/issues", "/pulls", "/labels", "/issues", "/issues"]
    assert [client("GET", path).status_code for path in paths] == [200, 200, 500, 500, 200]
    assert [route.status for route in github.routes] == [200, 200, 500, 500, 200]


CHILD = """
import sys, urllib.request
for number in range(3):
    url, token = sys.argv[1:]
    data = b'{"title": "%d"}' % number
    urllib.request.urlopen(urllib.request.Request(url, data, {"Authorization": "Bearer " + token}))
"""


@pytest.mark.parametrize(("when", "made"), [("before", 1), ("after", 2)])
def test_a_crash_kills_the_client(github: GitHubDouble, client: Client, when: Any, made: int) -> None:
    github.crash_at(2, when=when)
    command = [sys.executable, "-c", CHILD, client.base + "/issues", github.token]
    with subprocess.Popen(command, start_new_session=True) as child:
        github.client = child
        assert child.wait(20) == -9
    assert [issue.title for issue in github.issues] == ["0", "1"][:made]
    assert [route.status for route in github.routes] == [201, 0]


def test_two_clients_meet_at_a_route(github: GitHubDouble, main: str, connect: Callable[[str], Client]) -> None:
    github.hold("POST .*/git/refs$", clients=2)
    ref = {"ref": "refs/heads/claim", "sha": main}

    def race(client: Client) -> int:
        client.ok("GET", "/git/matching-refs/heads/claim")
        return client("POST", "/git/refs", ref).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, [connect(github.token), connect(github.token)])) == [201, 422]
    methods = [(route.method, route.status) for route in github.routes]
    assert methods[:2] == [("GET", 200), ("GET", 200)]
