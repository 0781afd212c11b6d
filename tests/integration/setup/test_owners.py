"""Owners that the manifest names: do they exist, and have they access? Asked of the GitHub double."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from tests.doubles.github.github import GitHubDouble

from wavegate.github.client import GitHub
from wavegate.github.repository_settings import OwnerAccess
from wavegate.github.teams import owner_access
from wavegate.setup.doctor.health import Check, Health, Unavailable
from wavegate.setup.doctor.owner_access import owner_access_checks
from wavegate.setup.doctor.read_org import ask


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    with GitHubDouble(tmp_path) as double:
        yield double


def asked(github: GitHubDouble, *owners: str, token: str = "") -> Mapping[str, OwnerAccess | Unavailable]:
    client = GitHub(
        api_url=github.api_url,
        graphql_url=github.graphql_url,
        token=token or github.admin_token,
        sleep=lambda _: None,
    )
    return {each: ask(partial(owner_access, client, github.repository, each)) for each in owners}


def checks(found: Mapping[str, OwnerAccess | Unavailable], *, not_asked: int = 0) -> list[Check]:
    return list(owner_access_checks(found, not_asked=not_asked))


def test_owners_with_access_are_one_good_check(github: GitHubDouble) -> None:
    (check,) = checks(asked(github, "@ada", "@acme/sre", "@ACME/sre"))
    assert (check.health, check.rule) == (Health.OK, "owners/access")
    # a person takes one request, a team two
    assert len(github.routes) == 5
    assert checks({}) == []


def test_who_does_not_exist_or_may_not_read_is_named(github: GitHubDouble) -> None:
    github.state.without_access |= {"bo", "tier2"}
    github.state.secret_teams.add("sre")
    found = asked(github, "@ada", "@bo", "@nobody", "@acme/tier2", "@acme/sre", "@acme/gone", "@other/agents")
    missing, outside = checks(found)
    assert (missing.health, outside.health) == (Health.PROBLEM, Health.PROBLEM)
    for name in ("`@nobody`", "`@acme/sre`", "`@acme/gone`", "`@other/agents`"):
        assert name in missing.message
    assert "secret team" in missing.fix
    assert outside.message.startswith("`@bo` and `@acme/tier2` cannot access the repository")


def test_a_token_that_may_not_read_teams_makes_them_unknown(github: GitHubDouble) -> None:
    found = asked(github, "@ada", "@acme/sre", "@acme/gone", token=github.token)
    (check,) = checks(found)
    assert check.health is Health.UNKNOWN
    assert check.message.startswith("Not checked, `@acme/sre` and `@acme/gone`: ")
    assert "members: read" in check.fix


def test_a_name_cannot_leave_its_place_in_the_address(github: GitHubDouble) -> None:
    (check,) = checks(asked(github, "@acme/../../user"))
    assert check.health is Health.PROBLEM


def test_owners_beyond_the_limit_are_said(github: GitHubDouble) -> None:
    (check,) = checks(asked(github, "@ada"), not_asked=3)
    assert (check.health, check.message) == (
        Health.UNKNOWN,
        "3 more owners of the manifest not checked: only 40 are.",
    )
