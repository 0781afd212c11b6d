"""Publishing an Agent Script: which requests, which version goes live, and what each refusal leaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import Desk, Run, release, script_release

PUBLISHED = "POST /einstein/ai-agent/v1.1/authoring/agents"
NEW_VERSION = f"{PUBLISHED}/{{id}}/versions"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(script_release())
        yield desk


def numbers(desk: Desk) -> list[int]:
    bot = desk.org.records.bots.get("Support_Agent")
    return [each.number for each in bot.versions] if bot else []


def live(desk: Desk) -> int | None:
    bot = desk.org.records.bots.get("Support_Agent")
    return bot.active if bot else None


def order(desk: Desk) -> list[str]:
    """The requests that change something or check a script, in order."""
    return [each.template.rpartition("/")[2] for each in desk.org.routes if each.method == "POST"]


def test_a_new_agent_is_compiled_deployed_published_and_activated(desk: Desk, run: Run) -> None:
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert done.outputs["agents"] == '{"Support_Agent": 1}'
    assert order(desk) == ["scripts", "deployRequest", "scripts", "scripts", "agents", "activation"]
    assert "Support_Agent: its script was published as version 1" in done.log
    assert "| version 1 | inactive |" in done.summary


def test_a_known_agent_gets_one_version_more_which_alone_goes_live(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    # made in Setup, and not meant to go live
    desk.org.records.add_version("Support_Agent", 9)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 10}'), done.log
    assert numbers(desk) == [1, 2, 9, 10]


def test_a_draft_that_somebody_made_in_the_org_never_goes_live(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=3, active=2)
    desk.org.records.add_version("Support_Agent", 9)
    desk.write(release(pinned=None))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 3}'), done.log


def test_a_script_that_does_not_compile_fails_before_anything_is_changed(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    desk.write(script_release("!!"))
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Support_Agent.agent: line 4: SyntaxError Unexpected token '!!'" in done.log
    assert not desk.org.deployments.jobs
    assert (numbers(desk), live(desk)) == ([1, 2], 2)


def test_a_validation_compiles_the_script_and_publishes_nothing(desk: Desk, run: Run) -> None:
    assert run("deploy", "uat", "--check-only").code == 0
    desk.write(script_release("!!"))
    done = run("deploy", "uat", "--check-only")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "line 4: SyntaxError" in done.log
    assert not desk.org.records.bots


@pytest.mark.parametrize(("status", "times"), [(404, 4), (500, 1)])
def test_an_org_that_cannot_check_scripts_is_deployed_to_all_the_same(
    desk: Desk, run: Run, status: int, times: int
) -> None:
    # the CLI tries four hosts in turn where one does not know the service
    desk.org.faults.add("POST .*/scripts", status=status, times=times)
    done = run("deploy", "uat")
    assert (done.code, live(desk)) == (0, 1), done.log
    assert "could not be checked in advance" in done.log


def test_a_script_in_a_folder_of_another_name_is_refused_before_anything_is_changed(desk: Desk, run: Run) -> None:
    files = script_release()
    path = next(name for name in files if name.endswith(".agent"))
    files[path] = files[path].replace("Support_Agent", "Guest_Agent")
    files["agentforce/release.yml"] = files["agentforce/release.yml"].replace("Support_Agent", "Guest_Agent")
    desk.write(files)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Rename the folder and its files to Guest_Agent." in done.log
    assert not desk.org.deployments.jobs


def test_what_the_org_refuses_to_publish_leaves_the_version_from_before_live(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    files = script_release()
    path = next(name for name in files if name.endswith(".agent"))
    files[path] = files[path].replace("config:\n", 'config:\n    default_agent_user: "nobody@acme.example"\n')
    desk.write(files)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "The user nobody@acme.example does not exist" in done.log
    (job,) = desk.org.deployments.jobs
    stays = f"The metadata of this release stays in the org: deployment {job} succeeded."
    assert stays in done.log
    assert stays in done.summary.replace("\\", "")
    assert (numbers(desk), live(desk)) == ([1, 2], 2)
    # somebody makes a version meanwhile: it is not taken for the one that was refused
    desk.org.records.add_version("Support_Agent", 3)
    desk.org.records.add_user("nobody@acme.example")
    done = run("deploy", "uat")
    assert (done.code, live(desk)) == (0, 4), done.log


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"status": 503}])
@pytest.mark.parametrize("template", [PUBLISHED, NEW_VERSION])
def test_an_answer_that_is_lost_after_the_publication_is_made_good(
    desk: Desk, run: Run, template: str, fault: dict[str, object]
) -> None:
    if template == NEW_VERSION:
        desk.org.records.add_bot("Support_Agent", versions=2, active=1)
    desk.org.faults.add(template, when="after", **fault)  # type: ignore[arg-type]
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert len(desk.org.authoring.published) == 1
    assert live(desk) == max(numbers(desk))


def test_an_error_of_the_cli_after_the_publication_is_said_and_no_second_one_is_made(desk: Desk, run: Run) -> None:
    # the last request of the CLI: what the new version is called
    desk.org.faults.add("FROM%20BotVersion|/query$", skip=9, when="after", status=400)
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert len(desk.org.authoring.published) == 1


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 503}])
def test_a_publication_that_may_come_late_is_looked_for_by_the_next_run(
    desk: Desk, run: Run, fault: dict[str, object]
) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    desk.org.faults.add(NEW_VERSION, **fault)  # type: ignore[arg-type]
    first = run("deploy", "uat")
    assert first.code == 4, first.log
    assert live(desk) == 2
    # it was carried out after all
    desk.org.records.add_version("Support_Agent", 3)
    second = run("deploy", "uat")
    assert (second.code, second.outputs["agents"]) == (0, '{"Support_Agent": 3}'), second.log
    assert "version 3 is taken for this script: an interrupted run published it" in second.log
    assert len(desk.org.deployments.jobs) == 1
    assert not desk.org.authoring.published


def test_two_new_versions_are_refused_and_none_goes_live(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2, active=2)
    desk.org.faults.add(NEW_VERSION, drop=True)
    assert run("deploy", "uat").code == 4
    for number in (3, 4):
        desk.org.records.add_version("Support_Agent", number)
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "several new versions (3, 4)" in done.log
    assert live(desk) == 2


def test_what_a_script_calls_is_in_the_org_before_it_is_published(desk: Desk, run: Run) -> None:
    files = script_release()
    path = next(name for name in files if name.endswith(".agent"))
    action = '    actions:\n        plan:\n            target: "apex://Planner"\n'
    files[path] += f"topic visits:\n{action}"
    classes = "force-app/main/default/classes"
    files[f"{classes}/Planner.cls"] = "public class Planner {}\n"
    files[f"{classes}/Planner.cls-meta.xml"] = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">'
        "<apiVersion>66.0</apiVersion></ApexClass>\n"
    )
    desk.write(files)
    done = run("deploy", "uat")
    assert (done.code, live(desk)) == (0, 1), done.log


def test_a_script_without_a_record_and_without_an_active_version_is_refused(desk: Desk, run: Run) -> None:
    desk.org.records.add_bot("Support_Agent", versions=2)
    done = run("deploy", "uat", "--live", "HEAD")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert "Pin its version in the manifest" in done.log
    desk.org.records.bots["Support_Agent"].activate(1)
    done = run("deploy", "uat", "--live", "HEAD")
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 1}'), done.log
