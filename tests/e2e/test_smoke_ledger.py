"""Smoke runs where GitHub says what the environment holds: what another release does is no evidence for this one."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.support.smoke_world import checkout, observed, org, smoke, start

__all__ = ["checkout", "org"]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path / "github") as double:
        yield double


def deploy(github: GitHubDouble, name: str, *statuses: str) -> str:
    """A release that was sent to uat; its commit."""
    commit = github.seed({"release.txt": name.encode()})
    payload = {"schema": 1, "release": name, "manifest": "agentforce/release.yml", "run": "1"}
    github.deploy("uat", commit, payload=payload, statuses=statuses or ("success",))
    return commit


def surroundings(org: SalesforceDouble, github: GitHubDouble, commit: str) -> dict[str, str]:
    return {**org.environment(), **github.environment(), "GITHUB_SHA": commit}


@pytest.mark.parametrize("statuses", [("success",), ("in_progress",), ("in_progress", "failure")])
def test_nothing_is_tested_where_another_release_is(
    checkout: Path, org: SalesforceDouble, github: GitHubDouble, statuses: tuple[str, ...]
) -> None:
    mine = deploy(github, "wave-4")
    other = deploy(github, "wave-5", *statuses)
    status, output = smoke(checkout, surroundings(org, github, mine))
    assert status == 2
    assert f"uat holds wave-5 ({other[:12]}), not the commit under test." in output
    assert org.testing.runs == {}
    assert not (checkout / "observations.jsonl").exists()


def test_what_holds_the_tested_commit_is_tested(checkout: Path, org: SalesforceDouble, github: GitHubDouble) -> None:
    deploy(github, "wave-3")
    mine = deploy(github, "wave-4")
    status, output = smoke(checkout, surroundings(org, github, mine))
    assert status == 0, output
    assert {each["outcome"] for each in observed(checkout)} == {"pass"}


def test_a_release_that_arrives_during_the_run_leaves_no_pass(
    checkout: Path, org: SalesforceDouble, github: GitHubDouble
) -> None:
    mine = deploy(github, "wave-4")
    org.hold(r"GET .*/results", clients=2)
    process = start(checkout, surroundings(org, github, mine))
    while not any(served.method == "POST" for served in org.routes):
        assert process.poll() is None
        time.sleep(0.01)
    deploy(github, "wave-5")
    smoke(checkout, org.environment(), "--test", "Quality", "--output", "other.jsonl", "--state", "other")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert {each["outcome"] for each in observed(checkout)} == {"error"}
    assert "uat holds wave-5" in output


@pytest.mark.parametrize("permitted", [True, False])
def test_a_ledger_that_says_nothing_keeps_nobody_from_testing(
    checkout: Path, org: SalesforceDouble, github: GitHubDouble, permitted: bool
) -> None:
    commit = github.seed({"README.md": b"one\n"})
    if not permitted:
        deploy(github, "wave-5")
        github.permit("deployments", "none")
    status, output = smoke(checkout, surroundings(org, github, commit))
    assert status == 0, output
    assert ("Could not check which release uat holds." in output) is not permitted
    assert {each["outcome"] for each in observed(checkout)} == {"pass"}
