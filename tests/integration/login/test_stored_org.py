"""A laptop's login: an org of the Salesforce CLI, for one checkout, without a secret anywhere but in the CLI."""

import json
import shutil
import subprocess

import pytest
from tests.doubles.salesforce.state import USERNAME
from tests.support.deploying import Desk, Run, release
from tests.support.tools import node_bin, npm_bin

NONE = {"SF_ACCESS_TOKEN": "", "SF_ORG_INSTANCE_URL": ""}


class StandIn:
    """An `sf` that logs its arguments, and answers by its second word: `display` or `auth`."""

    def __init__(self, desk: Desk) -> None:
        self.folder = desk.folder / "bin"
        self.folder.mkdir()
        self.log = desk.folder / "sf-log"
        (self.folder / "sf").write_text(f'#!/bin/sh\necho "$*" >> {self.log}\ncat "{self.folder}/$2.json"\n')
        (self.folder / "sf").chmod(0o755)
        self.says("display", username=USERNAME, instanceUrl=f"{desk.org.url}/", accessToken="[REDACTED] see the docs")
        self.says("auth", accessToken=desk.org.token)
        desk.path = (self.folder,)
        desk.extra = dict(NONE)

    def says(self, command: str, **result: str) -> None:
        """What a command prints from now on."""
        (self.folder / f"{command}.json").write_text(json.dumps({"status": 0, "result": result}))

    def fails(self, command: str, name: str) -> None:
        """A command fails from now on."""
        (self.folder / f"{command}.json").write_text(json.dumps({"status": 1, "name": name, "message": "No"}))


@pytest.fixture
def sf(desk: Desk) -> StandIn:
    return StandIn(desk)


@pytest.fixture
def chosen(run: Run, sf: StandIn) -> StandIn:
    """The stand-in, whose org the checkout uses for uat."""
    assert run("login", "uat", "--org", "prod").code == 0
    return sf


def test_a_login_by_the_clis_org_serves_every_later_command_in_the_checkout(
    desk: Desk, run: Run, sf: StandIn
) -> None:
    done = run("login", "uat", "--org", "prod")
    assert done.code == 0, done.log
    assert f"Logged in to 127.0.0.1 as {USERNAME}" in done.log
    sf.log.unlink()
    assert run("disable", "uat", "--reason", "x").code == 0
    assert desk.org.records.bots["Support_Agent"].active is None
    # one start of the CLI, which is slow
    assert sf.log.read_text().splitlines() == [f"org auth show-access-token --target-org={USERNAME} --json"]
    assert run("login", "uat", "--logout").code == 0
    assert "no credentials" in run("disable", "uat", "--reason", "x").log


def test_no_token_is_shown_or_kept(desk: Desk, run: Run, sf: StandIn) -> None:
    done = run("login", "uat", "--org", "prod")
    assert desk.org.token not in done.log + sf.log.read_text()
    for path in (desk.folder / "home").rglob("*"):
        assert path.is_dir() or desk.org.token not in path.read_text()
    (kept,) = (desk.folder / "home").rglob("*.json")
    assert kept.stat().st_mode & 0o077 == 0
    assert not list(desk.checkout.rglob("*login*"))


@pytest.mark.usefixtures("chosen")
def test_another_checkout_has_its_own_login(desk: Desk, run: Run) -> None:
    other = desk.folder / "other"
    shutil.copytree(desk.checkout, other)
    done = run("disable", "uat", "--reason", "x", "--root", str(other))
    assert done.code == 2
    assert "wavegate login ENVIRONMENT --org ALIAS" in done.log


def test_an_org_that_the_cli_does_not_know_is_named(run: Run, chosen: StandIn) -> None:
    for command in ("display", "auth"):
        chosen.fails(command, "NamedOrgNotFoundError")
    for arguments in (["login", "uat", "--org", "prod"], ["disable", "uat", "--reason", "x"]):
        done = run(*arguments)
        assert done.code == 2
        assert "not logged in to an org with the alias or user name" in done.log
        assert "sf org login web" in done.log


def test_an_older_cli_shows_the_token_with_the_org(desk: Desk, run: Run, sf: StandIn) -> None:
    sf.fails("auth", "Command org auth show-access-token not found")
    sf.says("display", username=USERNAME, instanceUrl=desk.org.url, accessToken=desk.org.token)
    assert run("login", "uat", "--org", "prod").code == 0


def test_an_sf_that_cannot_be_started_is_named(run: Run, sf: StandIn) -> None:
    (sf.folder / "sf").write_text("no program")
    done = run("login", "uat", "--org", "prod")
    assert (done.code, "`sf` cannot be started" in done.log) == (2, True), done.log


def test_a_checkout_does_not_choose_an_org_through_a_relative_folder_of_states(
    desk: Desk, run: Run, chosen: StandIn
) -> None:
    (kept,) = (desk.folder / "home").rglob("*.json")
    theirs = desk.checkout / "state" / "wavegate" / "orgs" / kept.name
    theirs.parent.mkdir(parents=True)
    kept.rename(theirs)
    desk.extra["XDG_STATE_HOME"] = "state"
    assert "no credentials" in run("disable", "uat", "--reason", "x").log
    assert chosen.log.exists()


def test_an_alias_is_never_an_option(run: Run, sf: StandIn) -> None:
    run("login", "uat", "--org=--help")
    assert sf.log.read_text().splitlines()[0] == "org display --target-org=--help --json"


@pytest.mark.usefixtures("sf")
def test_the_clis_org_is_checked_like_any_other(desk: Desk, run: Run) -> None:
    files = release(pinned=3)
    files["agentforce/release.yml"] += "    expectedOrg: 00D000000000002\n"
    desk.write(files)
    done = run("login", "uat", "--org", "prod")
    assert done.code == 2
    assert "but the manifest expects 00D000000000002" in done.log
    assert "no credentials" in run("disable", "uat", "--reason", "x").log


@pytest.mark.usefixtures("chosen")
def test_a_damaged_choice_is_named_and_can_be_forgotten(desk: Desk, run: Run) -> None:
    (kept,) = (desk.folder / "home").rglob("*.json")
    for content in ("{", "[]", '{"orgs": 7}', '{"orgs": {"uat": 7}}', "[" * 100_000):
        kept.write_text(content)
        done = run("disable", "uat", "--reason", "x")
        assert done.code == 2
        assert "is damaged" in done.log
    assert run("login", "uat", "--logout").code == 0


@pytest.mark.usefixtures("chosen")
def test_in_actions_it_is_refused(desk: Desk, run: Run) -> None:
    desk.extra["GITHUB_ACTIONS"] = "true"
    assert "this is GitHub Actions" in run("login", "uat", "--org", "prod").log
    assert "no credentials" in run("disable", "uat", "--reason", "x").log


def test_the_real_cli_gives_its_orgs_token(desk: Desk, run: Run) -> None:
    desk.path = (node_bin(), npm_bin())
    login = ["org", "login", "access-token", "--alias", "prod", "--no-prompt", "--instance-url", desk.org.url]
    subprocess.run(["sf", *login], env=desk.environment(), check=True, capture_output=True, cwd=desk.folder)
    desk.extra = dict(NONE)
    done = run("login", "uat", "--org", "prod")
    assert done.code == 0, done.log
    assert run("disable", "uat", "--reason", "x").code == 0
    assert desk.org.records.bots["Support_Agent"].active is None
