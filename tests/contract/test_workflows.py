"""Actions, workflows and templates keep the rules that a reader of them relies on."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.act import stand_ins
from tests.support.product import PLACEHOLDER, down_level
from tests.support.product_files import ACTIONS, ROOT, TEMPLATES, WORKFLOWS, Step, jobs, name, read, steps
from tests.support.tools import node_bin

from wavegate.release.notify_settings import NotifyEvent
from wavegate.setup.local.generated import ActionsPin, generate

BIN = Path(sys.executable).parent
KNOWN = json.loads((ROOT / "tests" / "contract" / "third_party_actions.json").read_text())
"""Inputs of the pinned third-party actions, after the action.yml of that version."""
OWN = "wavegate/wavegate/"
HOOKS = {"./.github/wavegate/before-deploy", "./.github/wavegate/after-deploy"}
"""The actions that a repository may add to its promotions."""

every_file = pytest.mark.parametrize("path", (*ACTIONS, *WORKFLOWS, *TEMPLATES), ids=name)
every_workflow = pytest.mark.parametrize("path", (*WORKFLOWS, *TEMPLATES), ids=name)
every_template = pytest.mark.parametrize("path", TEMPLATES, ids=name)
every_step = pytest.mark.parametrize(
    "step", [step for path in (*ACTIONS, *WORKFLOWS, *TEMPLATES) for step in steps(path)], ids=lambda step: step.place
)


@every_step
def test_a_run_is_short_and_holds_no_expression(step: Step) -> None:
    run = step.fields.get("run", "")
    assert "${{" not in run
    assert len(run.splitlines()) <= 3


@every_step
def test_a_third_party_action_gets_the_inputs_that_it_has(step: Step) -> None:
    uses, given = step.fields.get("uses", "$/"), set(step.fields.get("with", {}))
    if uses.startswith("$/") or uses in HOOKS:
        return
    action = KNOWN[uses]
    assert given <= set(action["inputs"])
    assert set(action["required"]) <= given


def test_an_enterprise_servers_workflows_give_older_actions_the_inputs_that_they_have() -> None:
    texts = {
        path.stem: generate(
            path.stem, path.read_text("utf-8"), ActionsPin(commit="a" * 40, version="1", enterprise=True)
        )
        for path in WORKFLOWS
        if "workflow_call" in read(path)["on"]
    }
    older = set()
    for text in texts.values():
        for step in (each for job in yaml.safe_load(text)["jobs"].values() for each in job["steps"]):
            assert len(step.get("run", "").splitlines()) <= 3
            if step.get("uses", "").startswith("actions/"):
                older.add(step["uses"])
                assert (
                    set(KNOWN[step["uses"]]["required"])
                    <= set(step.get("with", {}))
                    <= set(KNOWN[step["uses"]]["inputs"])
                )
    assert {f"{each} # {KNOWN[each]['version']}" for each in older if "-artifact@" in each} == {
        line.partition("uses: ")[2] for line in "".join(texts.values()).splitlines() if "-artifact@" in line
    }


@pytest.mark.parametrize(("pin", "folder"), [*stand_ins()], ids=str)
def test_a_stand_in_takes_and_gives_what_the_real_action_does(pin: str, folder: Path) -> None:
    stand_in, action = read(folder / "action.yml"), KNOWN[pin]
    assert set(stand_in["inputs"]) <= set(action["inputs"])
    assert {key for key, each in stand_in["inputs"].items() if each.get("required")} == set(action["required"])
    assert set(stand_in.get("outputs", {})) <= set(action["outputs"])


@every_step
def test_a_step_of_our_own_gets_the_inputs_that_it_has(step: Step) -> None:
    uses, given = step.fields.get("uses", ""), set(step.fields.get("with", {}))
    if not uses.startswith("$/"):
        return
    inputs = read(ROOT / uses.removeprefix("$/") / "action.yml")["inputs"]
    assert given <= set(inputs)
    assert {key for key, each in inputs.items() if each.get("required")} <= given


@every_file
def test_a_third_party_action_is_pinned_with_its_version(path: Path) -> None:
    for reference, comment in re.findall(r"uses: ([^$\s#]+)(.*)", path.read_text()):
        if reference in HOOKS:
            continue
        assert re.search(r"@[0-9a-f]{40}$", reference), reference
        if not reference.startswith(OWN):
            assert comment.strip() == f"# {KNOWN[reference]['version']}"


@every_workflow
def test_an_output_that_is_read_is_one_that_the_step_has(path: Path) -> None:
    uses = {step.fields["id"]: step.fields.get("uses", "") for step in steps(path) if "id" in step.fields}
    for step, output in re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", path.read_text()):
        action = uses[step]
        has = read(ROOT / action.removeprefix("$/") / "action.yml") if action.startswith("$/") else KNOWN[action]
        assert output in has["outputs"]


@every_step
def test_an_artifact_has_the_name_of_its_attempt_and_is_never_replaced(step: Step) -> None:
    if step.fields.get("uses", "").startswith("actions/upload-artifact@"):
        assert step.fields["with"]["name"].endswith("-attempt-${{ github.run_attempt }}")
        assert "overwrite" not in step.fields["with"]


@every_workflow
def test_an_artifact_of_another_job_is_found_in_a_later_attempt(path: Path) -> None:
    for step in steps(path):
        if step.fields.get("uses", "").startswith("actions/download-artifact@"):
            given = step.fields["with"]
            # by the name that the other job gave out, or those of all attempts
            assert re.fullmatch(r"\$\{\{ needs\.\w+\.outputs\.\S+ \}\}", given.get("name", "")) or given[
                "pattern"
            ].endswith("-*")


@every_step
def test_a_checkout_keeps_no_credentials(step: Step) -> None:
    if step.fields.get("uses", "").startswith("actions/checkout@"):
        assert step.fields["with"]["persist-credentials"] is False


@every_workflow
def test_a_workflow_has_least_privilege_and_limits(path: Path) -> None:
    assert read(path)["permissions"] == {}
    for job in jobs(path).values():
        assert isinstance(job["permissions"], dict)
        if "uses" not in job:
            limit = job["timeout-minutes"]
            assert limit == "${{ inputs.timeout-minutes }}" or limit <= 60


@pytest.mark.parametrize(
    "path", [path for path in (*WORKFLOWS, *TEMPLATES) if path.stem not in {"ci", "wavegate-check"}], ids=name
)
def test_nothing_in_flight_is_cancelled(path: Path) -> None:
    workflow = read(path)
    for each in (workflow, *workflow["jobs"].values()):
        assert each.get("concurrency", {}).get("cancel-in-progress") in (None, False)


NOTIFYING = [
    (path, job, step)
    for path in WORKFLOWS
    for job in jobs(path).values()
    for step in job.get("steps", ())
    if step.get("uses") == "$/.github/actions/notify"
]


def test_people_are_notified_of_what_they_have_to_decide_or_know() -> None:
    events = {
        (path.stem, event) for path, _, step in NOTIFYING for event in re.findall(r"[a-z-]+", step["with"]["event"])
    }
    named = {(stem, event) for stem, event in events if event in set(NotifyEvent)}
    assert named == {
        *(("promote", event) for event in ("approval", "refused", "deployed", "rolled-back")),
        ("disable", "stopped"),
        ("enable", "restarted"),
        ("rollback", "rolled-back"),
        *(("canary", event) for event in ("held", "rolled-back", "stopped")),
    }


def test_a_promotion_notifies_people_only_if_its_plan_says_that_the_manifest_asks_for_it() -> None:
    for path, job, step in NOTIFYING:
        if path.stem == "promote":
            assert "plan" in job["needs"]
            assert "needs.plan.outputs.notifies == 'true'" in step["if"]


@pytest.mark.parametrize(("path", "job", "step"), NOTIFYING, ids=lambda each: getattr(each, "stem", ""))
def test_a_notification_fails_nothing_and_gets_every_secret(path: Path, job: Any, step: Any) -> None:
    assert step["continue-on-error"] is True
    assert step["if"].startswith("${{ !cancelled()")
    # last, so that no session of an org waits for a slow receiver
    assert job["steps"][-1] is step
    assert {"deployments": "write", "issues": "write"}.items() <= job["permissions"].items()
    secrets = {name: key for key, value in step["with"].items() for name in re.findall(r"secrets\.(\w+)", str(value))}
    assert secrets == {
        "SLACK_WEBHOOK_URL": "slack-webhook",
        "TEAMS_WEBHOOK_URL": "teams-webhook",
        "RELEASE_HOOK_URL": "webhook",
        "RELEASE_HOOK_SECRET": "webhook-secret",
    }
    declared = read(path)["on"]["workflow_call"]["secrets"]
    assert all(declared[name]["required"] is False for name in secrets)


LOGIN = "$/.github/actions/login"
LOGINS = [
    (path, step["with"])
    for path in WORKFLOWS
    for job in jobs(path).values()
    for step in job.get("steps", ())
    if step.get("uses") == LOGIN and "logout" not in step["with"]
]


@pytest.mark.parametrize(("path", "given"), LOGINS, ids=lambda value: name(value) if isinstance(value, Path) else "")
def test_every_login_gets_every_credential_and_each_workflow_declares_them(path: Path, given: Any) -> None:
    inputs = read(ROOT / ".github/actions/login/action.yml")["inputs"]
    assert set(inputs) - set(given) <= {"logout", "optional", "root"}
    assert given["client-id"] == "${{ vars.SF_CLIENT_ID || secrets.SF_CLIENT_ID }}"
    assert given["username"] == "${{ vars.SF_USERNAME || secrets.SF_USERNAME }}"
    used = set(re.findall(r"secrets\.(SF_\w+)", "".join(given.values())))
    assert used <= set(read(path)["on"]["workflow_call"]["secrets"])
    (template,) = (each for each in TEMPLATES if each.stem == f"wavegate-{path.stem.replace('promote', 'release')}")
    for job in jobs(template).values():
        passed = job.get("secrets", {})
        assert used <= set(passed), template
        assert all(passed[secret] == f"${{{{ secrets.{secret} }}}}" for secret in used)


def test_a_rollback_does_not_wait_for_a_release() -> None:
    def group(stem: str) -> Any:
        return read(ROOT / ".github" / "workflows" / f"{stem}.yml").get("concurrency", {}).get("group")

    others = {group(path.stem) for path in WORKFLOWS if path.stem != "rollback"}
    assert group("rollback") == "wavegate-rollback-${{ inputs.environment }}"
    assert group("rollback") not in others


PROMOTE = ROOT / ".github" / "workflows" / "promote.yml"


def test_an_approval_is_asked_for_once_and_only_after_the_gate() -> None:
    promote = jobs(PROMOTE)
    environments = {key: job["environment"] for key, job in promote.items() if "environment" in job}
    assert set(environments) == {"check-only", "prove", "deploy"}
    # the first two only use the secrets; the deployment is a GitHub deployment, so that reviewers are asked
    assert environments["check-only"]["deployment"] is environments["prove"]["deployment"] is False
    # never the environment itself by default: it would ask its reviewers
    assert environments["check-only"]["name"] == "${{ inputs.check-environment }}"
    assert read(PROMOTE)["on"]["workflow_call"]["inputs"]["check-environment"]["default"] == ""
    fast_lane = "needs.gate.outputs.fast-lane == 'true' && inputs.fast-lane-environment"
    assert environments["deploy"] == {
        "name": f"${{{{ {fast_lane} || inputs.github-environment || inputs.environment }}}}"
    }
    assert read(PROMOTE)["on"]["workflow_call"]["inputs"]["fast-lane-environment"]["default"] == ""
    assert promote["gate"]["needs"] == ["plan", "check-only", "prove"]
    # a release that the org rejects gets no brief and no decision
    assert """contains(fromJSON('["success", "skipped"]'), needs.check-only.result)""" in promote["gate"]["if"]
    assert "gate" in promote["deploy"]["needs"]
    assert "needs.gate.outputs.verdict == 'pass'" in promote["deploy"]["if"]
    # a gate job that failed to report its decision must not lead to an approval
    assert "needs.gate.result == 'success'" in promote["deploy"]["if"]


def test_a_job_that_runs_again_without_reviewers_must_still_have_the_fast_lane() -> None:
    steps = jobs(PROMOTE)["deploy"]["steps"]
    names = [step.get("id") for step in steps]
    lane, refuse = (steps[index] for index in (names.index("lane"), names.index("lane") + 1))
    # the job's own environment has no reviewers in exactly that case
    assert lane["if"] == "needs.gate.outputs.fast-lane == 'true' && inputs.fast-lane-environment != ''"
    assert refuse["if"] == "steps.lane.outcome == 'success' && steps.lane.outputs.fast-lane != 'true'"
    assert refuse["run"].strip().endswith("exit 1")
    assert names.index("lane") < names.index("login") < names.index("deploy")


def test_nothing_runs_in_a_held_environment_and_the_brief_is_still_written() -> None:
    promote = jobs(PROMOTE)
    admitted, slow = "needs.plan.outputs.admitted == 'true'", "needs.plan.outputs.fast-lane != 'true'"
    (asked,) = (step for step in promote["plan"]["steps"] if step.get("id") == "admit")
    assert asked["continue-on-error"] is True
    gate = {step["id"]: step for step in promote["gate"]["steps"] if "id" in step}
    for condition in (promote["check-only"]["if"], promote["prove"]["if"], gate["gate"]["if"]):
        assert admitted in condition
    # validated in the org even in the fast lane
    assert [slow in each for each in (promote["check-only"]["if"], promote["prove"]["if"], gate["gate"]["if"])] == [
        False,
        True,
        True,
    ]
    assert gate["brief"]["if"] == gate["admit"]["if"] == "${{ !cancelled() }}"
    assert list(gate).index("brief") < list(gate).index("admit")
    assert "continue-on-error" not in gate["admit"]
    # with an old plan, the jobs before it were skipped: it must not go on to the approval
    (*_, check) = (step for step in promote["gate"]["steps"] if "run" in step)
    assert check["run"].endswith("exit 1\n")


@every_workflow
def test_an_override_counts_only_in_a_run_that_a_person_dispatched(path: Path) -> None:
    """What an action gets, it checks by itself; every other expression must ask for the event."""
    text = re.sub(r"(?m)^ +override: \$\{\{ inputs\.override (\|\| '' )?\}\}$", "", path.read_text("utf-8"))
    for expression in re.findall(r"(?s)\$\{\{(.+?)\}\}|if: ([^\n]+)", text):
        if "inputs.override" in (found := "".join(expression)):
            assert re.search(r"github\.event_name == 'workflow_dispatch' && inputs\.override", found)


def test_hooks_run_only_if_the_repository_has_them_and_around_the_deployment() -> None:
    deploy = jobs(PROMOTE)["deploy"]["steps"]
    order = [step.get("id") or step.get("run") or step["uses"] for step in deploy]
    hooks = [each for each in order if ".github/wavegate/" in each]
    before = ["bash .github/wavegate/before-deploy.sh", "./.github/wavegate/before-deploy"]
    assert hooks == [*before, *(each.replace("before", "after") for each in before)]
    places = [order.index(each) for each in ("login", *before, "deploy", *hooks[2:], "smoke", "verify")]
    assert places == sorted(places)
    for step in deploy:
        called = step.get("run", step.get("uses", ""))
        if called in hooks:
            path = called.removeprefix("bash ").removeprefix("./")
            file = path if path.endswith(".sh") else f"{path}/action.yml"
            # a failed earlier step skips it: no status function
            assert step["if"] == f"hashFiles('{file}') != ''"
            # the session's file, but no secret and no token
            assert set(step["env"]) <= {"WAVEGATE_ENVIRONMENT", "WAVEGATE_SESSION", "WAVEGATE_RESULT"}
            assert "secrets." not in str(step)
    (verify,) = (step for step in deploy if step.get("id") == "verify")
    assert "steps.smoke.outcome != 'skipped'" in verify["if"]


def test_files_in_lfs_are_downloaded_only_on_request_and_by_every_job_that_stages_them() -> None:
    checkouts = {
        key: step["with"].get("lfs")
        for key, job in jobs(PROMOTE).items()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    }
    # smoke tests, gate and rollback do not send contents of the release anywhere
    assert [checkouts.pop(each) for each in ("prove", "gate", "rollback")] == [None] * 3
    assert set(checkouts.values()) == {"${{ inputs.lfs }}"}


def test_a_job_after_one_that_may_be_skipped_has_a_condition_of_its_own() -> None:
    """GitHub skips a job whose condition has no status function if any earlier job was skipped."""
    after = {key: job for key, job in jobs(PROMOTE).items() if key not in {"plan", "check-only", "prove"}}
    assert {key for key, job in after.items() if not re.search(r"!cancelled\(\)|always\(\)", job["if"])} == set()


def test_the_salesforce_cli_of_a_promotion_is_the_one_that_the_tests_use() -> None:
    tools = json.loads((ROOT / "tests" / "tools" / "package.json").read_text())
    version = tools.get("dependencies", tools.get("devDependencies"))["@salesforce/cli"]
    assert read(PROMOTE)["on"]["workflow_call"]["inputs"]["cli-version"]["default"] == version


def test_promotions_of_an_environment_queue_and_are_not_cancelled() -> None:
    group = "wavegate-promote-${{ inputs.environment }}"
    assert read(PROMOTE)["concurrency"] == {"group": group, "cancel-in-progress": False, "queue": "max"}


def test_the_last_job_of_a_promotion_is_never_skipped_and_asks_for_a_verdict() -> None:
    last = jobs(PROMOTE)["promotion"]
    assert (last["if"], set(last["needs"])) == ("always()", {"gate", "deploy"})
    (step,) = last["steps"]
    for environment, code in (
        ({"VERDICT": "pass", "DEPLOYED": "success"}, 0),
        ({"VERDICT": "", "DEPLOYED": "success"}, 1),
        ({"VERDICT": "", "DEPLOYED": "skipped"}, 1),
        ({"VERDICT": "inconclusive", "DEPLOYED": "skipped"}, 1),
        ({"VERDICT": "pass", "DEPLOYED": "cancelled"}, 1),
        ({"VERDICT": "", "DEPLOYED": "success", "FAST_LANE": "true"}, 0),
        ({"VERDICT": "", "DEPLOYED": "skipped", "FAST_LANE": "true"}, 1),
        ({"VERDICT": "", "DEPLOYED": "success", "FAST_LANE": "false"}, 1),
        ({"VERDICT": "fail", "DEPLOYED": "success", "OVERRIDE": "a reason"}, 0),
        ({"VERDICT": "fail", "DEPLOYED": "failure", "OVERRIDE": "a reason"}, 1),
    ):
        done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=False, capture_output=True)
        assert done.returncode == code, environment


@every_template
def test_a_template_is_short_and_described(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 54
    described = json.loads(path.with_suffix(".properties.json").read_text())
    assert set(described) == {"name", "description", "iconName", "categories", "filePatterns"}
    for pattern in described["filePatterns"]:
        re.compile(pattern)


@every_template
def test_a_template_calls_a_workflow_as_it_asks_to_be_called(path: Path) -> None:
    for job in jobs(path).values():
        target, commit = job["uses"].split("@")
        assert commit == PLACEHOLDER
        called = read(ROOT / target.removeprefix(OWN))
        asked = called["on"]["workflow_call"] or {}
        inputs, secrets = asked.get("inputs", {}), asked.get("secrets", {})
        assert set(job.get("with", {})) <= set(inputs)
        assert {key for key, each in inputs.items() if each.get("required")} <= set(job.get("with", {}))
        assert set(job.get("secrets", {})) <= set(secrets)
        for inner in called["jobs"].values():
            for scope, access in inner["permissions"].items():
                assert job["permissions"].get(scope) in (access, "write")


def test_tools_find_nothing_in_workflows_and_actions() -> None:
    files = [str(path) for path in (*ACTIONS, *WORKFLOWS, *TEMPLATES, ROOT / ".github" / "dependabot.yml")]
    run(["zizmor", "--quiet", "--persona=auditor", "--offline", "--strict-collection", *files])
    run(["actionlint", *(str(path) for path in (*WORKFLOWS, *TEMPLATES))])


def test_githubs_schemas_accept_every_file() -> None:
    for schema, paths in (("github-workflows", (*WORKFLOWS, *TEMPLATES)), ("github-actions", ACTIONS)):
        run(["check-jsonschema", "--builtin-schema", f"vendor.{schema}", *(str(path) for path in paths)])
    run(["check-jsonschema", "--builtin-schema", "vendor.dependabot", str(ROOT / ".github" / "dependabot.yml")])


def test_githubs_parser_accepts_every_workflow() -> None:
    node = node_bin() / "node"
    parse = ROOT / "tests" / "tools" / "parse_workflows.mjs"
    done = subprocess.run(
        [str(node), str(parse), *(str(path) for path in (*WORKFLOWS, *TEMPLATES))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


IN_ENVIRONMENT = (
    "  a:\n    environment:\n      name: ${{ inputs.b || c }}\n    x: ${{ %s }}\n  e:\n    x: ${{ vars.SF_D }}\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("    - uses: $/a/b\n", f"    - uses: wavegate/wavegate/a/b@{'f' * 40}\n"),
        ("      uses: $/a # why\n", f"      uses: wavegate/wavegate/a@{'f' * 40} # why\n"),
        ("uses: ./a\n", "uses: ./a\n"),
        ("run: echo $/a\n", "run: echo $/a\n"),
        ("concurrency:\n  group: a\n  queue: max\njobs:\n", "concurrency:\n  group: a\njobs:\n"),
        ("    environment:\n      name: a\n      deployment: false\n", "    environment:\n      name: a\n"),
        (IN_ENVIRONMENT % "vars.SF_D", IN_ENVIRONMENT % "vars[format('{0}_SF_D', inputs.b || c)]"),
        ("      deployments: write # why\n", "      deployments: write # why\n"),
    ],
)
def test_down_levelling_changes_only_what_act_does_not_know(text: str, expected: str) -> None:
    assert down_level(text) == expected


def run(command: list[str]) -> None:
    """Run a tool of the tests' environment; what it says is the failure."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cache_is_found_by_whoever_needs_it_and_for_no_other_environment() -> None:
    cached = [
        each.fields["with"] | {"is_saved": "/save@" in each.fields["uses"]}
        for path in WORKFLOWS
        for each in steps(path)
        if "actions/cache/" in each.fields.get("uses", "")
    ]
    saved = [each for each in cached if each["is_saved"]]
    restored = [each for each in cached if not each["is_saved"]]
    assert len(restored) >= 3
    for each in restored:
        # a key is found by how it starts: `uat` must not find what is of `uat-eu`
        assert each["restore-keys"].endswith("${{ inputs.environment }}=")
        assert [one for one in saved if one["path"] == each["path"] and one["key"].startswith(each["restore-keys"])]
