"""Tables of what starts the check of a pull request, and a release."""

import pytest

from wavegate.github.patterns.filter_patterns import selects
from wavegate.setup.doctor.health import Health, Unavailable
from wavegate.setup.doctor.trigger_checks import release_trigger_checks, trigger_checks
from wavegate.setup.doctor.workflow_checks import called_checks
from wavegate.setup.doctor.workflow_files import read_workflows

OK, PROBLEM, UNKNOWN = Health.OK, Health.PROBLEM, Health.UNKNOWN
UNREAD = Unavailable(message="The token may not.", fix="Give it the permission.")
SHA = "a1" * 20
CHECK = f"wavegate/wavegate/.github/workflows/check.yml@{SHA}"
PROMOTE = f"wavegate/wavegate/.github/workflows/promote.yml@{SHA}"
CALL = f"{{uses: {CHECK}}}"


@pytest.mark.parametrize(
    ("patterns", "name", "selected"),
    [
        # the examples of GitHub's documentation
        (["feature/*"], "feature/my-branch", True),
        (["feature/*"], "feature/beta-a/my-branch", False),
        (["feature/**"], "feature/beta-a/my-branch", True),
        (["releases/mona-the-octocat"], "releases/mona-the-octocat", True),
        (["*"], "main", True),
        (["*"], "all/the/branches", False),
        (["**"], "all/the/branches", True),
        (["*feature"], "ver-10-feature", True),
        (["*feature"], "feature", True),
        (["*feature"], "feature-2", False),
        (["v2*"], "v2.9", True),
        (["v[12].[0-9]+.[0-9]+"], "v1.10.1", True),
        (["v[12].[0-9]+.[0-9]+"], "v3.10.1", False),
        (["v[12].[0-9]+.[0-9]+"], "v1..1", False),
        (["*.jsx?"], "page.js", True),
        (["*.jsx?"], "page.jsx", True),
        (["*.jsx?"], "page.jsxx", False),
        (["**.js"], "src/js/app.js", True),
        (["docs/**/*.md"], "docs/hello.md", True),
        (["docs/**/*.md"], "docs/a/markdown/file.md", True),
        (["**/docs/**"], "docs/hello.md", True),
        (["**/docs/**"], "dir/docs/my-file.txt", True),
        (["**/docs/**"], "mydocs/my-file.txt", False),
        (["**/*-post.md"], "my-post.md", True),
        (["**/migrate-*.sql"], "db/sept/migrate-v1.sql", True),
        # the order counts
        (["releases/**", "!releases/**-alpha"], "releases/10-alpha", False),
        (["releases/**", "!releases/**-alpha"], "releases/10", True),
        (["!main", "**"], "main", True),
        (["**", "!main", "ma+in"], "main", True),
        (["!other"], "main", False),
        # a quantifier belongs to the character before it
        (["ma+in"], "maaain", True),
        (["ma+in"], "min", False),
        (["ma?in"], "min", True),
        (["m?in"], "main", False),
        (["[a-z]+"], "main", True),
        (["[a-z]+"], "Main", False),
        (["ma.n"], "main", False),
        (["Main"], "main", False),
        (["1\\+1"], "1+1", True),
        (["1\\+1"], "111", False),
        (["+1"], "+1", True),
        (["main\n"], "main", False),
        ([], "main", False),
        # GitHub refuses a workflow with one of these
        (["main", "[a"], "main", None),
        (["[]"], "main", None),
        ([""], "main", False),
    ],
)
def test_which_names_a_filter_selects(patterns: list[str], name: str, selected: bool | None) -> None:
    assert selects(patterns, name) is selected


def test_no_pattern_takes_exponential_time() -> None:
    assert selects(["*a" * 100 + "b", "(a+)+" * 50, "a+?+" * 100 + "b", "**/" * 80 + "b"], "a" * 250) is False


def health(on: str, *, job: str = CALL, has_queue: bool | Unavailable = False) -> list[Health]:
    workflows = read_workflows({"a.yml": f"on: {on}\njobs:\n  check: {job}\n"})
    found = list(trigger_checks(workflows, branch="main", has_queue=has_queue))
    assert all(each.fix for each in found if each.health is not OK)
    return [each.health for each in found]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("pull_request", [OK]),
        ("[pull_request]", [OK]),
        ("{pull_request: }", [OK]),
        ("{pull_request: {branches: [main]}}", [OK]),
        ("{pull_request: {branches: main}}", [OK]),
        ("{pull_request: {branches: ['ma*', release]}}", [OK]),
        ("{pull_request: {branches: ['**', '!release/**']}}", [OK]),
        ("{pull_request: {branches: ['**', '!main']}}", [PROBLEM]),
        ("{pull_request: {branches: ['release/**']}}", [PROBLEM]),
        ("{pull_request: {branches: ['feature', '*/*']}}", [PROBLEM]),
        ("{pull_request: {branches: ['!release']}}", [PROBLEM]),
        ("{pull_request: {branches-ignore: [main]}}", [PROBLEM]),
        ("{pull_request: {branches-ignore: ['m*']}}", [PROBLEM]),
        ("{pull_request: {branches-ignore: ['*/*']}}", [OK]),
        ("{pull_request: {branches: [main], branches-ignore: [other]}}", [PROBLEM]),
        ("{pull_request: {branches-ignore: ['[']}}", [PROBLEM]),
        ("{pull_request: {paths: ['agentforce/**']}}", [PROBLEM]),
        ("{pull_request: {paths-ignore: ['docs/**']}}", [PROBLEM]),
        ("{pull_request: {types: [opened, synchronize, reopened, labeled]}}", [OK]),
        ("{pull_request: {types: [opened, reopened]}}", [PROBLEM]),
        ("{pull_request: {types: [opened, synchronize]}}", [PROBLEM]),
        ("{pull_request: {types: labeled}}", [PROBLEM]),
        ("{pull_request: {types: [labeled], branches: [other], paths: [x]}}", [PROBLEM] * 3),
        # runs with the files of the release branch
        ("pull_request_target", [PROBLEM]),
        ("[pull_request, pull_request_target]", [OK]),
        # reports for no pull request, or not for one from a fork
        ("workflow_dispatch", [PROBLEM]),
        ("push", [PROBLEM]),
        ("[push, merge_group]", [PROBLEM]),
        ("workflow_call", []),
    ],
)
def test_whether_every_pull_request_gets_the_check(on: str, expected: list[Health]) -> None:
    assert health(on) == expected


