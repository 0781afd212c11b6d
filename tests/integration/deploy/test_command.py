"""`deploy` against the org double: each way in which it can go, and what is live afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.state import group_id
from tests.support.deploying import HEAD, SOURCE, XMLNS, Desk, Run, release, script_release
from tests.support.git import commit, git

COHORTS = """\
cohorts:
  tier2: {strategy: first-launch, permissionSet: Pilot, group: Tier2, users: [kim@acme.example]}
  supervisors: {strategy: first-launch, permissionSet: Pilot, group: Supervisors}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        org.records.add_permission_set("Agent_Users")
        org.records.grants["Agent_Users"] = ("Support_Agent",)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(release(pinned=3))
        yield desk


def live(desk: Desk) -> int | None:
    return desk.org.records.bots["Support_Agent"].active


@pytest.mark.parametrize("status", ["Failed", "SucceededPartial", "Canceled", "FinalizingFailed"])
def test_only_succeeded_is_a_success(desk: Desk, run: Run, status: str) -> None:
    desk.org.deployments.plan(statuses=(status,))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert f"ended as {status}" in done.log
    assert live(desk) == 2


def test_a_job_that_says_succeeded_with_failed_tests_is_no_success(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(statuses=("Succeeded",), test_failures={"OrderTest": "Assertion Failed"})
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert "Test OrderTest.test: Assertion Failed" in done.log


def test_a_deployment_that_changes_nothing_says_so(desk: Desk, run: Run) -> None:
    run("deploy", "uat")
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "unchanged")
    assert "Nothing to change" in done.summary
    assert live(desk) == 3


def test_a_commit_that_changes_no_component_starts_no_job(desk: Desk, run: Run) -> None:
    live_commit = git(desk.checkout, "rev-parse", "HEAD").decode().strip()
    (desk.checkout / ".gitattributes").write_text("* text=auto eol=crlf ident\n")
    desk.commit()
    git(desk.checkout, "rm", "-r", "--cached", "--quiet", ".")
    git(desk.checkout, "reset", "--quiet", "--hard")
    assert b"\r\n" in (desk.checkout / "sfdx-project.json").read_bytes()
    desk.org.records.bots["Support_Agent"].activate(3)
    done = run("deploy", "uat", "--live", live_commit)
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert not desk.org.deployments.jobs
    # nor was the agent turned off
    assert live(desk) == 3


def test_deletions_are_named_before_the_job_starts_and_in_the_summary(desk: Desk, run: Run) -> None:
    files = release(pinned=3)
    manifest = files["agentforce/release.yml"]
    classes = {
        f"{SOURCE}/classes/{name}.cls{end}": text
        for name in ("Gone", "Ignored")
        for end, text in (("", f"public class {name} {{}}"), ("-meta.xml", f"{HEAD}<ApexClass {XMLNS}/>"))
    }
    desk.write({**files, **classes, "agentforce/release.yml": manifest + "    actions: [Gone, Ignored]\n"})
    live_commit = desk.commit()
    for path in (desk.checkout / SOURCE / "classes").glob("Gone.*"):
        path.unlink()
    (desk.checkout / "agentforce/release.yml").write_text(manifest)
    (desk.checkout / ".forceignore").write_text("**/Ignored.*\n")
    desk.commit()
    done = run("deploy", "uat", "--live", live_commit)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    (job,) = desk.org.deployments.jobs
    before, _, _ = done.log.partition(job)
    assert "Deletes ApexClass:Gone\n" in before
    reason = f".forceignore excludes {SOURCE}/classes/Ignored.cls"
    assert f"Left in the org: ApexClass:Ignored ({reason})\n" in before
    assert done.log.count("Deletes ApexClass:Gone") == 1
    assert "Deletes ApexClass:Gone" in done.summary.replace("\\", "")


def test_an_unfinished_deployment_is_not_taken_up_for_other_content(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(statuses=("InProgress",))
    assert run("deploy", "uat", "--timeout", "1s").code == 4
    changed = release(pinned=3)
    name = next(name for name in changed if "PromptTemplate" in name)
    changed[name] = changed[name].replace("</GenAi", "<masterLabel>New</masterLabel></GenAi")
    desk.write(changed)
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert len(desk.org.deployments.jobs) == 2


def test_without_a_pinned_version_the_newest_in_git_is_made_live(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=None))
    desk.org.records.add_version("Support_Agent", 12)
    assert run("deploy", "uat").outputs["agents"] == '{"Support_Agent": 3}'


