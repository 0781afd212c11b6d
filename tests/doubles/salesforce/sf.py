"""A stand-in for the CLI, for tests that need speed: the real one takes seconds to start.

It knows `version`, `org login access-token`, `project convert source`, and asynchronous `project deploy start` and
`quick`, of which it makes the only request that matters: it uploads what is in the project's folder, and prints the
CLI's JSON. The commands about Agent Scripts are in `sf_scripts`, `project retrieve start` is in `sf_retrieve`.

The program on the PATH is a few lines of shell, which start in milliseconds. It passes its arguments to a server in
the tests' own process, where everything is imported already, and prints the reply.
"""

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from shlex import quote
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from tests.doubles.salesforce.sf_convert import converted
from tests.doubles.salesforce.sf_retrieve import retrieve
from tests.doubles.salesforce.sf_scripts import run_script
from tests.doubles.salesforce.sf_session import CliError, Session
from tests.doubles.salesforce.state import USERNAME

BOUNDARY = "wavegate-double"
PROGRAM = """\
#!/usr/bin/env bash
if [ "$1" = version ]; then
  echo {version}
  exit
fi
says={says}
if [ -n "$says" ] && [ "$1 $2" != "project convert" ]; then
  printf '%s\\n' "$says"
  exit
fi
saved=$HOME/stand-in-token
if [ "$1 $2 $3" = "org login access-token" ]; then
  printf '%s' "$SF_ACCESS_TOKEN" > "$saved"
  echo {login}
  exit
fi
token=$SF_TARGET_ORG
case $token in
  eyJ*) echo {no_org}; exit 1 ;;
  {username}) token=$(cat "$saved") ;;
esac
exec 3<>/dev/tcp/127.0.0.1/{port} || exit 70
printf '%s\\0' "$#" "$PWD" "$SF_ORG_INSTANCE_URL" "$token" "$@" >&3
read -r -u 3 code || exit 70
IFS= read -r -u 3 reply && printf '%s\\n' "$reply"
exit "$code"
"""


def install(folder: Path, *, node: str = "v24.0.0", says: str = "") -> Path:
    """Install an executable `sf` in a folder for the PATH. says: what it prints instead of starting a deployment."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "sf"
    version = json.dumps({"cliVersion": "@salesforce/cli/2.150.6", "nodeVersion": f"node-{node}"})
    login = json.dumps({"status": 0, "result": {"username": USERNAME}})
    # an org is named by an opaque token, or by a user name that the CLI knows; see `org/authInfo.js` of its core
    no_org = json.dumps({"status": 1, "name": "NoDefaultEnvError", "message": "No default environment found."})
    program.write_text(
        PROGRAM.format(
            version=quote(version),
            says=quote(says),
            port=_port(),
            login=quote(login),
            no_org=quote(no_org),
            username=USERNAME,
        )
    )
    program.chmod(0o755)
    return folder


@cache
def _port() -> int:
    """The port of the server in this process, which is started now if it does not run."""
    server = ThreadingTCPServer(("127.0.0.1", 0), _Connection)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class _Connection(StreamRequestHandler):
    def handle(self) -> None:
        count, folder, url, token = (self._word() for _ in range(4))
        arguments = [self._word() for _ in range(int(count))]
        code, reply = _outcome(Session(folder=Path(folder), url=url, token=token), arguments)
        # a client that was killed meanwhile does not read it
        with suppress(ConnectionError):
            self.wfile.write(f"{code}\n{json.dumps(reply)}\n".encode())

    def _word(self) -> str:
        word = b""
        while (byte := self.rfile.read(1)) not in (b"\0", b""):
            word += byte
        return word.decode()


def _outcome(session: Session, arguments: list[str]) -> tuple[int, dict[str, object]]:
    """The CLI's exit code and what it prints."""
    try:
        return 0, {"status": 0, "result": _run(session, arguments)}
    except CliError as error:
        return error.code, error.reply()


def _run(session: Session, arguments: list[str]) -> dict[str, object]:
    """Do what the CLI does with these arguments, apart from its version."""
    given = dict(pairwise(arguments))
    if arguments[:2] == ["project", "convert"]:
        return _convert(session, Path(given["--manifest"]), Path(given["--output-dir"]))
    if arguments[:2] == ["project", "retrieve"]:
        return retrieve(session, Path(given["--manifest"]), Path(given["--target-metadata-dir"]))
    if arguments[0] == "agent":
        return run_script(session, arguments[1], given["--api-name"])
    if arguments[2:3] == ["quick"]:
        return _start(partial(_post_quick, session, given["--job-id"]))
    upload = io.BytesIO()
    with zipfile.ZipFile(upload, "w") as archive:
        package, files = converted((session.folder / given["--manifest"]).read_text(), session.folder)
        archive.writestr("package.xml", package)
        for name, content in files.items():
            archive.writestr(name, content)
        if "--post-destructive-changes" in given:
            deletions = (session.folder / given["--post-destructive-changes"]).read_text()
            archive.writestr("destructiveChangesPost.xml", deletions)
    options = {
        "rollbackOnError": True,
        "testLevel": given.get("--test-level"),
        "checkOnly": "--dry-run" in arguments,
        "runTests": [value for name, value in pairwise(arguments) if name == "--tests"],
    }
    return _start(partial(_post, session, upload.getvalue(), options))


def _convert(session: Session, manifest: Path, output: Path) -> dict[str, object]:
    package, files = converted((session.folder / manifest).read_text(), session.folder)
    for name, content in {"package.xml": package.encode(), **files}.items():
        target = session.folder / output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {"location": str(output)}


def _start(post: Callable[[], str]) -> dict[str, object]:
    """What the CLI says of a job that a request started. CliError if it could not."""
    try:
        return {"id": post(), "status": "Queued"}
    except urllib.error.HTTPError as error:
        code = json.load(error)[0]["errorCode"]
        # the CLI has words of its own for a validation that cannot be deployed
        name = "CannotQuickDeployError" if code == "INVALID_ID_FIELD" else code
        raise CliError(name, "refused") from None
    except (OSError, ValueError) as error:
        raise CliError(type(error).__name__, "socket hang up", code=10) from None


def _post_quick(session: Session, validation: str) -> str:
    return _request(session, json.dumps({"validatedDeployRequestId": validation}).encode(), "application/json")


def _post(session: Session, package: bytes, options: Mapping[str, object]) -> str:
    settings = json.dumps({"deployOptions": options}).encode()
    parts = (("file", "application/zip", package), ("entity_content", "application/json", settings))
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, kind, data in parts
    )
    return _request(session, body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}")


def _request(session: Session, body: bytes, content_type: str) -> str:
    request = urllib.request.Request(
        f"{session.url}/services/data/v67.0/metadata/deployRequest",
        data=body,
        headers={"Authorization": f"Bearer {session.token}", "Content-Type": content_type},
    )
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["id"])