@pytest.mark.parametrize(
    ("on", "has_queue", "expected"),
    [
        ("[pull_request, merge_group]", True, [OK]),
        ("pull_request", True, [PROBLEM]),
        ("pull_request", UNREAD, [OK]),
        ("{pull_request: , merge_group: {types: [checks_requested]}}", True, [OK]),
        ("{pull_request: , merge_group: {types: [destroyed]}}", True, [PROBLEM]),
        ("{pull_request: , merge_group: {branches: [main]}}", True, [OK]),
        ("{pull_request: , merge_group: {branches: [release]}}", True, [PROBLEM]),
        ("{pull_request: , merge_group: {branches: [release]}}", False, [OK]),
    ],
)
def test_whether_the_check_runs_in_the_queue(on: str, has_queue: bool | Unavailable, expected: list[Health]) -> None:
    assert health(on, has_queue=has_queue) == expected


STEP = f"uses: wavegate/wavegate@{SHA}"


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (f"{{if: true, uses: {CHECK}}}", [OK]),
        (f"{{if: '${{{{ always() }}}}', uses: {CHECK}}}", [OK]),
        (f"{{if: '!cancelled()', needs: lint, steps: [{{{STEP}}}]}}", [OK]),
        (f"{{if: github.actor != 'bot', uses: {CHECK}}}", [UNKNOWN]),
        (f"{{if: '${{{{ !github.event.pull_request.draft }}}}', steps: [{{{STEP}}}]}}", [UNKNOWN]),
        (f"{{steps: [{{if: \"github.base_ref == 'x'\", {STEP}}}]}}", [UNKNOWN]),
        (f"{{steps: [{{continue-on-error: true, {STEP}}}]}}", [PROBLEM]),
        (f"{{steps: [{{continue-on-error: false, {STEP}}}]}}", [OK]),
        # a skipped job counts as passed; a skipped call does not report under this name
        (f"{{needs: lint, steps: [{{{STEP}}}]}}", [PROBLEM]),
        (f"{{needs: lint, uses: {CHECK}}}", [OK]),
        # what is switched off is not there
        (f"{{if: false, uses: {CHECK}}}", []),
        (f"{{if: '${{{{ false }}}}', uses: {CHECK}}}", []),
        (f"{{steps: [{{if: false, {STEP}}}]}}", []),
    ],
)
def test_whether_the_check_can_pass_without_having_run(job: str, expected: list[Health]) -> None:
    assert health("pull_request", job=job) == expected


def test_a_part_that_is_switched_off_is_missing() -> None:
    off = read_workflows({"a.yml": f"on: push\njobs: {{check: {{if: false, uses: {CHECK}}}}}\n"})
    assert next(each for each in called_checks(off) if each.rule == "workflow/check").health is PROBLEM


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("push", OK),
        ("{push: {branches: [main]}}", OK),
        ("{push: {branches: ['m*', '!maintenance'], tags: ['v*']}}", OK),
        ("{push: {branches: ['release/**']}}", UNKNOWN),
        ("{push: {branches: [staging, production]}}", UNKNOWN),
        ("{push: {branches: ['!main']}}", PROBLEM),
        ("{push: {branches-ignore: [main]}}", PROBLEM),
        ("{push: {branches-ignore: ['feature/**']}}", OK),
        ("{push: {tags: ['v*']}}", PROBLEM),
        ("{push: {tags-ignore: ['v*'], branches-ignore: [other]}}", OK),
        ("workflow_dispatch", OK),
        ("[pull_request]", PROBLEM),
        ("[pull_request, workflow_dispatch]", OK),
    ],
)
def test_what_starts_a_release(on: str, expected: Health) -> None:
    workflows = read_workflows({"a.yml": f"on: {on}\njobs: {{uat: {{uses: {PROMOTE}}}}}\n"})
    (found,) = release_trigger_checks(workflows, "main")
    assert (found.health, bool(found.fix)) == (expected, expected is not OK)


def test_one_workflow_that_the_release_branch_starts_is_enough() -> None:
    job = f"jobs: {{uat: {{uses: {PROMOTE}}}}}\n"
    both = {"a.yml": f"on: {{push: {{branches: [production]}}}}\n{job}", "b.yml": f"on: push\n{job}"}
    assert [each.health for each in release_trigger_checks(read_workflows(both), "main")] == [OK]
    assert list(release_trigger_checks(read_workflows({"c.yml": "on: push\n"}), "main")) == []
