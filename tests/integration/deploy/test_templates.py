"""Reading back the prompt templates of a deployment, against the org double."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.state import named_user_jwt
from tests.support.deploying import HEAD, SOURCE, XMLNS, Desk, Run, release

NAME = "Support_Resolution"


def with_versions(*, active: str = "SR_2", api_version: str = "66.0") -> dict[str, str]:
    """A release whose prompt template has two versions."""
    files = release(pinned=3, versions=(3,))
    files["sfdx-project.json"] = files["sfdx-project.json"].replace("66.0", api_version)
    versions = "".join(
        f"<templateVersions><content>{each}</content><status>Published</status>"
        f"<versionIdentifier>{each}</versionIdentifier></templateVersions>"
        for each in ("SR_1", "SR_2")
    )
    files[f"{SOURCE}/genAiPromptTemplates/{NAME}.genAiPromptTemplate-meta.xml"] = (
        f"{HEAD}<GenAiPromptTemplate {XMLNS}><activeVersionIdentifier>{active}</activeVersionIdentifier>"
        f"<developerName>{NAME}</developerName>{versions}</GenAiPromptTemplate>\n"
    )
    return files


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(with_versions())
        yield desk


def live(desk: Desk) -> int | None:
    return desk.org.records.bots["Support_Agent"].active


def test_the_active_version_of_a_template_is_read_back(desk: Desk, run: Run) -> None:
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert desk.org.records.templates == {NAME: "SR_2"}
    assert f"prompt template {NAME}: version SR_2 is active" in done.log
    assert "version SR\\_2 is active" in done.summary


def test_another_version_of_a_template_fails_the_deployment_before_agents_are_switched(desk: Desk, run: Run) -> None:
    desk.org.records.templates[NAME] = "SR_1"
    desk.org.records.activates_templates = False
    done = run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (1, "failed"), done.log
    assert f"Prompt template {NAME} has version SR_1 active, but git says SR_2." in done.log
    assert live(desk) == 2
    assert "activating" not in done.log
    desk.org.records.templates[NAME] = "SR_2"
    assert run("deploy", "uat").code == 0


def test_a_version_that_git_does_not_know_is_said(desk: Desk, run: Run) -> None:
    desk.org.records.templates[NAME] = "made_in_setup"
    desk.org.records.activates_templates = False
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert "the org's active version is made_in_setup, which is not in git" in done.log


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"<e><faultcode>sf:INSUFFICIENT_ACCESS</faultcode><faultstring>no</faultstring></e>", ": no"),
        (200, b"<html>", "its reply is not XML"),
        (200, b"<!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>", "its reply is not XML"),
        (200, b"<x/>", "the org does not show its active version"),
        (403, b"[]", "HTTP 403"),
        (503, b"", "HTTP 503"),
    ],
)
def test_an_org_that_does_not_show_its_templates_fails_no_deployment_and_that_is_said(
    desk: Desk, run: Run, status: int, body: bytes, said: str
) -> None:
    desk.org.faults.add("POST /services/Soap/m", times=0, status=status, body=body)
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    (line,) = (line for line in done.log.splitlines() if line.startswith("prompt template"))
    assert "not read back" in line
    assert said in line
    assert live(desk) == 3


@pytest.mark.parametrize(("version", "said"), [("67.0", "no access token in JWT form"), ("68.0", "SR_2 is active")])
def test_a_token_in_jwt_form_is_only_used_where_the_call_takes_it(
    desk: Desk, run: Run, version: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.doubles.salesforce.org.API_VERSIONS", ("66.0", "67.0", "68.0"))
    desk.org.token = named_user_jwt()
    desk.write(with_versions(api_version=version))
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert said in done.log
    calls = [each for each in desk.org.routes if "Soap" in each.path]
    assert len(calls) == (version == "68.0")