def test_a_version_that_is_deployed_with_the_release_is_made_live(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=4, versions=(2, 4)))
    assert run("deploy", "uat").outputs["agents"] == '{"Support_Agent": 4}'


def test_a_first_deployment_creates_the_agent(desk: Desk, run: Run) -> None:
    desk.org.records.bots.clear()
    done = run("deploy", "uat")
    assert done.outputs["agents"] == '{"Support_Agent": 3}'
    assert "| version 3 | inactive |" in done.summary


def test_a_script_beside_a_pinned_version_is_noted_to_change_no_running_agent(desk: Desk, run: Run) -> None:
    desk.write(script_release(pinned=3))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert "its script is not published" in done.log
    assert "its script is not published" in done.summary
    assert not desk.org.authoring.published


def test_a_version_that_nothing_brings_is_refused_before_anything_is_deployed(desk: Desk, run: Run) -> None:
    desk.write(script_release(pinned=4))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert "The org has no version 4 of agent Support_Agent; it has 1, 2, 3." in done.log
    assert not desk.org.deployments.jobs
    assert live(desk) == 2


def test_a_refused_activation_brings_the_version_from_before_back(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2, versions=(2,)))
    # the planner of version 2 changes: it is turned off and deployed, and then the org refuses to turn it on
    told = [{"errorCode": "INVALID_OPERATION", "message": "The agent is locked"}]
    desk.org.faults.add("POST .*/activation", skip=1, status=400, body=told)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert "The agent is locked" in done.log
    assert live(desk) == 2


def test_an_activation_that_answers_success_and_does_nothing_is_no_success(desk: Desk, run: Run) -> None:
    lie = {"success": True, "isActivated": True, "messages": []}
    desk.org.faults.add("POST .*/activation", status=200, body=lie)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert "version 3 was activated but is not active" in done.log
    assert live(desk) == 2


def test_an_org_that_cannot_be_asked_while_the_agent_is_off_says_so(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2))
    desk.org.faults.add("GET .*/deployRequest", times=0, status=503)
    done = run("deploy", "uat")
    assert done.code == 4
    assert "Support_Agent stays inactive until then." in done.log
    desk.org.faults.clear()
    assert run("deploy", "uat").code == 0
    assert len(desk.org.deployments.jobs) == 1
    assert live(desk) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_ends_while_the_job_goes_on_is_no_failed_deployment(desk: Desk, run: Run, status: int) -> None:
    desk.write(release(pinned=2))
    desk.org.faults.add("GET .*/deployRequest", skip=1, times=0, status=status)
    done = run("deploy", "uat")
    assert (done.code, done.outputs) == (4, {})
    assert "Support_Agent stays inactive until then." in done.log
    desk.org.faults.clear()
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert len(desk.org.deployments.jobs) == 1
    assert live(desk) == 2


def test_a_login_that_ends_before_the_version_is_back_is_told_with_the_reason(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2))
    desk.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    desk.org.faults.add("POST .*/activation", skip=1, times=0, status=401)
    done = run("deploy", "uat")
    assert done.code == 4
    assert "Invalid template" in done.log
    assert "Support_Agent stays inactive until then." in done.log


def test_a_job_that_the_org_does_not_know_has_failed(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2))
    desk.org.faults.add("GET .*/deployRequest", times=0, status=404)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed")
    assert live(desk) == 2


def test_an_org_that_goes_away_before_the_version_is_back_is_told_with_the_reason(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2))
    desk.org.deployments.plan(failures={"Support_Resolution": "Invalid template"})
    desk.org.faults.add("POST .*/activation", skip=1, times=0, status=503)
    done = run("deploy", "uat")
    assert done.code == 4
    assert "Invalid template" in done.log
    assert "Support_Agent stays inactive until then." in done.log
    desk.org.faults.clear()
    # the next run takes up the same job, sees it failed, and brings version 2 back
    assert run("deploy", "uat").outputs == {
        "result": "failed",
        "agents": '{"Support_Agent": 2}',
        "stopped": "[]",
        "deploy-id": next(iter(desk.org.deployments.jobs)),
        "deployment": "",
        "evidence-digest": "",
    }


