"""Read-only git over HTTP, served by git's own server program."""

import base64
import binascii
import os
import re
import subprocess

from tests.doubles.github.state import State
from tests.doubles.github.trees import ENVIRONMENT
from tests.doubles.server import Reply, Request


def serve(state: State, request: Request) -> Reply | None:
    """The reply of `git http-backend` to a client that may read the contents; None if this is not a git request."""
    asked = re.fullmatch(rf"/{state.owner}/{state.name}(?:\.git)?/(info/refs|git-upload-pack)", request.path)
    if asked is None:
        return None
    token = state.tokens.get(_password(request.headers.get("authorization", "")))
    if token is None:
        return Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="GitHub"'})
    if not token.may("contents", "read"):
        return Reply(status=403, body=b"Write access to repository not granted.")
    variables = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(state.git.folder.parents[1]),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{state.owner}/{state.name}.git/{asked[1]}",
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=request.body, capture_output=True, env=variables, check=False
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in os.fsdecode(head).split("\r\n") if ": " in line)
    return Reply(status=int(headers.pop("Status", "200").split()[0]), body=body, headers=headers)


def _password(authorization: str) -> str:
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
