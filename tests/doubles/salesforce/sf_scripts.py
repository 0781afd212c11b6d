"""A stand-in for `sf agent validate authoring-bundle` and `sf agent publish authoring-bundle --skip-retrieve`.

It makes the requests of the real CLI in its order, apart from those of the login and from the deployment that links
the bundle in the org to its version, which is the real CLI's last step and which nothing of wavegate reads.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, NoReturn

from tests.doubles.salesforce.sf_session import CliError, Session

AUTHORING = "/einstein/ai-agent/v1.1/authoring"


def run_script(session: Session, task: str, name: str) -> dict[str, object]:
    """Validate or publish the bundle of that name in the folder's project. The CLI's result, or CliError."""
    found = sorted(session.folder.rglob(f"aiAuthoringBundles/{name}/{name}.agent"))
    if not found:
        _fail("AABNotFound", f"Cannot find an authoring bundle named '{name}' in the project.")
    try:
        _requests(session, task, found[0].read_text())
    except urllib.error.HTTPError as error:
        kind = "AgentApiNotFound" if error.code == 404 else f"ERROR_HTTP_{error.code}"
        _fail(kind, error.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        _fail("TypeError", "fetch failed", code=10)
    return {"success": True, "botDeveloperName": name}


def _requests(session: Session, task: str, text: str) -> None:
    token = _call(session, "GET", "/agentforce/bootstrap/nameduser", cookie=True)["access_token"]
    compiled = _compile(session, token, text)
    if task == "validate":
        return
    compiled = _compile(session, token, text)
    name = compiled["globalConfiguration"]["developerName"]
    known = _query(session, f"SELECT Id FROM BotDefinition WHERE DeveloperName='{name}'")  # noqa: S608
    path = f"{AUTHORING}/agents" + (f"/{known[0]['Id']}/versions" if known else "")
    body = {"agentDefinition": compiled, "instanceConfig": {"endpoint": session.url}}
    answer = _service(session, path, token, body)
    if not answer["botVersionId"]:
        _fail("CreateAgentJsonError", answer["errorMessage"])
    _query(session, f"SELECT DeveloperName, VersionNumber FROM BotVersion WHERE Id='{answer['botVersionId']}'")  # noqa: S608


def _compile(session: Session, token: str, text: str) -> Any:
    asset = {"type": "AFScript", "name": "AFScript", "content": text}
    body = {"assets": [asset], "afScriptVersion": "2.0.0"}
    answer = _service(session, f"{AUTHORING}/scripts", token, body)
    if answer["status"] != "success":
        errors = answer["errors"]
        text = "\n".join(f"{each['errorType']}: {each['description']}" for each in errors)
        _fail("CompileAgentScriptError", text, data={"errors": errors})
    return answer["compiledArtifact"]


def _service(session: Session, path: str, token: str, body: Any) -> Any:
    """One request to the authoring service. The CLI tries its four hosts in turn, as long as they answer 404."""
    for _ in range(3):
        try:
            return _call(session, "POST", path, token=token, body=body)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
    return _call(session, "POST", path, token=token, body=body)


def _query(session: Session, text: str) -> Any:
    path = f"/services/data/v66.0/query?{urllib.parse.urlencode({'q': text})}"
    return _call(session, "GET", path, token=session.token)["records"]


def _call(
    session: Session, method: str, path: str, *, token: str = "", body: Any = None, cookie: bool = False
) -> Any:
    request = urllib.request.Request(
        session.url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    if cookie:
        request.add_header("Cookie", f"sid={session.token}")
    else:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def _fail(name: str, message: str, *, code: int = 1, data: Any = None) -> NoReturn:
    raise CliError(name, message, code=code, data=data)