def test_a_live_planner_that_the_project_does_not_show_is_taken_after_the_org_refuses_it(
    desk: Desk, run: Run
) -> None:
    files = release(pinned=2, versions=(2,))
    version = "force-app/main/default/bots/Support_Agent/v2.botVersion-meta.xml"
    other = "force-app/main/default/genAiPlannerBundles/Other"
    files[version] = files[version].replace("Support_Agent_v2", "Other")
    files[f"{other}/Other.genAiPlannerBundle"] = next(text for name, text in files.items() if "Planner" in name)
    desk.write(files)
    before = git(desk.checkout, "rev-parse", "HEAD").decode().strip()
    shown = files["agentforce/release.yml"] + (
        "    actions: [planner]\n"
        "components: {actions: {planner: {metadata: 'GenAiPlannerBundle:Support_Agent_v2'}}}\n"
    )
    planner = f"{other.replace('Other', 'Support_Agent_v2')}/Support_Agent_v2.genAiPlannerBundle"
    text = files[planner].replace("<masterLabel>S", "<masterLabel>T")
    commit(desk.checkout, {"agentforce/release.yml": shown.encode(), planner: text.encode()}, "Change the planner")
    done = run("deploy", "uat", "--live", before)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert len(desk.org.deployments.jobs) == 2
    assert live(desk) == 2


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (401, None, 2, "Log in again"),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}], 2, "permission"),
        (429, None, 4, "Run the command again"),
        (500, None, 4, "Run the command again"),
        (200, b"<html>", 4, "its reply is not JSON"),
        (200, {"records": None}, 4, "without records"),
    ],
)
def test_an_org_that_refuses_or_fails_from_the_start_is_not_touched(
    desk: Desk, run: Run, status: int, body: object, code: int, said: str
) -> None:
    desk.org.faults.add("GET .*/query", times=0, status=status, body=body)
    desk.org.records.may_deploy = True
    done = run("deploy", "uat")
    assert (done.code, done.outputs) == (code, {})
    assert said in done.log
    assert not desk.org.deployments.jobs
    assert live(desk) == 2


def test_the_permission_to_deploy_is_asked_for_first(desk: Desk, run: Run) -> None:
    desk.org.records.may_deploy = False
    done = run("deploy", "uat")
    assert done.code == 2
    assert "may not deploy" in done.log


def test_an_api_version_that_the_org_does_not_speak_is_named(desk: Desk, run: Run) -> None:
    files = release(pinned=3)
    files["sfdx-project.json"] = files["sfdx-project.json"].replace("66.0", "99.0")
    desk.write(files)
    done = run("deploy", "uat")
    assert done.code == 2
    assert "API version 99.0" in done.log
    assert "67.0" in done.log


@pytest.mark.parametrize(("node", "said"), [("v20.1.0", "needs 22 or newer"), (None, "no Salesforce CLI")])
def test_a_missing_cli_and_an_old_node_are_named(desk: Desk, run: Run, node: str | None, said: str) -> None:
    empty = desk.folder / "other"
    desk.path = (install(empty, node=node) if node else empty,)
    done = run("deploy", "uat")
    assert done.code == 2
    assert said in done.log
    assert not desk.org.deployments.jobs


