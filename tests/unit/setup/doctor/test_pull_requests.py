"""Tables of what a pull request into the release branch needs."""

import pytest

from wavegate.github.patterns.code_owners import owners_of
from wavegate.github.repository_settings import BranchRules, PullRequestRules
from wavegate.setup.doctor.health import Health, Unavailable
from wavegate.setup.doctor.pull_request_checks import OwnedRelease, pull_request_checks

OK, PROBLEM, UNKNOWN = Health.OK, Health.PROBLEM, Health.UNKNOWN
UNREAD = Unavailable(message="The token may not.", fix="Give it the permission.")
NONE, ONE, ALL = (
    PullRequestRules(approvals=n, code_owners=owners) for n, owners in ((0, False), (1, False), (1, True))
)
OWNERS_ONLY = PullRequestRules(approvals=0, code_owners=True)


@pytest.mark.parametrize(
    ("pulls", "has_protection", "protection", "owned", "expected"),
    [
        (None, False, None, False, [PROBLEM]),
        (NONE, False, None, False, [OK]),
        (None, True, NONE, False, [OK]),
        (None, True, None, False, [PROBLEM]),
        (None, True, UNREAD, False, [UNKNOWN]),
        # what the rulesets require is enough, so that nobody needs an administrator's token
        (NONE, True, UNREAD, False, [OK]),
        (ALL, True, UNREAD, True, [OK, OK]),
        (NONE, False, None, True, [OK, PROBLEM]),
        (ONE, False, None, True, [OK, PROBLEM]),
        (OWNERS_ONLY, False, None, True, [OK, PROBLEM]),
        (ONE, True, UNREAD, True, [UNKNOWN]),
        (ONE, True, OWNERS_ONLY, True, [OK, OK]),
        (None, True, ALL, True, [OK, OK]),
    ],
)
def test_what_a_pull_request_needs(
    pulls: PullRequestRules | None,
    has_protection: bool,
    protection: PullRequestRules | Unavailable | None,
    owned: bool,
    expected: list[Health],
) -> None:
    rules = BranchRules(protected=True, checks=frozenset(), pulls=pulls, has_protection=has_protection)
    release = OwnedRelease(
        path="agentforce/release.yml", owners=["@acme/agents"] if owned else [], code_owners="* @acme/agents"
    )
    found = list(pull_request_checks("main", rules, lambda: protection, release))
    assert [each.health for each in found] == expected
    assert all(each.fix and each.page for each in found if each.health is not OK)


def test_the_missing_options_are_named() -> None:
    rules = BranchRules(protected=True, checks=frozenset(), pulls=NONE)
    release = OwnedRelease(path="agentforce/release.yml", owners=["@acme/agents"], code_owners="")
    *_, found = pull_request_checks("main", rules, lambda: None, release)
    assert found.fix == (
        "Settings → Rules → Rulesets → the ruleset for `main`, or New branch ruleset → “Require a pull request "
        "before merging”: set the required approvals to 1 or more and select “Require review from Code Owners”."
    )
    assert (found.page, "@acme/agents" in found.message) == ("settings/rules", True)


def test_without_a_line_in_code_owners_nobody_is_asked() -> None:
    rules = BranchRules(protected=True, checks=frozenset(), pulls=ALL)
    for path, line in (("agentforce/a/b.yml", "/agentforce/a/"), ("release.yml", "/release.yml")):
        release = OwnedRelease(path=path, owners=["@acme/agents", "@ada"], code_owners="docs/ @bob\n")
        *_, found = pull_request_checks("main", rules, lambda: None, release)
        assert (found.health, f"`{line} @acme/agents @ada`" in found.fix) == (PROBLEM, True)


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("* @a", True),
        ("*.yml @a", True),
        ("*.js @a", False),
        ("/agentforce/ @a", True),
        ("agentforce/ @a", True),
        ("agentforce @a", True),
        ("/agentforce @a", True),
        ("force/ @a", False),
        ("/release.yml @a", False),
        ("release.yml @a", True),
        ("agentforce/* @a", True),
        ("agentforce/**/*.yml @a", True),
        ("**/agentforce @a", True),
        ("/agentforce/release.yml @a # ours", True),
        ("# * @a", False),
        ("*", False),
        ("* @a\n/agentforce/", False),
        ("/agentforce/ @a\n* @b", True),
        ("", False),
    ],
)
def test_code_owners(text: str, owned: bool) -> None:
    assert bool(owners_of("agentforce/release.yml", text)) is owned


def test_a_star_at_the_end_owns_files_of_that_folder_only() -> None:
    assert owners_of("agentforce/packs/a.json", "agentforce/* @a") == ()
    assert owners_of("agentforce/packs/a.json", "agentforce/** @a") == ("@a",)
