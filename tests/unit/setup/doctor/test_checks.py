"""Tables of doctor's checks."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from wavegate.github.repository_settings import (
    ActionsSettings,
    BranchRules,
    EnvironmentSettings,
    Names,
    RepositoryFacts,
    SelfHostedRunner,
    WorkflowSettings,
)
from wavegate.release.manifest import Agent
from wavegate.release.notify_settings import NotifySettings, SignedWebhook
from wavegate.salesforce.org_values import AgentState, AgentVersion
from wavegate.setup.doctor.environment_checks import (
    custom_rule_checks,
    environment_checks,
    kill_switch_checks,
    login_checks,
    matches,
)
from wavegate.setup.doctor.forms import form_checks
from wavegate.setup.doctor.health import Check, Health, Unavailable, overall
from wavegate.setup.doctor.notify_checks import notify_checks
from wavegate.setup.doctor.org_checks import agent_checks, api_check, smoke_check, tracing_check
from wavegate.setup.doctor.permission_checks import permission_checks
from wavegate.setup.doctor.renderings import doctor_json, doctor_markdown, doctor_text
from wavegate.setup.doctor.repository_checks import (
    actions_checks,
    attestation_check,
    branch_checks,
    runner_versions,
    server_checks,
    workflow_checks,
)
from wavegate.setup.doctor.trigger_checks import reported_checks
from wavegate.setup.doctor.workflow_checks import (
    called_checks,
    canary_checks,
    owner_checks,
    review_checks,
    runner_checks,
    stop_environments,
)
from wavegate.setup.doctor.workflow_files import read_workflows
from wavegate.setup.steps import CHECK

UNREAD = Unavailable(message="The token may not.", fix="Give it the permission.")
OK, PROBLEM, UNKNOWN = Health.OK, Health.PROBLEM, Health.UNKNOWN
SHA, OTHER = "a1" * 20, "b2" * 20


def states(checks: list[Check]) -> dict[str, Health]:
    return {each.rule.partition("/")[2]: each.health for each in checks}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ActionsSettings(enabled=True, allowed="all"), OK),
        (ActionsSettings(enabled=True, allowed="local_only"), PROBLEM),
        (ActionsSettings(enabled=True, allowed="selected", github_owned=True), PROBLEM),
        (ActionsSettings(enabled=True, allowed="selected", patterns=("wavegate/*",)), PROBLEM),
        (ActionsSettings(enabled=True, allowed="selected", patterns=("wavegate/*@v1", "actions/*")), OK),
        (ActionsSettings(enabled=True, allowed="selected", patterns=("wavegate/wavegate/*",), github_owned=True), OK),
        (ActionsSettings(enabled=False, allowed="all"), PROBLEM),
        (UNREAD, UNKNOWN),
    ],
)
def test_actions(settings: ActionsSettings | Unavailable, expected: Health) -> None:
    assert [each.health for each in actions_checks(settings)] == [expected]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (WorkflowSettings(default_permissions="read", may_open_pulls=True), (OK, OK)),
        (WorkflowSettings(default_permissions="write", may_open_pulls=False), (PROBLEM, PROBLEM)),
        (UNREAD, (UNKNOWN, UNKNOWN)),
    ],
)
def test_workflow_permissions(settings: WorkflowSettings | Unavailable, expected: tuple[Health, ...]) -> None:
    assert tuple(each.health for each in workflow_checks(settings)) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (BranchRules(protected=True, checks=frozenset({CHECK})), OK),
        (BranchRules(protected=True, checks=frozenset({"build"})), PROBLEM),
        (BranchRules(protected=False, checks=frozenset()), PROBLEM),
        (UNREAD, UNKNOWN),
    ],
)
def test_the_required_check(rules: BranchRules | Unavailable, expected: Health) -> None:
    assert [each.health for each in branch_checks("main", rules, [CHECK])] == [expected]


def environment(
    name: str,
    *,
    reviewers: int = 1,
    alone: bool = True,
    protected: bool = False,
    branches: tuple[str, ...] | None = ("main",),
) -> EnvironmentSettings:
    return EnvironmentSettings(
        name=name,
        reviewers=(("User", 1),) * reviewers,
        prevent_self_review=alone,
        protected_only=protected,
        branches=branches,
    )


@pytest.mark.parametrize(
    ("production", "expected"),
    [
        (environment("production"), {"exists": OK, "reviewers": OK, "self-review": OK, "branches": OK}),
        (environment("Production"), {"exists": OK, "reviewers": OK, "self-review": OK, "branches": OK}),
        (environment("prod"), {"exists": PROBLEM}),
        (environment("production", reviewers=0), {"exists": OK, "reviewers": PROBLEM, "branches": OK}),
        (
            environment("production", alone=False),
            {"exists": OK, "reviewers": OK, "self-review": PROBLEM, "branches": OK},
        ),
        (
            environment("production", branches=None),
            {"exists": OK, "reviewers": OK, "self-review": OK, "branches": PROBLEM},
        ),
        (
            environment("production", branches=()),
            {"exists": OK, "reviewers": OK, "self-review": OK, "branches": PROBLEM},
        ),
        (
            environment("production", branches=("release/*",)),
            {"exists": OK, "reviewers": OK, "self-review": OK, "branches": PROBLEM},
        ),
        (
            environment("production", branches=("main", "*")),
            {"exists": OK, "reviewers": OK, "self-review": OK, "branches": PROBLEM},
        ),
        (
            environment("production", branches=("ma*",)),
            {"exists": OK, "reviewers": OK, "self-review": OK, "branches": OK},
        ),
    ],
)
def test_an_environment(production: EnvironmentSettings, expected: dict[str, Health]) -> None:
    rules = BranchRules(protected=True, checks=frozenset())
    found = environment_checks(["uat", "production"], [environment("uat"), production], branch="main", rules=rules)
    assert states([each for each in found if each.subject == "production"]) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (BranchRules(protected=True, checks=frozenset()), OK),
        (BranchRules(protected=False, checks=frozenset()), PROBLEM),
        (UNREAD, UNKNOWN),
    ],
)
def test_only_protected_branches_deploy(rules: BranchRules | Unavailable, expected: Health) -> None:
    found = environment_checks(
        ["uat"], [environment("uat", protected=True, branches=None)], branch="main", rules=rules
    )
    assert states(list(found))["branches"] is expected


def test_the_first_environment_needs_no_reviewer() -> None:
    rules = BranchRules(protected=True, checks=frozenset())
    found = environment_checks(["uat"], [environment("uat", reviewers=0)], branch="main", rules=rules)
    assert states(list(found)) == {"exists": OK, "reviewers": OK, "branches": OK}


def names(*secrets: str, variables: tuple[str, ...] = ()) -> Names:
    return Names(secrets=frozenset(secrets), variables=frozenset(variables))


@pytest.mark.parametrize(
    ("found", "repository", "expected"),
    [
        (names("SF_AUTH_URL"), names(), OK),
        (names("SF_JWT_KEY", variables=("SF_CLIENT_ID", "SF_USERNAME")), UNREAD, OK),
        (names("SF_JWT_KEY", "SF_CLIENT_ID", "SF_USERNAME"), names(), OK),
        (names("SF_JWT_KEY", variables=("SF_CLIENT_ID",)), names(), PROBLEM),
        (names("SF_ACCESS_TOKEN", variables=("SF_ORG_INSTANCE_URL",)), names(), OK),
        # the workflows take this one from a variable alone
        (names("SF_ACCESS_TOKEN", "SF_ORG_INSTANCE_URL"), names(), PROBLEM),
        (names("OTHER"), names("SF_AUTH_URL"), PROBLEM),
        (names(), names(), PROBLEM),
        (names(), UNREAD, UNKNOWN),
        (UNREAD, names("SF_AUTH_URL"), UNKNOWN),
    ],
)
def test_the_secrets_of_a_login(
    found: Names | Unavailable, repository: Names | Unavailable, expected: Health
) -> None:
    assert [each.health for each in login_checks({"uat": found}, repository, names())] == [expected]


def workflow(*jobs: str, on: str = "push") -> str:
    return f"on: {on}\njobs:\n" + "".join(f"  job{number}:\n{job}" for number, job in enumerate(jobs))


def calling(ref: str, part: str) -> str:
    return f"    uses: wavegate/wavegate/.github/workflows/{part}.yml@{ref} # v1\n"


def calls(ref: str, *parts: str) -> str:
    return workflow(*(calling(ref, part) for part in parts), on="workflow_dispatch")


STEP = f"    runs-on: ubuntu-latest\n    steps:\n      - uses: wavegate/wavegate@{SHA}\n"
ALL = ("check", "promote", "rollback", "disable")


@pytest.mark.parametrize(
    ("workflows", "wrong"),
    [
        ({"a.yml": calls(SHA, *ALL)}, set()),
        ({"a.yml": calls(SHA, *ALL[1:]), "b.yml": workflow(STEP)}, set()),
        ({"a.yml": calls(SHA, *ALL[1:]), "b.yml": "on: push\n"}, {"check"}),
        ({"a.yml": calls(SHA, *ALL[1:]), "b.yml": calls("main", "check")}, {"pinned"}),
        ({"a.yml": calls("0" * 40, *ALL)}, {"pinned"}),
        ({"a.yml": calls(SHA, *ALL[1:]), "b.yml": calls(OTHER, "check")}, {"pinned"}),
        ({"a.yml": "# " + calls(SHA, "check").replace("\n", "\n# ")}, set(ALL)),
        ({}, set(ALL)),
        # what nothing starts does nothing
        ({"a.yml": workflow(*(calling(SHA, part) for part in ALL), on="workflow_call")}, set(ALL)),
        (
            {"a.yml": workflow("    uses: ./.github/workflows/b.yml\n"), "b.yml": workflow(STEP, on="workflow_call")},
            set(ALL[1:]),
        ),
        # a workflow that calls itself
        ({"a.yml": workflow("    uses: ./.github/workflows/a.yml\n")}, set(ALL)),
        # and one that does so many times, which would be 20 to the power of 10 calls
        ({"a.yml": workflow(*["    uses: ./.github/workflows/a.yml\n"] * 20)}, set(ALL)),
    ],
)
def test_the_workflows(workflows: dict[str, str], wrong: set[str]) -> None:
    found = called_checks(read_workflows(workflows))
    assert {rule for rule, health in states(list(found)).items() if health is PROBLEM} == wrong


@pytest.mark.parametrize(
    ("trigger", "watched", "expected"),
    [
        ("schedule: [{cron: '17 * * * *'}]", ("production",), OK),
        ("workflow_dispatch:", ("production",), PROBLEM),
        ("", ("production",), PROBLEM),
        ("", (), None),
    ],
)
def test_a_canary_is_watched_by_a_schedule(trigger: str, watched: tuple[str, ...], expected: Health | None) -> None:
    uses = f"wavegate/wavegate/.github/workflows/canary.yml@{SHA}"
    text = f"on:\n  {trigger}\njobs: {{canary: {{uses: {uses}}}}}\n"
    workflows = read_workflows({"wavegate-canary.yml": text} if trigger else {})
    assert [each.health for each in canary_checks(workflows, watched)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("trigger", "cadence", "expected"),
    [
        ("schedule: [{cron: '17 5 * * *'}]", timedelta(days=7), OK),
        ("workflow_dispatch:", timedelta(days=7), PROBLEM),
        ("", timedelta(days=7), PROBLEM),
        ("", None, None),
    ],
)
def test_reviews_are_made_by_a_schedule(trigger: str, cadence: timedelta | None, expected: Health | None) -> None:
    uses = f"wavegate/wavegate/.github/workflows/review.yml@{SHA}"
    text = f"on:\n  {trigger}\njobs: {{review: {{uses: {uses}}}}}\n"
    workflows = read_workflows({"wavegate-review.yml": text} if trigger else {})
    assert [each.health for each in review_checks(workflows, cadence)] == ([expected] if expected else [])


ODD = ("on: push", "", "[", "- a", "jobs: [1]", "jobs: {a: 1}", "on: [push]\njobs: {a: {steps: 1}}")


@pytest.mark.parametrize("text", ODD)
def test_workflows_of_others_are_no_problem(text: str) -> None:
    found = read_workflows({"a.yml": calls(SHA, *ALL), "other.yml": text})
    assert {each.health for each in called_checks(found)} == {OK}
    assert set(stop_environments(found, ["uat"])) == {"uat"}


def test_what_cannot_be_read_may_be_the_missing_part() -> None:
    found = called_checks(read_workflows({"a.yml": calls(SHA, *ALL[1:]), "odd.yml": "{"}))
    assert states(list(found)) == {"check": UNKNOWN, **dict.fromkeys((*ALL[1:], "pinned"), OK)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "production"),
        ("      github-environment: emergency\n", "emergency"),
        ("      github-environment: 'emergency room'  # nobody is asked\n", "emergency room"),
        ("      github-environment: ${{inputs.environment}}-stop\n", "production-stop"),
        ('      github-environment: "${{ github.event.inputs.environment }}-stop"\n', "production-stop"),
        ("      github-environment: ${{ vars.STOP }}\n", None),
        ("      # github-environment: emergency\n", "production"),
    ],
)
def test_where_the_kill_switch_runs(given: str, expected: str | None) -> None:
    text = workflow(calling(SHA, "disable") + "    with:\n      reason: x\n" + given, calling(SHA, "promote"))
    found = stop_environments(read_workflows({"a.yml": text}), ["production"])
    assert (found["production"] if expected else type(found["production"])) == (expected or Unavailable)
    assert stop_environments(read_workflows({"a.yml": calls(SHA, "promote")}), ["production"]) == {}


@pytest.mark.parametrize(
    ("stop", "found", "expected"),
    [
        ("production", [environment("production", reviewers=0)], {"reviewers": OK}),
        ("production", [environment("production")], {"reviewers": PROBLEM}),
        ("production", [], {}),
        ("stop", [environment("stop", reviewers=0)], {"reviewers": OK, "branches": OK}),
        ("stop", [environment("Stop", branches=None)], {"reviewers": PROBLEM, "branches": PROBLEM}),
        ("stop", [], {"exists": PROBLEM}),
        (UNREAD, [environment("production")], {"reviewers": UNKNOWN}),
    ],
)
def test_the_kill_switch_needs_no_approval(
    stop: str | Unavailable, found: list[EnvironmentSettings], expected: dict[str, Health]
) -> None:
    rules = BranchRules(protected=True, checks=frozenset())
    checks = list(kill_switch_checks({"production": stop}, found, branch="main", rules=rules))
    assert states(checks) == expected


@pytest.mark.parametrize(("newest", "expected"), [(67.0, OK), (66.0, OK), (65.0, PROBLEM), (UNREAD, UNKNOWN)])
def test_the_api_version(newest: float | Unavailable, expected: Health) -> None:
    assert api_check("uat", newest, "66.0").health is expected


@pytest.mark.parametrize(
    ("found", "shipped", "expected"),
    [
        (("support_agent",), frozenset[str](), [OK]),
        ((), frozenset({"support_agent"}), [OK]),
        ((), frozenset[str](), [PROBLEM]),
        (UNREAD, frozenset({"support_agent"}), [UNKNOWN]),
    ],
)
def test_the_agents(found: tuple[str, ...] | Unavailable, shipped: frozenset[str], expected: list[Health]) -> None:
    versions = (AgentVersion(id="1", number=2, active=True),)
    states_ = (
        found
        if isinstance(found, Unavailable)
        else [AgentState(id="1", name=each, versions=versions) for each in found]
    )
    checks = agent_checks("uat", [Agent(name="Support_Agent")], states_, shipped)
    assert [each.health for each in checks] == expected


@pytest.mark.parametrize(("allowed", "expected"), [(True, OK), (False, PROBLEM), (UNREAD, UNKNOWN)])
def test_the_testing_api(allowed: bool | Unavailable, expected: Health) -> None:
    assert smoke_check("uat", allowed).health is expected


@pytest.mark.parametrize(("sessions", "expected"), [(1, OK), (0, UNKNOWN), (None, PROBLEM), (UNREAD, UNKNOWN)])
def test_session_tracing(sessions: int | Unavailable | None, expected: Health) -> None:
    assert tracing_check("uat", sessions).health is expected


def check(health: Health) -> Check:
    return Check(rule="a/b", subject="<img>@octocat", health=health, message="::error::x | <b>", fix="do")


@pytest.mark.parametrize(
    ("found", "expected"),
    [([OK, UNKNOWN, PROBLEM], PROBLEM), ([OK, UNKNOWN], UNKNOWN), ([OK], OK), ([], UNKNOWN)],
)
def test_the_worst_counts(found: list[Health], expected: Health) -> None:
    assert overall([check(each) for each in found]) is expected


def test_reports_hold_every_check_and_nothing_active() -> None:
    checks = [check(each) for each in Health]
    assert json.loads(doctor_json(checks))["overall"] == "problem"
    assert len(json.loads(doctor_json(checks))["checks"]) == 3
    text, table = doctor_text(checks), doctor_markdown(checks)
    assert text.endswith("1 problem, 1 unknown, 1 ok.")
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "<b>" not in table
    assert table.index("❌ |") < table.index("❔ |") < table.index("✅ |")


FORM = "on:\n  workflow_dispatch:\n    inputs:\n      environment: {menu}\njobs:\n  a:\n"


@pytest.mark.parametrize(
    ("menu", "message"),
    [
        ("{type: choice, options: [production, uat]}", ""),
        ("{type: choice, options: [uat, production]}", ""),
        ("{type: string}", ""),
        ("{type: environment}", "offers every GitHub environment, those of the kill switch among them"),
        ("{type: choice, options: [production]}", "does not offer `uat`"),
        ("{type: choice}", "does not offer `uat` and `production`"),
        (
            "{type: choice, options: [uat, production, production-stop]}",
            "offers `production-stop`, which the manifest",
        ),
    ],
)
def test_a_form_offers_exactly_the_environments_of_the_manifest(menu: str, message: str) -> None:
    text = FORM.format(menu=menu) + calling(SHA, "rollback")
    (check,) = form_checks(read_workflows({"wavegate-rollback.yml": text}), ("uat", "production"))
    assert check.health is (PROBLEM if message else OK)
    if message:
        assert check.message.startswith(f"The form of wavegate-rollback.yml {message}")
        assert "options: [production, uat]" in check.fix


def test_other_workflows_forms_do_not_count() -> None:
    foreign = FORM.format(menu="{type: environment}")
    push = "on: push\njobs:\n  a:\n" + calling(SHA, "promote")
    broken = "on: [push\n" + calling(SHA, "promote")
    found = read_workflows({"other.yml": foreign, "release.yml": push, "b.yml": broken})
    assert list(form_checks(found, ("uat",))) == []


@pytest.mark.parametrize(
    ("branch", "pattern", "allowed"),
    [
        ("main", "main", True),
        ("main", "ma*", True),
        ("release/1", "release/*", True),
        ("release/1/2", "release/*", False),
        ("release/1", "*", False),
        ("release/1", "**/*", True),
        ("main", "**/*", True),
        ("main", "m?in", True),
        ("main", "m.in", False),
    ],
)
def test_a_star_does_not_cross_a_slash(branch: str, pattern: str, allowed: bool) -> None:
    assert matches(branch, pattern) is allowed


CHECKING = calling(SHA, "check")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"a.yml": workflow(CHECKING, on="pull_request")}, "job0 / Manifest and packs"),
        ({"a.yml": workflow("    name: Release\n" + STEP, on="pull_request")}, "Release"),
        (
            {
                "a.yml": workflow("    uses: ./.github/workflows/b.yml\n", on="pull_request"),
                "b.yml": workflow("    name: Manifest and packs\n" + STEP, on="workflow_call"),
            },
            "job0 / Manifest and packs",
        ),
    ],
)
def test_under_which_name_a_pull_request_shows_the_check(files: dict[str, str], name: str) -> None:
    assert list(reported_checks(read_workflows(files))) == [name]


def test_a_required_check_that_no_workflow_reports_blocks_every_pull_request() -> None:
    rules = BranchRules(protected=True, checks=frozenset({CHECK}))
    (found,) = branch_checks("main", rules, ["validate"])
    assert (found.health, "which no workflow reports" in found.message) == (PROBLEM, True)


@pytest.mark.parametrize(
    ("owner", "part", "health"),
    [
        ("acme", "promote", PROBLEM),
        ("WaveGate", "promote", OK),
        ("acme", "disable", PROBLEM),
        ("acme", "check", None),
    ],
)
def test_secrets_do_not_reach_a_workflow_of_another_owner(owner: str, part: str, health: Health | None) -> None:
    found = owner_checks(read_workflows({"a.yml": calls(SHA, part)}), owner)
    assert [each.health for each in found] == ([health] if health else [])


@pytest.mark.parametrize(
    ("label", "problems"), [("ubuntu-22.04", 1), ("windows-latest", 1), ("ubuntu-24.04", 0), ("big", 0)]
)
def test_a_runner_image_without_python_3_11(label: str, problems: int) -> None:
    call = workflow(CHECKING + f"    with:\n      runner: {label}\n")
    step = workflow(STEP.replace("ubuntu-latest", label))
    for text in (call, step):
        assert len(list(runner_checks(read_workflows({"a.yml": text})))) == problems


FACTS = RepositoryFacts(branch="main", private=True, owner="acme", is_organization=True)


@pytest.mark.parametrize(
    ("private", "plan", "health"),
    [
        (False, "", OK),
        (True, "enterprise", OK),
        (True, "team", PROBLEM),
        (True, "", UNKNOWN),
        (True, UNREAD, UNKNOWN),
    ],
)
def test_attestations_need_a_plan(private: bool, plan: str | Unavailable, health: Health) -> None:
    assert [each.health for each in attestation_check(replace(FACTS, private=private), plan)] == [health]


@pytest.mark.parametrize(
    ("versions", "health"), [(("2.336.0", "2.327.1"), OK), (("2.327.0",), PROBLEM), (("",), OK), ((), None)]
)
def test_self_hosted_runners(versions: tuple[str, ...], health: Health | None) -> None:
    runners = [
        SelfHostedRunner(name=f"r{number}", labels=frozenset(), version=v) for number, v in enumerate(versions)
    ]
    assert [each.health for each in runner_versions(runners)] == ([health] if health else [])


@pytest.mark.parametrize(
    ("version", "are_for_server", "health"),
    [
        ("", False, None),
        ("3.19.1", True, OK),
        ("3.19.1", False, PROBLEM),
        ("", True, PROBLEM),
        (UNREAD, True, UNKNOWN),
    ],
)
def test_workflows_for_a_server(version: str | Unavailable, are_for_server: bool, health: Health | None) -> None:
    found = server_checks(version, are_for_server=are_for_server)
    assert [each.health for each in found] == ([health] if health else [])


@pytest.mark.parametrize(("apps", "health"), [(("gatekeeper",), PROBLEM), ((), None), (UNREAD, UNKNOWN)])
def test_a_custom_protection_rule_fails_jobs_without_a_deployment(
    apps: tuple[str, ...] | Unavailable, health: Health | None
) -> None:
    found = custom_rule_checks({"uat": apps}, without_deployment=frozenset({"uat"}))
    assert [each.health for each in found] == ([health] if health else [])
    assert isinstance(apps, Unavailable) or not list(
        custom_rule_checks({"uat": apps}, without_deployment=frozenset())
    )


@pytest.mark.parametrize(
    ("own", "organization", "health"),
    [
        (names("SF_JWT_KEY"), names(variables=("SF_CLIENT_ID", "SF_USERNAME")), OK),
        (names(), names("SF_AUTH_URL"), PROBLEM),
        (names(), UNREAD, UNKNOWN),
    ],
)
def test_what_the_organization_has(own: Names, organization: Names | Unavailable, health: Health) -> None:
    assert [each.health for each in login_checks({"uat": own}, names(), organization)] == [health]


def test_a_change_of_an_environment_keeps_its_other_settings() -> None:
    found = replace(environment("production", alone=False, branches=None), wait_minutes=5)
    rules = BranchRules(protected=True, checks=frozenset())
    checks = environment_checks(["uat", "production"], [environment("uat"), found], branch="main", rules=rules)
    bodies = [remedy.body for check in checks for remedy in check.remedies if remedy.method == "PUT"]
    assert [(each["wait_timer"], each["reviewers"]) for each in bodies] == [(5, [{"type": "User", "id": 1}])] * 2
    assert [each["prevent_self_review"] for each in bodies] == [True, False]
    assert [bool(each["deployment_branch_policy"]) for each in bodies] == [False, True]


CALLED = "name: Stop\npermissions: {permissions}\njobs:\n  stop:\n    uses: {uses}\n"
STOP_STEP = (
    "on: push\njobs:\n  stop:\n    permissions: {permissions}\n    steps:\n      - run: x\n      - uses: {uses}\n"
)
DISABLE = f"wavegate/wavegate/.github/workflows/disable.yml@{SHA}"


@pytest.mark.parametrize("text", [CALLED, STOP_STEP])
@pytest.mark.parametrize(
    ("permissions", "uses", "expected"),
    [
        ("{contents: read, deployments: write}", DISABLE, [OK]),
        ("{contents: read, deployments: read}", DISABLE, [PROBLEM]),
        ("{contents: read}", f"acme/mirror/.github/workflows/enable.yml@{SHA}", [PROBLEM]),
        ("read-all", "./.github/workflows/wavegate-reusable-disable.yml", [PROBLEM]),
        ("write-all", "./.github/workflows/wavegate-reusable-lock.yml", [OK]),
        ("{}", f"wavegate/wavegate/.github/actions/disable@{SHA}", [PROBLEM]),
        ("{}", f"wavegate/wavegate/.github/workflows/check.yml@{SHA}", []),
        ("[]", "[]", []),
    ],
)
def test_whoever_stops_an_agent_may_record_it(text: str, permissions: str, uses: str, expected: list[Health]) -> None:
    workflows = {"wavegate-disable.yml": text.format(permissions=permissions, uses=uses), "other.yml": "jobs: [1]"}
    found = list(permission_checks(workflows))
    assert [each.health for each in found] == expected
    assert all("wavegate-disable.yml" in each.message for each in found if each.health is PROBLEM)


def secrets(*listed: str) -> Names:
    return Names(secrets=frozenset(listed), variables=frozenset())


NOTIFY = NotifySettings(slack="slack_url", webhook=SignedWebhook(url="HOOK", secret="KEY"))


@pytest.mark.parametrize(
    ("settings", "environment", "repository", "organization", "expected"),
    [
        (None, secrets(), secrets(), None, []),
        (NotifySettings(issue_labels=()), secrets(), secrets(), None, []),
        (NOTIFY, secrets(), secrets("SLACK_URL", "HOOK", "KEY"), None, [OK]),
        (NOTIFY, secrets(), secrets("SLACK_URL"), secrets("KEY", "HOOK"), [OK]),
        (NOTIFY, secrets(), secrets("KEY"), secrets(), [PROBLEM, PROBLEM]),
        # the job of the gate runs without an environment
        (NOTIFY, secrets("HOOK"), secrets("SLACK_URL"), secrets("KEY"), [PROBLEM]),
        (NOTIFY, secrets(), secrets("KEY"), UNREAD, [UNKNOWN]),
        (NOTIFY, UNREAD, secrets("SLACK_URL", "KEY", "HOOK"), None, [OK]),
        (NOTIFY, UNREAD, secrets("SLACK_URL", "KEY"), secrets(), [PROBLEM]),
        (NOTIFY, secrets(), UNREAD, secrets("SLACK_URL", "KEY", "HOOK"), [OK]),
        (NOTIFY, secrets(), UNREAD, secrets(), [UNKNOWN]),
    ],
)
def test_the_secrets_that_notify_names_exist(
    settings: NotifySettings | None,
    environment: Names | Unavailable,
    repository: Names | Unavailable,
    organization: Names | Unavailable | None,
    expected: list[Health],
) -> None:
    def shared() -> Names | Unavailable:
        assert organization is not None, "the organization is not asked without need"
        return organization

    found = list(notify_checks(settings, {"uat": environment}, repository, shared))
    assert [each.health for each in found] == expected
    assert all(each.fix for each in found if each.health is not OK)
    only = [each for each in found if "which only `uat` has" in each.message]
    assert bool(only) == (environment == secrets("HOOK"))
