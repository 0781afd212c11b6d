"""Tables of which changes start a release, and which values a deployment gets."""

import pytest

from wavegate.github.repository_settings import Names
from wavegate.setup.doctor.health import Health, Unavailable
from wavegate.setup.doctor.input_checks import path_checks, value_checks
from wavegate.setup.doctor.workflow_files import read_workflows

OK, PROBLEM, UNKNOWN = Health.OK, Health.PROBLEM, Health.UNKNOWN
UNREAD = Unavailable(message="The token may not.", fix="Give it the permission.")
CALL = f"uses: wavegate/wavegate/.github/workflows/promote.yml@{'a1' * 20}"
FILES = ["agentforce/release.yml", "sfdx-project.json", ".forceignore", "force-app/main/classes/A.cls"]


def release(on: str, given: str = "") -> str:
    return f"on: {on}\njobs:\n  uat:\n    {CALL}\n    with:\n      environment: UAT\n{given}"


@pytest.mark.parametrize(
    ("on", "left_out"),
    [
        ("push", []),
        ("workflow_dispatch", None),
        ("{push: {branches: [main]}}", []),
        ("{push: {paths: ['agentforce/**', 'force-app/**']}}", ["sfdx-project.json", ".forceignore"]),
        ("{push: {paths: ['agentforce/**', 'force-app/**', '*', '**/.forceignore']}}", []),
        ("{push: {paths: ['agentforce/**', 'force-app/**', sfdx-project.json, '**/.forceignore']}}", []),
        ("{push: {paths: ['**', '!force-app/**']}}", ["force-app/main/classes/A.cls"]),
        ("{push: {paths-ignore: ['docs/**', '*.json']}}", ["sfdx-project.json"]),
        ("{push: {paths-ignore: ['docs/**']}}", []),
    ],
)
def test_which_changes_start_a_release(on: str, left_out: list[str] | None) -> None:
    found = list(path_checks(read_workflows({"a.yml": release(on)}), FILES))
    assert [each.health for each in found] == ([] if left_out is None else [PROBLEM if left_out else OK])
    assert all(f"`{path}`" in found[0].message for path in left_out or ())


def test_a_change_that_starts_another_release_workflow_is_released() -> None:
    texts = {"a.yml": release("{push: {paths: ['agentforce/**']}}"), "b.yml": release("push")}
    assert [each.health for each in path_checks(read_workflows(texts), FILES)] == [OK]


def names(*secrets: str, variables: tuple[str, ...] = ()) -> Names:
    return Names(secrets=frozenset(secrets), variables=frozenset(variables))


SECRET, VARIABLE = names("DEPLOY_ENV"), names(variables=("DEPLOY_ENV",))
BOTH = "      deploy-env: |\n        A=1\n        B = x=y\n"


@pytest.mark.parametrize(
    ("given", "own", "repository", "organization", "expected"),
    [
        (BOTH, names(), names(), None, OK),
        ("      deploy-env: A=1\n", names(), names(), names(), PROBLEM),
        ("      deploy-env: A=1\n", SECRET, names(), None, OK),
        # a name without a value takes it from the secret
        ("      deploy-env: |\n        A\n        B=1\n", names(), names(), names(), PROBLEM),
        ("      deploy-env: ${{ vars.VALUES }}\n", names(), names(), None, OK),
        ("", names(), names(), names(), PROBLEM),
        ("", names(), SECRET, None, OK),
        ("", names(), names(), SECRET, OK),
        ("", VARIABLE, names(), None, OK),
        # the variable only counts in place of the input
        ("      deploy-env: A=1\n", VARIABLE, names(), names(), PROBLEM),
        ("", UNREAD, names(), names(), UNKNOWN),
        ("", names(), names(), UNREAD, UNKNOWN),
        ("", UNREAD, SECRET, None, OK),
    ],
)
def test_whether_replacements_get_their_values(
    given: str,
    own: Names | Unavailable,
    repository: Names | Unavailable,
    organization: Names | Unavailable | None,
    expected: Health,
) -> None:
    def shared() -> Names | Unavailable:
        assert organization is not None, "the organization is not asked without need"
        return organization

    workflows = read_workflows({"a.yml": release("push", given)})
    environments = {"uat": own, "uat-stop": names()}
    (found,) = value_checks(["A", "B"], workflows, environments, repository, shared)
    assert (found.subject, found.health, bool(found.fix)) == ("uat", expected, expected is not OK)
    assert list(value_checks([], workflows, environments, repository, shared)) == []