@pytest.mark.parametrize(
    ("says", "code", "said"),
    [
        ('{"status": 0, "result": {"status": "Nothing to deploy", "files": []}}', 1, "Nothing to deploy"),
        ('{"status": 1, "name": "NothingToDeploy", "message": "No local changes to deploy."}', 1, "No local changes"),
        ('{"status": 0, "result": {"id": "::set-output name=x::y"}}', 1, "did not start a deployment"),
        ('{"status": 1, "name": "ERROR_HTTP_503", "message": "down"}', 4, "looks for the deployment first"),
        (
            'Warning: old\n{"status": 1, "name": "X", "message": "::error::no | **b**"}',
            1,
            "did not start a deployment: X",
        ),
        ('{"status": 0, "result": ' + 20_000 * "[", 4, "no JSON"),
        ("Segmentation fault", 4, "no JSON"),
        ("[]", 4, "no JSON"),
    ],
)
def test_what_the_cli_says_is_read_and_its_exit_code_is_not_trusted(
    desk: Desk, run: Run, says: str, code: int, said: str
) -> None:
    desk.path = (install(desk.folder / "other", says=says),)
    done = run("deploy", "uat")
    assert done.code == code, done.log
    assert said in done.log
    assert live(desk) == 2
    desk.path = (install(desk.folder / "bin"),)
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert len(desk.org.deployments.jobs) == 1


def test_pilot_users_are_let_in_and_out_by_the_manifests_cohorts(desk: Desk, run: Run) -> None:
    records = desk.org.records
    held = records.add_permission_set("Pilot")
    records.add_user("kim@acme.example")
    records.add_user("lee@acme.example", "Tier2_Night")
    records.groups["Tier2"] = {records.add_user("ann@acme.example"), group_id("Tier2_Night")}
    records.add_user("sam@acme.example", "Supervisors")
    gone = records.add_user("gone@acme.example")
    records.assignments[records.new_id("0Pa")] = (gone, held)
    desk.write(pilot("[tier2]"))
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert records.assigned("Pilot") == {"kim@acme.example", "ann@acme.example", "lee@acme.example"}
    assert ": 3 added, 1 removed" in done.log
    desk.write(pilot("[supervisors, tier2]"))
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert "sam@acme.example" in records.assigned("Pilot")
    assert run("deploy", "uat").outputs["result"] == "unchanged"


@pytest.mark.parametrize(
    ("groups", "said"),
    [({}, "no public group Tier2"), ({"Tier2": {"00E000000000009AAA"}}, "such as roles or queues")],
)
def test_a_cohort_that_cannot_be_let_in_stops_the_deployment_before_it_starts(
    desk: Desk, run: Run, groups: dict[str, set[str]], said: str
) -> None:
    desk.org.records.groups = groups
    desk.org.records.add_user("kim@acme.example")
    desk.write(pilot("[tier2]"))
    done = run("deploy", "uat")
    assert done.code == 2
    assert said in done.log
    assert not desk.org.deployments.jobs


def test_a_cohort_of_deeply_nested_groups_is_refused_rather_than_cut(desk: Desk, run: Run) -> None:
    records = desk.org.records
    records.add_permission_set("Pilot")
    records.add_user("kim@acme.example")
    for level in range(12):
        records.groups["Tier2" if level == 0 else f"Level{level}"] = {group_id(f"Level{level + 1}")}
    records.groups["Level12"] = set()
    desk.write(pilot("[tier2]"))
    done = run("deploy", "uat")
    assert done.code == 2
    assert "nested more than 8 levels deep" in done.log
    assert not desk.org.deployments.jobs


@pytest.mark.parametrize("answer", [[], {}, None, [None], [[]], [{"errors": [7]}], [{"success": False, "errors": 7}]])
def test_an_answer_that_does_not_confirm_an_assignment_is_no_success(desk: Desk, run: Run, answer: object) -> None:
    records = desk.org.records
    records.add_permission_set("Pilot")
    records.add_user("kim@acme.example")
    records.groups["Tier2"] = set()
    desk.org.faults.add("POST .*/composite/sobjects", status=200, body=b"null" if answer is None else answer)
    desk.write(pilot("[tier2]"))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "did not update the assignments of Pilot" in done.log


def test_a_pilot_that_wavegate_does_not_let_in_is_named(desk: Desk, run: Run) -> None:
    desk.write(pilot("[elsewhere]"))
    assert "cohort elsewhere must be enabled manually" in run("deploy", "uat").log


def pilot(names: str) -> dict[str, str]:
    """A release with cohorts, for these pilot users."""
    files = release(pinned=3, more=COHORTS)
    files["agentforce/release.yml"] += f"    rollout: canary\n    pilotUsers: {names}\n"
    return files
