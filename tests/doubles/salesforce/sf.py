"""A stand-in for the CLI's `version` and `project deploy start --async`, for tests that start it a hundred times.

The real CLI takes seconds to start, so only a few tests use it. This one makes the only request that matters: it
uploads what the package manifest lists, and prints the CLI's JSON. `agent validate` and `agent publish` of a bundle
are in `sf_scripts`.
"""

import io
import json
import os
import re
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from tests.doubles.salesforce.package import FOLDERS
from tests.doubles.salesforce.sf_scripts import run_script

BOUNDARY = "wavegate-double"


def install(folder: Path, *, node: str = "v24.0.0", says: str = "") -> Path:
    """Install an executable `sf` in a folder for the PATH. says: what it prints instead of starting a deployment."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "sf"
    root = Path(__file__).resolve().parents[3]
    program.write_text(
        f"#!{sys.executable} -I\nimport sys\nsys.path.insert(0, {str(root)!r})\n"
        f"from tests.doubles.salesforce.sf import main\nmain(sys.argv[1:], node={node!r}, says={says!r})\n"
    )
    program.chmod(0o755)
    return folder


def main(arguments: list[str], *, node: str, says: str) -> None:
    """Do what the CLI does with these arguments."""
    if arguments[0] == "version":
        print(json.dumps({"cliVersion": "@salesforce/cli/2.150.6", "nodeVersion": f"node-{node}"}))
        return
    if says:
        print(says)
        return
    given = dict(pairwise(arguments))
    if arguments[0] == "agent":
        run_script(arguments[1], given["--api-name"])
        return
    upload = io.BytesIO()
    with zipfile.ZipFile(upload, "w") as archive:
        package = Path(given["--manifest"]).read_text()
        archive.writestr("package.xml", package)
        for name, content in _files(package).items():
            archive.writestr(name, content)
        if "--post-destructive-changes" in given:
            deletions = Path(given["--post-destructive-changes"]).read_text()
            archive.writestr("destructiveChangesPost.xml", deletions)
    options = {"rollbackOnError": True, "testLevel": given.get("--test-level")}
    try:
        print(json.dumps({"status": 0, "result": {"id": _post(upload.getvalue(), options), "status": "Queued"}}))
    except (OSError, ValueError) as error:
        print(json.dumps({"status": 1, "name": type(error).__name__, "message": "socket hang up", "exitCode": 10}))
        sys.exit(10)


def _files(package: str) -> dict[str, str]:
    """One file for each member; an agent's versions are in the agent's file.

    Only flows and prompt templates have their real content.
    """
    files: dict[str, str] = {}
    for types in re.findall(r"<types>(.*?)</types>", package, re.DOTALL):
        kind = re.findall(r"<name>(.*?)</name>", types)[0]
        for member in re.findall(r"<members>(.*?)</members>", types):
            if kind != "BotVersion":
                real = kind in ("Flow", "GenAiPromptTemplate")
                content = _source(FOLDERS[kind], member) if real else member
                files.setdefault(f"{FOLDERS[kind]}/{member}.{'bot' if kind == 'Bot' else 'xml'}", content)
    for agent, version in re.findall(r"<members>(\w+)\.(v\d+)</members>", package):
        # a version can be deployed without its agent, but it is still in the agent's file
        files.setdefault(f"bots/{agent}.bot", agent)
        files[f"bots/{agent}.bot"] += f"<botVersions><fullName>{version}</fullName></botVersions>"
    return files


def _source(folder: str, name: str) -> str:
    return next((path.read_text() for path in Path().rglob(f"{folder}/{name}.*-meta.xml")), name)


def _post(package: bytes, options: Mapping[str, object]) -> str:
    parts = (("file", "application/zip", package), ("entity_content", "application/json", _options(options)))
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, kind, data in parts
    )
    request = urllib.request.Request(
        f"{os.environ['SF_ORG_INSTANCE_URL']}/services/data/v67.0/metadata/deployRequest",
        data=body + f"--{BOUNDARY}--\r\n".encode(),
        headers={
            "Authorization": f"Bearer {os.environ['SF_TARGET_ORG']}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        },
    )
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["id"])


def _options(options: Mapping[str, object]) -> bytes:
    return json.dumps({"deployOptions": options}).encode()
