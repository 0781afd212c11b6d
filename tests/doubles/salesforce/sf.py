"""A stand-in for the CLI, for tests that need speed: the real one takes seconds to start.

It knows `version`, `project convert source`, and asynchronous `project deploy start` and `quick`, of which it makes
the only request that matters: it uploads what is in the project's folder, and prints the CLI's JSON. The
commands about Agent Scripts are in `sf_scripts`.
"""

import io
import json
import os
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.doubles.salesforce.sf_convert import converted

BOUNDARY = "wavegate-double"


def install(folder: Path, *, node: str = "v24.0.0", says: str = "") -> Path:
    """Install an executable `sf` in a folder for the PATH. says: what it prints instead of starting a deployment."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "sf"
    root = Path(__file__).resolve().parents[3]
    version = json.dumps({"cliVersion": "@salesforce/cli/2.150.6", "nodeVersion": f"node-{node}"})
    # the most frequent command needs no module
    program.write_text(
        f"#!{sys.executable} -IS\nimport sys\nif sys.argv[1] == 'version':\n    print({version!r})\n    sys.exit()\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        f"from tests.doubles.salesforce.sf import main\nmain(sys.argv[1:], says={says!r})\n"
    )
    program.chmod(0o755)
    return folder


def main(arguments: list[str], *, says: str) -> None:
    """Do what the CLI does with these arguments, apart from its version."""
    given = dict(pairwise(arguments))
    if arguments[:2] == ["project", "convert"]:
        _convert(Path(given["--manifest"]), Path(given["--output-dir"]))
        return
    if says:
        print(says)
        return
    if arguments[0] == "agent":
        from tests.doubles.salesforce.sf_scripts import run_script  # the other commands start faster without

        run_script(arguments[1], given["--api-name"])
        return
    if arguments[2:3] == ["quick"]:
        _start(partial(_post_quick, given["--job-id"]))
        return
    upload = io.BytesIO()
    with zipfile.ZipFile(upload, "w") as archive:
        package, files = converted(Path(given["--manifest"]).read_text(), Path())
        archive.writestr("package.xml", package)
        for name, content in files.items():
            archive.writestr(name, content)
        if "--post-destructive-changes" in given:
            deletions = Path(given["--post-destructive-changes"]).read_text()
            archive.writestr("destructiveChangesPost.xml", deletions)
    options = {
        "rollbackOnError": True,
        "testLevel": given.get("--test-level"),
        "checkOnly": "--dry-run" in arguments,
        "runTests": [value for name, value in pairwise(arguments) if name == "--tests"],
    }
    _start(partial(_post, upload.getvalue(), options))


def _convert(manifest: Path, output: Path) -> None:
    package, files = converted(manifest.read_text(), Path())
    for name, content in {"package.xml": package.encode(), **files}.items():
        target = output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    print(json.dumps({"status": 0, "result": {"location": str(output)}}))


def _start(post: Callable[[], str]) -> None:
    """Print what the CLI prints of a job that a request started, or failed to start."""
    try:
        print(json.dumps({"status": 0, "result": {"id": post(), "status": "Queued"}}))
    except urllib.error.HTTPError as error:
        code = json.load(error)[0]["errorCode"]
        # the CLI has words of its own for a validation that cannot be deployed
        name = "CannotQuickDeployError" if code == "INVALID_ID_FIELD" else code
        print(json.dumps({"status": 1, "name": name, "message": "refused", "exitCode": 1}))
        sys.exit(1)
    except (OSError, ValueError) as error:
        print(json.dumps({"status": 1, "name": type(error).__name__, "message": "socket hang up", "exitCode": 10}))
        sys.exit(10)


def _post_quick(validation: str) -> str:
    return _request(json.dumps({"validatedDeployRequestId": validation}).encode(), "application/json")


def _post(package: bytes, options: Mapping[str, object]) -> str:
    parts = (("file", "application/zip", package), ("entity_content", "application/json", _options(options)))
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, kind, data in parts
    )
    return _request(body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}")


def _request(body: bytes, content_type: str) -> str:
    request = urllib.request.Request(
        f"{os.environ['SF_ORG_INSTANCE_URL']}/services/data/v67.0/metadata/deployRequest",
        data=body,
        headers={"Authorization": f"Bearer {os.environ['SF_TARGET_ORG']}", "Content-Type": content_type},
    )
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["id"])


def _options(options: Mapping[str, object]) -> bytes:
    return json.dumps({"deployOptions": options}).encode()
