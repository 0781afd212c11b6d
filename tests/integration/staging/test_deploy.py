"""What the real CLI uploads from a staged release, up to the values that it inserts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.sf_convert import converted
from tests.support.deploying import Desk, release
from tests.support.git import commit, git
from tests.support.projects import PROJECT
from tests.support.staging import contents
from tests.support.tools import node_bin, npm_bin

from wavegate.components.package_xml import package_xml
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.salesforce.cli import Cli
from wavegate.staging.stage import stage_release

BOT = "force-app/main/default/bots/Support_Agent/Support_Agent.bot-meta.xml"
PROMPT = "force-app/main/default/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        yield Desk(folder=tmp_path, org=org, path=(node_bin(), npm_bin()))


def uploaded(desk: Desk) -> Mapping[str, bytes]:
    """The files of the only deployment."""
    (job,) = desk.org.deployments.jobs.values()
    assert job.package
    return job.package.files


def replacing(*entries: Mapping[str, object]) -> dict[str, str]:
    """The release, whose agent and prompt have placeholders. entries: of `replacements`."""
    files = release(pinned=3)
    project = json.loads(files["sfdx-project.json"]) | {"replacements": list(entries)}
    return files | {
        "sfdx-project.json": json.dumps(project),
        BOT: files[BOT].replace("<label>S<", "<label>%%KEY%%<"),
        PROMPT: files[PROMPT].replace("</GenAi", "<masterLabel>%%TEXT%%</masterLabel></GenAi"),
    }


KEY = {"glob": "**/*.bot-meta.xml", "stringToReplace": "%%KEY%%", "replaceWithEnv": "MY_API_KEY"}
TEXT = {"filename": PROMPT, "stringToReplace": "%%TEXT%%", "replaceWithFile": "texts/text.txt"}
WHEN = {"replaceWhenEnv": [{"env": "TARGET_SECRET", "value": "uat"}]}


def test_values_are_inserted_on_the_way_to_the_org_and_nowhere_else(desk: Desk) -> None:
    desk.write({**replacing({**KEY, **WHEN}, TEXT), "texts/text.txt": "from a file"})
    desk.extra |= {"MY_API_KEY": "hush-hush", "TARGET_SECRET": "uat"}
    done = desk.run("deploy", "uat")
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    sent = uploaded(desk)
    assert set(sent) == {
        "bots/Support_Agent.bot",
        "genAiPlannerBundles/Support_Agent_v3/Support_Agent_v3.genAiPlannerBundle",
        "genAiPromptTemplates/Support_Resolution.genAiPromptTemplate",
    }
    assert b"<label>hush-hush</label>" in sent["bots/Support_Agent.bot"]
    assert b"from a file" in sent["genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"]
    left = {name: data for name, data in contents(desk.folder).items() if b"hush-hush" in data}
    assert left == {}
    assert "hush-hush" not in done.log + done.summary


def test_an_entry_whose_condition_does_not_hold_changes_nothing(desk: Desk) -> None:
    desk.write(replacing({**KEY, **WHEN}))
    desk.extra |= {"TARGET_SECRET": "production"}
    assert desk.run("deploy", "uat").code == 0
    assert b"%%KEY%%" in uploaded(desk)["bots/Support_Agent.bot"]


def test_a_missing_variable_stops_a_deployment_before_it_starts(desk: Desk) -> None:
    desk.path = (install(desk.folder / "bin"),)
    desk.write(replacing(KEY))
    done = desk.run("deploy", "uat")
    assert done.code == 2
    assert "sfdx-project.json" in done.log
    assert "`MY_API_KEY`" in done.log
    assert "`deploy-env`" in done.log
    assert desk.org.routes == []
    assert desk.org.deployments.jobs == {}


def test_a_value_with_a_dollar_sign_is_noticed_without_being_shown(desk: Desk) -> None:
    desk.path = (install(desk.folder / "bin"),)
    desk.write(replacing(KEY))
    desk.extra |= {"MY_API_KEY": "a$&b"}
    done = desk.run("deploy", "uat")
    assert done.code == 0, done.log
    assert "`MY_API_KEY` contains a `$`" in done.log
    assert "a$&b" not in done.log


def test_a_plan_names_the_variables_that_the_deployment_needs(desk: Desk) -> None:
    desk.path = (install(desk.folder / "bin"),)
    desk.write(replacing(KEY, TEXT))
    done = desk.run("plan", "uat", "--live", "")
    assert done.code == 1
    assert "stage/not-possible" in done.log
    commit(desk.checkout, {"texts/text.txt": b"words"}, "Add the text")
    done = desk.run("plan", "uat")
    assert done.code == 0, done.log
    assert "`MY_API_KEY`" in done.log
    assert "plan/needs-variables" in done.log


def test_an_edit_of_a_version_that_does_not_ship_is_not_sent(desk: Desk) -> None:
    files = release(pinned=3, versions=(1, 2, 3))
    desk.write(files)
    before = git(desk.checkout, "rev-parse", "HEAD").decode().strip()
    version = BOT.replace("Support_Agent.bot-", "v2.botVersion-")
    changed = {version: files[version].replace("</BotV", "<entryDialog>x</entryDialog></BotV").encode()}
    changed[BOT] = files[BOT].replace("<label>S<", "<label>New<").encode()
    commit(desk.checkout, changed, "Change the label, and a version beside")
    done = desk.run("deploy", "uat", "--live", before)
    assert done.code == 0, done.log
    assert set(uploaded(desk)) == {"bots/Support_Agent.bot"}
    (job,) = desk.org.deployments.jobs.values()
    assert job.package
    assert job.package.bots == {"Support_Agent": (3,)}
    assert [each.number for each in desk.org.records.bots["Support_Agent"].versions] == [1, 2, 3]


def test_the_stand_in_converts_as_the_real_cli_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{node_bin()}:{npm_bin()}:/usr/bin:/bin")
    source = FolderSource(PROJECT)
    project = read_project(source)
    components = project.components.values()
    staged = stage_release(source, project, components, tmp_path / "stage")
    Cli(session=None, folder=staged.folder, home=tmp_path / "home").convert(staged.package, tmp_path / "real")
    real = contents(tmp_path / "real")
    manifest, files = converted(package_xml(components, project.api_version), staged.folder)
    assert sorted(files) == sorted(real.keys() - {"package.xml"})
    assert sorted(_listed(manifest)) == sorted(_listed(real["package.xml"].decode()))


def _listed(manifest: str) -> list[str]:
    return [part.split("<")[0] for part in manifest.split("<members>")[1:]]
