"""Logging in: each kind of credentials, what is kept and for whom, and what is said of what is wrong."""

import json
import stat
import subprocess
from pathlib import Path

import pytest
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.state import ORG_ID, USERNAME
from tests.support.deploying import Desk, Run, release

NONE = {"SF_ACCESS_TOKEN": "", "SF_ORG_INSTANCE_URL": ""}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key of a connected app, and its public one beside it."""
    folder = tmp_path_factory.mktemp("key")
    subprocess.run(["openssl", "genrsa", "-out", "key.pem", "2048"], cwd=folder, check=True, capture_output=True)
    public = ["openssl", "rsa", "-in", "key.pem", "-pubout", "-out", "public.pem"]
    subprocess.run(public, cwd=folder, check=True, capture_output=True)
    return folder / "key.pem"


def jwt(desk: Desk, key: Path, **changes: str) -> dict[str, str]:
    """Credentials for the JWT flow."""
    desk.org.login.public_key = (key.parent / "public.pem").read_text()
    given = {
        "SF_JWT_KEY": key.read_text(),
        "SF_CLIENT_ID": desk.org.login.client_id,
        "SF_USERNAME": USERNAME,
        "SF_LOGIN_URL": desk.org.url,
    }
    return {**NONE, **given, **changes}


def kept(desk: Desk) -> list[Path]:
    return [path for path in desk.temporary.rglob("*") if path.is_file()]


def test_a_login_serves_the_later_steps_of_the_job_and_is_removed_at_its_end(desk: Desk, run: Run) -> None:
    desk.extra = {**NONE, "SF_AUTH_URL": desk.org.login.auth_url(desk.org.url)}
    done = run("login", "uat")
    assert done.code == 0, done.log
    assert done.outputs["username"] == USERNAME
    assert desk.org.token not in done.log + json.dumps(done.outputs)
    (file,) = kept(desk)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    desk.extra = NONE
    desk.org.routes.clear()
    assert run("disable", "uat", "--reason", "x").code == 0
    assert len(desk.org.routes) == 3
    assert run("login", "uat", "--logout").code == 0
    assert kept(desk) == []
    assert run("disable", "uat", "--reason", "x").code == 2


def test_a_login_is_for_the_org_of_its_environment(desk: Desk, run: Run) -> None:
    files = release(pinned=3)
    files["agentforce/release.yml"] += "  - {name: production, org: prod}\n"
    desk.write(files)
    assert run("login", "uat").code == 0
    desk.extra = NONE
    done = run("disable", "production", "--reason", "x")
    assert done.code == 2
    assert "no credentials for the org prod" in done.log


@pytest.mark.parametrize("one_line", [False, True])
def test_a_key_of_a_connected_app_logs_in(desk: Desk, run: Run, key: Path, *, one_line: bool) -> None:
    desk.extra = jwt(desk, key)
    if one_line:
        desk.extra["SF_JWT_KEY"] = key.read_text().replace("\n", "\\n")
    assert run("login", "uat").code == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SF_CLIENT_ID": ""}, "SF_CLIENT_ID is not"),
        ({"SF_CLIENT_ID": "other"}, "invalid_client_id"),
        ({"SF_USERNAME": "eve@acme.example"}, "hasn't approved"),
        (
            {"SF_JWT_KEY": "-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----"},
            "not an unencrypted RSA key",
        ),
        ({"SF_LOGIN_URL": "http://login.example.com"}, "not an https address"),
        ({"SF_AUDIENCE_URL": "https://test.salesforce.com"}, "audience is invalid"),
        ({"SF_JWT_KEY": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----"}, "RSA"),
    ],
)
def test_a_jwt_login_that_is_refused_says_why(
    desk: Desk, run: Run, key: Path, changes: dict[str, str], said: str
) -> None:
    desk.extra = jwt(desk, key, **changes)
    done = run("login", "uat")
    assert done.code == 2
    assert said in done.log
    assert "BEGIN" not in done.log.replace("its BEGIN and END lines", "")
    assert kept(desk) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "There are no credentials"),
        ({"SF_ACCESS_TOKEN": "00D!x"}, "SF_ORG_INSTANCE_URL is not"),
        ({"SF_ACCESS_TOKEN": "00D!x", "SF_ORG_INSTANCE_URL": "http://org.example.com"}, "not an https address"),
        ({"SF_AUTH_URL": "00Dsecret"}, "does not have the form force://"),
        ({"SF_AUTH_URL": "force://id:\udcff:refresh@127.0.0.1:1"}, "SF_AUTH_URL is not text in UTF-8"),
        ({"SF_JWT_KEY": "\udcff", "SF_CLIENT_ID": "a", "SF_USERNAME": "b"}, "SF_JWT_KEY is not text in UTF-8"),
        (
            {"SF_AUTH_URL": "force://id:the.secret:refresh@127.0.0.1:1"},
            "Cannot log in at 127.0.0.1",
        ),
    ],
)
def test_credentials_that_cannot_work_are_named_without_being_told(
    desk: Desk, run: Run, given: dict[str, str], said: str
) -> None:
    desk.extra = {**NONE, **given}
    done = run("login", "uat")
    assert done.code in (2, 4)
    assert said in done.log
    for secret in ("00Dsecret", "the.secret", "00D!x"):
        assert secret not in done.log


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}])
def test_a_login_that_gets_no_answer_is_tried_again(desk: Desk, run: Run, fault: dict[str, int]) -> None:
    desk.extra = {**NONE, "SF_AUTH_URL": desk.org.login.auth_url(desk.org.url)}
    desk.org.faults.add("POST /services/oauth2/token", **fault)
    assert run("login", "uat").code == 0


def test_an_optional_login_succeeds_without_credentials_and_says_so(desk: Desk, run: Run) -> None:
    desk.extra = NONE
    done = run("login", "uat", "--optional")
    assert (done.code, done.outputs["logged-in"]) == (0, "false")
    assert "no credentials for the org uat" in done.log
    assert kept(desk) == []
    desk.extra = {}
    done = run("login", "uat", "--optional")
    assert (done.code, done.outputs["logged-in"]) == (0, "true")
    session = json.loads(Path(done.outputs["session"]).read_text())
    assert (session["instance_url"], session["access_token"]) == (desk.org.url, desk.org.token)
    # credentials that do not work are a mistake, not an opt-out
    desk.extra = {"SF_ACCESS_TOKEN": "00D000000000001!old"}
    assert run("login", "uat", "--optional").code == 2


def test_an_expired_token_is_noticed_at_the_login(desk: Desk, run: Run) -> None:
    desk.extra = {"SF_ACCESS_TOKEN": "00D000000000001!old"}
    done = run("login", "uat")
    assert done.code == 2
    assert "rejected the access token" in done.log
    assert kept(desk) == []


@pytest.mark.parametrize(("expected", "code"), [(ORG_ID, 0), (ORG_ID[:15], 0), (None, 0), ("00D000000000002", 2)])
def test_a_login_to_another_org_than_the_manifests_is_refused_everywhere(
    desk: Desk, run: Run, expected: str | None, code: int
) -> None:
    files = release(pinned=3)
    if expected:
        files["agentforce/release.yml"] += f"    expectedOrg: {expected}\n"
    desk.write(files)
    desk.path = (install(desk.folder / "bin"),)
    commands = (["login", "uat"], ["disable", "uat", "--reason", "x"], ["deploy", "uat"])
    for arguments in commands:
        done = run(*arguments)
        assert done.code == code, done.log
        if code:
            assert f"org {ORG_ID}, but the manifest expects {expected}" in done.log
    if code:
        assert not list(desk.temporary.rglob("logins"))
        assert not desk.org.deployments.jobs
        assert desk.org.records.bots["Support_Agent"].active == 3


def test_a_refresh_token_that_the_org_has_rotated_is_named_as_the_cause(desk: Desk, run: Run) -> None:
    desk.org.login.rotates = True
    desk.extra = {**NONE, "SF_AUTH_URL": desk.org.login.auth_url(desk.org.url)}
    assert run("login", "uat").code == 0
    done = run("login", "uat")
    assert done.code == 2
    assert "expired access/refresh token" in done.log
    assert "If the connected app rotates refresh tokens, every login uses up the stored one" in done.log
    # the reuse revoked the successor as well
    assert desk.org.login.refresh_token == ""


def test_the_audience_of_a_jwt_is_the_login_url_first_and_then_what_older_apps_expect(
    desk: Desk, run: Run, key: Path
) -> None:
    desk.extra = jwt(desk, key)
    assert run("login", "uat").code == 0
    assert desk.org.login.tried == [desk.org.url, "https://login.salesforce.com"]
    desk.org.login.tried.clear()
    desk.org.login.audiences = frozenset({desk.org.url})
    desk.org.login.external = True
    assert run("login", "uat").code == 0
    assert desk.org.login.tried == [desk.org.url]


def test_an_audience_that_is_given_is_the_only_one(desk: Desk, run: Run, key: Path) -> None:
    desk.extra = jwt(desk, key, SF_AUDIENCE_URL="https://test.salesforce.com")
    desk.org.login.audiences = frozenset({desk.org.url})
    assert run("login", "uat").code == 2
    assert desk.org.login.tried == ["https://test.salesforce.com"]


def test_of_several_refusals_the_one_that_is_not_about_the_audience_is_reported(
    desk: Desk, run: Run, key: Path
) -> None:
    desk.extra = jwt(desk, key, SF_USERNAME="eve@acme.example")
    desk.org.login.external = True
    done = run("login", "uat")
    assert done.code == 2
    assert "hasn't approved this consumer" in done.log
    assert "Admin approved users are pre-authorized" in done.log
    assert desk.org.login.tried == [desk.org.url, "https://login.salesforce.com", "https://test.salesforce.com"]
    assert f"Audiences tried: `{desk.org.url}`, `https://login.salesforce.com`" in done.log


def test_a_refusal_that_no_audience_changes_is_final(desk: Desk, run: Run, key: Path) -> None:
    desk.extra = jwt(desk, key, SF_CLIENT_ID="other")
    assert run("login", "uat").code == 2
    assert len(desk.org.login.tried) == 1


def test_a_login_that_uses_up_its_refresh_token_says_so_at_once(desk: Desk, run: Run) -> None:
    desk.extra = {**NONE, "SF_AUTH_URL": desk.org.login.auth_url(desk.org.url), "GITHUB_ACTIONS": "true"}
    assert "rotates" not in run("login", "uat").log
    desk.org.login.rotates = True
    done = run("login", "uat")
    assert done.code == 0
    assert "::warning title=wavegate::The connected app rotates refresh tokens" in done.log
    assert "SF_JWT_KEY" in done.log
    shown = [line for line in done.log.splitlines() if desk.org.login.refresh_token in line]
    assert shown == [f"::add-mask::{desk.org.login.refresh_token}"]
