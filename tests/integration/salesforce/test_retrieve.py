"""What the CLI says of a retrieval: missing, hidden, refused, or no answer."""

import json
from pathlib import Path

import pytest

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.rest import Session
from wavegate.salesforce.retrieve import RetrievedPackage, retrieve_package

MISSING = "Entity of type 'Flow' named 'Route's end' cannot be found"
TOKEN, JWT = "00D!x", "eyJh.eyJz.c2ln"


def retrieved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object, session_token: str = TOKEN
) -> RetrievedPackage:
    folder = tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
    login = json.dumps({"result": {"username": "ci@acme.example"}})
    (folder / "sf").write_text(
        f"#!/bin/sh\nif [ $1 = org ]; then echo '{login}'; exit; fi\n"
        f'echo "$@" > {tmp_path / "asked"}\ncat {tmp_path / "answer"}\n'
    )
    (folder / "sf").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    session = Session(instance_url="https://acme.my.salesforce.com", access_token=session_token)
    cli = Cli(session=session, folder=tmp_path, home=tmp_path / "home")
    return retrieve_package(cli, tmp_path / "package.xml", tmp_path / "out", folder=tmp_path)


def answer(**result: object) -> dict[str, object]:
    return {"status": 0, "result": {"status": "Succeeded", "success": True, **result}, "warnings": []}


@pytest.mark.parametrize("messages", [[{"problem": MISSING}], {"problem": MISSING}])
def test_what_the_org_does_not_have_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: object
) -> None:
    found = retrieved(tmp_path, monkeypatch, answer(messages=messages))
    assert found.missing == {("Flow", "Route's end")}
    assert found.folder == tmp_path / "out" / "unpackaged"
    assert (tmp_path / "asked").read_text().startswith("project retrieve start --manifest")


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (answer(messages=[{"problem": MISSING}, {"problem": "no access to X"}]), InputError, "no access to X"),
        (answer(messages=["::warning::x"]), InputError, "does not show"),
        (answer(status="Failed", errorMessage="LIMIT: too many", errorStatusCode="LIMIT"), InputError, "too many"),
        (answer(status="Failed", errorMessage="UNKNOWN_EXCEPTION: x"), ServiceError, "UNKNOWN_EXCEPTION"),
        ({"status": 0, "result": {"files": []}}, InputError, "no reason"),
        ({"status": 1, "name": "MetadataTransferError", "message": "timed out"}, ServiceError, "timed out"),
        ({"status": 1, "name": "sf:INVALID_SESSION_ID", "message": "Invalid Session ID"}, InputError, "Invalid"),
        ({"status": 1, "name": "FetchError", "message": "connect ECONNREFUSED"}, ServiceError, "ECONNREFUSED"),
        ({"status": 0, "result": "x"}, InputError, "got nothing"),
        ("no JSON", ServiceError, "no JSON"),
    ],
)
def test_anything_else_is_an_error_never_an_empty_org(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: object, kind: type[Exception], words: str
) -> None:
    with pytest.raises((InputError, ServiceError)) as problem:
        retrieved(tmp_path, monkeypatch, reply)
    assert isinstance(problem.value, kind)
    assert words in problem.value.message


def test_a_token_in_jwt_form_that_is_refused_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = {"status": 1, "name": "sf:INVALID_SESSION_ID", "message": f"Invalid Session ID {JWT}"}
    with pytest.raises(InputError) as problem:
        retrieved(tmp_path, monkeypatch, reply, JWT)
    assert "JWT form" in problem.value.fix
    assert JWT not in problem.value.message
