"""A deployment in several stages: a data provider, its new prompt template, and what calls that."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import SOURCE, Desk, Run, before_staged_release, staged_release

PROVIDER, TEMPLATE = ("Flow", "Load_Context"), ("GenAiPromptTemplate", "Support_Resolution")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(staged_release())
        yield desk


def sent(desk: Desk) -> list[list[str]]:
    """The components of each job, in order, without the agent's."""
    packages = [job.package for job in desk.org.deployments.jobs.values()]
    return [[name for kind, name in each.components if "Agent" not in name] for each in packages if each]


def test_each_stage_is_a_job_and_the_org_accepts_all(desk: Desk, run: Run) -> None:
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert sent(desk) == [["Load_Context"], ["Support_Resolution"], ["Escalate_Case", "Escalate"]]
    assert desk.org.records.bots["Support_Agent"].active == 3
    first, *_, last = desk.org.deployments.jobs
    assert done.outputs["deploy-id"] == last
    assert f"Stage 1 of 3: 1 component\nDeployment {first}: " in done.log
    assert "stays in the org" not in done.log
    assert done.summary.count("Succeeded") == 3
    # all is there now, so that one job suffices
    assert run("deploy", "uat", "--live", "HEAD").outputs["result"] == "unchanged"
    assert len(desk.org.deployments.jobs) == 3


def test_a_circle_is_sent_at_once_and_the_org_has_the_last_word(desk: Desk, run: Run) -> None:
    files = staged_release()
    name = f"{SOURCE}/flows/Load_Context.flow-meta.xml"
    call = "<actionName>Support_Resolution</actionName><actionType>generatePromptResponse</actionType>"
    desk.write(files | {name: files[name].replace("<label>", f"<actionCalls>{call}</actionCalls><label>")})
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Flow:Load_Context: invalid reference to Support_Resolution.promptResponse" in done.log
    assert "related records for the prompt template [flow://Load_Context]" in done.log


def test_what_an_earlier_stage_leaves_is_named_when_a_later_one_fails(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan()
    desk.org.deployments.plan(failures={"Support_Resolution": "Invalid <b>template</b>"})
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    first, second = desk.org.deployments.jobs
    assert done.outputs["deploy-id"] == second
    assert f"Stage 2 of 3 failed: Deployment {second} ended as Failed." in done.log
    assert "GenAiPromptTemplate:Support_Resolution: Invalid <b>template</b>" in done.log
    assert "Left in the org, where they are new as far as is known: `Flow:Load_Context`." in done.log
    assert "Left in the org" in done.summary
    assert desk.org.records.bots["Support_Agent"].active == 2
    # fixed, it is deployed from the start: what is there already does no harm
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert list(desk.org.deployments.jobs)[:2] == [first, second]
    assert len(desk.org.deployments.jobs) == 5


@pytest.fixture
def live(desk: Desk, run: Run) -> Desk:
    """The desk with a release that is live, and the next one of two stages: the first changes a flow."""
    desk.write(before_staged_release())
    done = run("deploy", "uat")
    assert (done.code, sent(desk)) == (0, [["Load_Context", "Escalate"]]), done.log
    desk.commit(staged_release())
    desk.org.deployments.jobs.clear()
    return desk


def content(desk: Desk) -> bytes:
    """The flow that the org has."""
    packages = [job.package for job in desk.org.deployments.jobs.values() if job.status == "Succeeded"]
    return [each.files["flows/Load_Context.flow"] for each in packages if each and PROVIDER in each.components][-1]


def test_what_an_earlier_stage_changed_is_restored_when_a_later_one_fails(live: Desk, run: Run) -> None:
    live.org.deployments.plan()
    live.org.deployments.plan(failures={"Escalate_Case": "Invalid flow"})
    done = run("deploy", "uat", "--live", "HEAD~1")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert sent(live) == [
        ["Load_Context", "Support_Resolution"],
        ["Escalate_Case", "Escalate"],
        ["Load_Context"],
    ]
    assert b"Load it as before" in content(live)
    assert "Restored as they were before: `Flow:Load_Context`." in done.log
    assert "Left in the org, where they are new as far as is known: `GenAiPromptTemplate:Support_Resolution`" in (
        done.log
    )
    # a note in the summary too, where the reviewer looks
    assert "Restored as they were before" in done.summary


def test_a_stage_that_the_cli_refuses_is_a_failed_one(live: Desk, run: Run) -> None:
    live.org.faults.add("POST .*/deployRequest", skip=1, status=400, body=[{"errorCode": "LIMIT", "message": "x"}])
    done = run("deploy", "uat", "--live", "HEAD~1")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Stage 2 of 2 failed: `sf project deploy start` did not start a deployment: LIMIT" in done.log
    assert sent(live) == [["Load_Context", "Support_Resolution"], ["Load_Context"]]


def test_a_restoration_that_fails_leaves_what_it_names(live: Desk, run: Run) -> None:
    live.org.deployments.plan()
    live.org.deployments.plan(failures={"Escalate_Case": "Invalid flow"})
    live.org.deployments.plan(failures={"Load_Context": "Locked"})
    done = run("deploy", "uat", "--live", "HEAD~1")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Left in the org as this release has them, because they could not be restored (Deployment " in done.log
    assert "Flow:Load_Context: Locked): `Flow:Load_Context`." in done.log
    assert "Restored" not in done.log


def test_an_older_journal_is_resumed(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(statuses=("InProgress",))
    assert run("deploy", "uat", "--timeout", "1s").code == 4
    (path,) = (desk.temporary / ".wavegate").glob("deploy-*.json")
    entry = json.loads(path.read_text())
    path.write_text(json.dumps({key: entry[key] for key in ("subject", "before", "job", "previous_job")}))
    desk.org.deployments.replan(statuses=("Succeeded",))
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert len(desk.org.deployments.jobs) == 3
