"""The CLI as a process: which of its errors are the user's, and which variables it gets."""

import json
from pathlib import Path

import pytest

from wavegate.errors import InputError, ServiceError, UncertainError
from wavegate.salesforce.cli import Cli, Upload
from wavegate.salesforce.rest import Session

TOKEN = "00D000000000001!token"


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object, *, code: int = 1) -> Path:
    """An `sf` that prints an answer, after writing its environment to a file, whose path is returned."""
    seen, folder = tmp_path / "seen", tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
    (folder / "sf").write_text(f"#!/bin/sh\nenv > {seen}\ncat {tmp_path / 'answer'}\nexit {code}\n")
    (folder / "sf").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return seen


def cli(tmp_path: Path, *variables: str, online: bool = True) -> Cli:
    session = Session(instance_url="https://acme.my.salesforce.com", access_token=TOKEN) if online else None
    return Cli(session=session, folder=tmp_path, home=tmp_path / "home", variables=frozenset(variables))


def error(name: str, message: str = "Broken", **more: object) -> dict[str, object]:
    return {"status": 1, "name": name, "message": message, "exitCode": 1, **more}


UNSET = 'UnexpectedValueTypeError: "MY_KEY" is in sfdx-project.json, but it\'s not set in your environment.'


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error("UnexpectedValueTypeError", UNSET), InputError),
        (error("ConversionError", "Component conversion failed", cause=f"{UNSET}\n at x"), InputError),
        (error("TypeInferenceError", "Could not infer a metadata type"), InputError),
        (error("ConversionError", "ECONNRESET.cls: not well-formed"), InputError),
        (error("TypeError", "Cannot read properties of undefined"), UncertainError),
        (error("Error", "failed", cause="TypeError: fetch failed"), UncertainError),
        (error("FetchError", "connect ECONNREFUSED"), UncertainError),
        ("no JSON", UncertainError),
    ],
)
def test_an_error_of_the_project_is_not_one_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object, kind: type[Exception]
) -> None:
    program(tmp_path, monkeypatch, answer)
    with pytest.raises((InputError, ServiceError)) as problem:
        cli(tmp_path).start_deploy(Upload(package=tmp_path / "package.xml"))
    assert problem.type is kind


def test_the_variables_of_replacements_are_passed_whatever_they_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = program(tmp_path, monkeypatch, {"status": 0, "result": {"id": "0Af000000000001AAA"}}, code=0)
    given = {"MY_API_KEY": "a", "SVC_SECRET": "b", "DEPLOY_TOKEN": "c", "OTHER_TOKEN": "d"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    cli(tmp_path, "MY_API_KEY", "SVC_SECRET", "DEPLOY_TOKEN").start_deploy(Upload(package=tmp_path / "package.xml"))
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert names >= {"MY_API_KEY", "SVC_SECRET", "DEPLOY_TOKEN", "SF_TARGET_ORG"}
    assert "OTHER_TOKEN" not in names


JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1aWQ6MDA1In0.c2lnbmF0dXJl"


def test_a_token_in_jwt_form_is_given_to_the_clis_own_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    login = json.dumps({"status": 0, "result": {"username": "ci@acme.example", "accessToken": "redacted"}})
    deployed = json.dumps({"status": 0, "result": {"id": "0Af000000000001AAA"}})
    (folder / "sf").write_text(
        f"""#!/bin/sh
echo "$*|$SF_TARGET_ORG|$SF_ACCESS_TOKEN|$HOME" >> {log}
if [ "$1" = org ]; then echo '{login}'; else echo '{deployed}'; fi
"""
    )
    (folder / "sf").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SF_ACCESS_TOKEN", "of another org")
    session = Session(instance_url="https://acme.my.salesforce.com", access_token=JWT)
    cli = Cli(session=session, folder=tmp_path, home=tmp_path / "home")
    assert cli.start_deploy(Upload(package=tmp_path / "package.xml")) == "0Af000000000001AAA"
    first, second = (line.split("|") for line in log.read_text().splitlines())
    command = "org login access-token --instance-url https://acme.my.salesforce.com --no-prompt --json"
    assert first == [command, "", JWT, str(tmp_path / "home")]
    assert second[0].startswith("project deploy start ")
    assert second[1:] == ["ci@acme.example", "", str(tmp_path / "home")]
    assert not (tmp_path / "home").exists()


def test_a_token_that_the_clis_login_refuses_is_named_but_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, error("Error", f"Bad token {JWT}"))
    session = Session(instance_url="https://acme.my.salesforce.com", access_token=JWT)
    with pytest.raises(ServiceError, match=r"did not accept the access token: Error Bad token \*\*\*\.") as problem:
        Cli(session=session, folder=tmp_path, home=tmp_path / "home").start_deploy(Upload(package=tmp_path / "p.xml"))
    assert "JWT-based access tokens" in problem.value.fix
    assert not isinstance(problem.value, UncertainError)


def test_the_cli_gets_no_secret_of_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = program(tmp_path, monkeypatch, {"status": 0, "result": {"id": "0Af000000000001AAA"}}, code=0)
    for name in ("GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "SF_AUTH_URL", "SF_JWT_KEY", "UNKNOWN"):
        monkeypatch.setenv(name, "t0psecret")
    for name, value in {"SF_ORG_API_VERSION": "66.0", "NODE_OPTIONS": "--no-warnings"}.items():
        monkeypatch.setenv(name, value)
    cli(tmp_path).start_deploy(Upload(package=tmp_path / "package.xml"))
    told = seen.read_text().splitlines()
    assert not [line for line in told if "t0psecret" in line]
    assert {"SF_ORG_API_VERSION=66.0", "NODE_OPTIONS=--no-warnings"} <= set(told)


@pytest.mark.parametrize("online", [True, False])
def test_a_conversion_gets_no_token_and_no_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, online: bool
) -> None:
    seen = program(tmp_path, monkeypatch, {"status": 0, "result": {"location": "x"}}, code=0)
    monkeypatch.setenv("MY_API_KEY", "a")
    monkeypatch.setenv("SF_APPLY_REPLACEMENTS_ON_CONVERT", "true")
    cli(tmp_path, "MY_API_KEY", online=online).convert(tmp_path / "package.xml", tmp_path / "out")
    told = seen.read_text()
    assert TOKEN not in told
    assert not {"MY_API_KEY", "SF_TARGET_ORG", "SF_ORG_INSTANCE_URL", "SF_APPLY_REPLACEMENTS_ON_CONVERT"} & {
        line.partition("=")[0] for line in told.splitlines()
    }


def test_a_project_that_the_cli_cannot_read_is_the_users_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, error("TypeInferenceError", "X.y-meta.xml: Could not infer a metadata type"))
    with pytest.raises(InputError, match=r"TypeInferenceError X\.y-meta\.xml: Could not infer a metadata type\."):
        cli(tmp_path, online=False).convert(tmp_path / "package.xml", tmp_path / "out")
