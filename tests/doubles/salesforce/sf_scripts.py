"""A stand-in for `sf agent validate authoring-bundle` and `sf agent publish authoring-bundle --skip-retrieve`.

It makes the requests of the real CLI in its order, apart from those of the login and from the deployment that links
the bundle in the org to its version, which is the real CLI's last step and which nothing of wavegate reads.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

AUTHORING = "/einstein/ai-agent/v1.1/authoring"


def run_script(task: str, name: str) -> None:
    """Validate or publish the bundle of that name in the current folder's project, and print the CLI's JSON."""
    found = sorted(Path.cwd().rglob(f"aiAuthoringBundles/{name}/{name}.agent"))
    if not found:
        _fail("AABNotFound", f"Cannot find an authoring bundle named '{name}' in the project.")
    try:
        _requests(task, found[0].read_text())
    except urllib.error.HTTPError as error:
        name = "AgentApiNotFound" if error.code == 404 else f"ERROR_HTTP_{error.code}"
        _fail(name, error.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        _fail("TypeError", "fetch failed", code=10)
    print(json.dumps({"status": 0, "result": {"success": True, "botDeveloperName": name}}))


def _requests(task: str, text: str) -> None:
    token = _call("GET", "/agentforce/bootstrap/nameduser", cookie=True)["access_token"]
    compiled = _compile(token, text)
    if task == "validate":
        return
    compiled = _compile(token, text)
    name = compiled["globalConfiguration"]["developerName"]
    known = _query(f"SELECT Id FROM BotDefinition WHERE DeveloperName='{name}'")  # noqa: S608
    path = f"{AUTHORING}/agents" + (f"/{known[0]['Id']}/versions" if known else "")
    body = {"agentDefinition": compiled, "instanceConfig": {"endpoint": os.environ["SF_ORG_INSTANCE_URL"]}}
    answer = _service(path, token, body)
    if not answer["botVersionId"]:
        _fail("CreateAgentJsonError", answer["errorMessage"])
    _query(f"SELECT DeveloperName, VersionNumber FROM BotVersion WHERE Id='{answer['botVersionId']}'")  # noqa: S608


def _compile(token: str, text: str) -> Any:
    asset = {"type": "AFScript", "name": "AFScript", "content": text}
    body = {"assets": [asset], "afScriptVersion": "2.0.0"}
    answer = _service(f"{AUTHORING}/scripts", token, body)
    if answer["status"] != "success":
        errors = answer["errors"]
        text = "\n".join(f"{each['errorType']}: {each['description']}" for each in errors)
        _fail("CompileAgentScriptError", text, data={"errors": errors})
    return answer["compiledArtifact"]


def _service(path: str, token: str, body: Any) -> Any:
    """One request to the authoring service. The CLI tries its four hosts in turn, as long as they answer 404."""
    for _ in range(3):
        try:
            return _call("POST", path, token=token, body=body)
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
    return _call("POST", path, token=token, body=body)


def _query(text: str) -> Any:
    path = f"/services/data/v66.0/query?{urllib.parse.urlencode({'q': text})}"
    return _call("GET", path, token=os.environ["SF_TARGET_ORG"])["records"]


def _call(method: str, path: str, *, token: str = "", body: Any = None, cookie: bool = False) -> Any:
    request = urllib.request.Request(
        os.environ["SF_ORG_INSTANCE_URL"] + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    if cookie:
        request.add_header("Cookie", f"sid={os.environ['SF_TARGET_ORG']}")
    else:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def _fail(name: str, message: str, *, code: int = 1, data: Any = None) -> NoReturn:
    print(json.dumps({"name": name, "message": message, "exitCode": code, "status": code, "data": data}))
    sys.exit(code)
