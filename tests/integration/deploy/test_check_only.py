"""`deploy --check-only`: the org says whether it accepts the release; and a deployment of what it accepted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.deploys import IS_ACTIVE, Job, Plan
from tests.doubles.salesforce.sf import install
from tests.support.deploying import SOURCE, Desk, Done, Run, release, staged_release

CLASS = f"{SOURCE}/classes/Orders"
TEST_CLASS = f"{SOURCE}/classes/OrdersTest"
META = '<?xml version="1.0"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"></ApexClass>'


def with_apex() -> dict[str, str]:
    """A release with an action that calls a class, which a test names."""
    action = f"{SOURCE}/genAiFunctions/Order/Order.genAiFunction-meta.xml"
    target = "<invocationTarget>Orders</invocationTarget><invocationTargetType>apex</invocationTargetType>"
    xmlns = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
    files = release(pinned=3)
    files["agentforce/release.yml"] += "    actions: [Order]\n"
    return files | {
        action: f"<GenAiFunction {xmlns}>{target}</GenAiFunction>",
        f"{CLASS}.cls": "public class Orders { @InvocableMethod public static void order() {} }",
        f"{CLASS}.cls-meta.xml": META,
        f"{TEST_CLASS}.cls": "@IsTest class OrdersTest { @IsTest static void t() { Orders.order(); } }",
        f"{TEST_CLASS}.cls-meta.xml": META,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(with_apex())
        yield desk


def validated(checked: Done) -> tuple[str, ...]:
    """The options for a deployment of what was validated."""
    outputs = checked.outputs
    return ("--validation", outputs["validation"], "--validation-subject", outputs["validation-subject"])


def deploy(run: Run, checked: Done) -> Done:
    """Deploy what was validated."""
    return run("deploy", "uat", *validated(checked))


def options(desk: Desk) -> list[tuple[bool, str | None, list[str]]]:
    """Whether each job only checks, its level and its tests."""
    jobs = [job.options for job in desk.org.deployments.jobs.values() if job.options]
    return [(each["checkOnly"], each["testLevel"], each["runTests"]) for each in jobs]


def test_a_validation_changes_nothing_and_is_deployed_without_its_tests(desk: Desk, run: Run) -> None:
    checked = run("deploy", "uat", "--check-only")
    assert (checked.code, checked.outputs["result"], checked.outputs["tests"]) == (0, "validated", "1"), checked.log
    assert not desk.org.deployments.deployed
    assert desk.org.records.bots["Support_Agent"].active == 2
    assert "Validated, nothing is deployed" in checked.summary
    (validation,) = desk.org.deployments.jobs
    assert checked.outputs["validation"] == validation
    done = deploy(run, checked)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert options(desk) == [
        (True, "RunSpecifiedTests", ["OrdersTest"]),
        (False, "NoTestRun", ["OrdersTest"]),
    ]
    _, quick = desk.org.deployments.jobs
    assert done.outputs["deploy-id"] == quick != validation
    assert f"Deployment {quick} deploys what {validation} validated" in done.summary
    assert desk.org.records.bots["Support_Agent"].active == 3


def test_what_the_org_rejects_fails_with_its_reasons(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(failures={"Orders": "Unexpected token"}, test_failures={"OrdersTest": "expected 1"})
    done = run("deploy", "uat", "--check-only")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert (done.outputs["validation"], done.outputs["validation-subject"]) == ("", "")
    assert "ApexClass:Orders: Unexpected token" in done.summary
    assert "Test OrdersTest.test: expected 1" in done.log


def test_other_content_is_not_deployed_as_validated(desk: Desk, run: Run) -> None:
    checked = run("deploy", "uat", "--check-only")
    desk.commit(with_apex() | {f"{CLASS}.cls": "public class Orders { @InvocableMethod static void other() {} }"})
    done = deploy(run, checked)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert "is not of exactly this content" in done.summary
    assert options(desk)[1:] == [(False, "RunSpecifiedTests", ["OrdersTest"])]


def test_a_validation_of_other_components_is_not_deployed_whatever_its_digest(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=3))
    other = run("deploy", "uat", "--check-only", "--test-level", "RunLocalTests").outputs["validation"]
    desk.write(with_apex())
    subject = run("deploy", "uat", "--check-only").outputs["validation-subject"]
    done = run("deploy", "uat", "--validation", other, "--validation-subject", subject)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert ("ApexClass", "Orders") in desk.org.deployments.deployed
    assert options(desk)[2:] == [(False, "RunSpecifiedTests", ["OrdersTest"])]


def test_neither_a_failed_validation_nor_another_orgs_is_deployed_whatever_its_digest(desk: Desk, run: Run) -> None:
    subject = run("deploy", "uat", "--check-only").outputs["validation-subject"]
    desk.org.deployments.plan(test_failures={"OrdersTest": "expected 1"})
    assert run("deploy", "uat", "--check-only").code == 1
    _, failed = desk.org.deployments.jobs
    for validation in (failed, "0Af000000009999AAA"):
        desk.org.deployments.plan(failures={"Orders": "Unexpected token"})
        done = run("deploy", "uat", "--validation", validation, "--validation-subject", subject)
        assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
        assert f"Validation {validation} is not used, so the tests run again" in done.summary
        assert options(desk)[-1] == (False, "RunSpecifiedTests", ["OrdersTest"])


def expired(desk: Desk) -> None:
    for job in desk.org.deployments.jobs.values():
        job.created_at -= timedelta(days=11)


def overtaken(desk: Desk) -> None:
    job = next(iter(desk.org.deployments.jobs.values()))
    later = Job(id="0Af000000009999AAA", package=job.package, options={}, plan=Plan(statuses=("Succeeded",)))
    desk.org.deployments.jobs[later.id] = later


@pytest.mark.parametrize("happens", [expired, overtaken])
def test_a_validation_that_the_org_no_longer_accepts_is_deployed_with_its_tests(
    desk: Desk, run: Run, happens: Callable[[Desk], None]
) -> None:
    checked = run("deploy", "uat", "--check-only")
    happens(desk)
    done = deploy(run, checked)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert f"Validation {checked.outputs['validation']} is not used, so the tests run again" in done.summary
    assert options(desk)[-1] == (False, "RunSpecifiedTests", ["OrdersTest"])


def test_a_live_planner_is_left_out_of_the_validation_which_says_so(desk: Desk, run: Run) -> None:
    desk.write(release(pinned=2))
    done = run("deploy", "uat", "--check-only")
    assert (done.code, done.outputs["result"]) == (0, "validated-in-part"), done.log
    assert IS_ACTIVE not in done.log
    assert "Not validated: `GenAiPlannerBundle:Support_Agent_v2`" in done.log
    assert done.outputs["validation-subject"] == ""
    assert desk.org.records.bots["Support_Agent"].active == 2
    assert deploy(run, done).outputs["result"] == "deployed"


def test_only_the_first_of_several_stages_is_validated_and_deployed_without_its_tests(desk: Desk, run: Run) -> None:
    desk.write(staged_release())
    checked = run("deploy", "uat", "--check-only", "--test-level", "RunLocalTests")
    assert (checked.code, checked.outputs["result"]) == (0, "validated-in-part"), checked.log
    assert "Only stage 1 of 3 is validated" in checked.summary
    done = run("deploy", "uat", "--test-level", "RunLocalTests", *validated(checked))
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log


def test_a_validation_that_runs_out_of_time_is_resumed(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(statuses=("InProgress",))
    assert run("deploy", "uat", "--check-only", "--timeout", "1s").code == 4
    desk.org.deployments.replan(statuses=("Succeeded",))
    assert run("deploy", "uat", "--check-only").outputs["result"] == "validated"
    assert len(desk.org.deployments.jobs) == 1
    # it is over: the next one is another job
    assert run("deploy", "uat", "--check-only").code == 0
    assert len(desk.org.deployments.jobs) == 2


def test_a_deployment_does_not_take_a_validation_for_its_lost_job(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/deployRequest", drop=True)
    assert run("deploy", "uat").code == 4
    assert run("deploy", "uat", "--check-only").code == 0
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert [check for check, _, _ in options(desk)] == [True, False]


def test_a_release_that_changes_nothing_is_not_validated(desk: Desk, run: Run) -> None:
    done = run("deploy", "uat", "--check-only", "--live", "HEAD")
    assert (done.code, done.outputs["result"], done.outputs["validation"]) == (0, "unchanged", ""), done.log
    assert not desk.org.deployments.jobs


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--check-only", "--override", "x"), "--override has no meaning with --check-only"),
        (("--check-only", "--decision", "x"), "--decision has no meaning with --check-only"),
        (("--check-only", "--validation", "0Af000000000001AAA"), "--validation has no meaning with --check-only"),
        (("--validation", "x; rm"), "is not the id of a validation"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    desk: Desk, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = run("deploy", "uat", *arguments)
    assert done.code == 2, done.log
    assert said in done.log
    assert not desk.org.routes


def test_low_coverage_of_what_ships_is_said(desk: Desk, run: Run) -> None:
    desk.org.deployments.plan(coverage={"Orders": (10, 4), "Elsewhere": (10, 10)})
    done = run("deploy", "uat")
    assert done.outputs["result"] == "deployed"
    assert "The tests execute 60 % of the class Orders; production orgs ask for 75 %." in done.log
    assert "Elsewhere" not in done.log


def test_without_a_test_that_names_a_class_all_local_tests_run(desk: Desk, run: Run) -> None:
    files = with_apex()
    desk.write({name: text for name, text in files.items() if "OrdersTest" not in name})
    assert run("deploy", "uat").outputs["result"] == "deployed"
    assert options(desk) == [(False, "RunLocalTests", [])]


def test_a_test_class_that_nobody_has_fails_the_deployment(run: Run) -> None:
    done = run("deploy", "uat", "--test", "Missing")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Missing" in done.log


def test_the_validation_of_something_else_is_not_taken_for_a_lost_one(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/deployRequest", drop=True)
    assert run("deploy", "uat", "--check-only").code == 4
    journals = {path: path.read_bytes() for path in (desk.temporary / ".wavegate").glob("check-*.json")}
    desk.write(release(pinned=3))
    assert run("deploy", "uat", "--check-only").code == 0
    for path, entry in journals.items():
        path.write_bytes(entry)
    desk.write(with_apex())
    done = run("deploy", "uat", "--check-only")
    assert (done.code, done.outputs["result"]) == (0, "validated"), done.log
    assert done.outputs["validation"] == list(desk.org.deployments.jobs)[1]


def test_a_validation_that_the_cli_refuses_to_start_is_started_by_the_next_run(desk: Desk, run: Run) -> None:
    desk.org.faults.add("POST .*/deployRequest", status=400, body=[{"errorCode": "LIMIT", "message": "x"}])
    done = run("deploy", "uat", "--check-only")
    assert (done.code, "result" in done.outputs) == (2, False), done.log
    assert not list((desk.temporary / ".wavegate").glob("check-*.json"))
    assert run("deploy", "uat", "--check-only").outputs["result"] == "validated"
