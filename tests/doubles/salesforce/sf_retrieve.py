"""A stand-in for `sf project retrieve start --manifest … --target-metadata-dir … --single-package --unzip`.

It makes the two requests of the real CLI, and prints the same JSON: exit code 0 and status 0 whether the org's job
succeeded or failed, and no file after a failure.
Source: run with `@salesforce/cli` 2.150.6; tests/contract/test_salesforce_double.py holds both to the same result.
"""

import base64
import io
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.doubles.salesforce.package import NAMESPACE
from tests.doubles.salesforce.retrieves import members_of
from tests.doubles.salesforce.sf_session import CliError, Session

SPACE = NAMESPACE[1:-1]


def retrieve(session: Session, manifest: Path, output: Path) -> dict[str, object]:
    """Retrieve the manifest's members, and unzip what comes. The CLI's result, or CliError."""
    keys = members_of(ElementTree.fromstring((session.folder / manifest).read_bytes()))
    # it asks for an agent instead of its version
    asked = {("Bot", name.rpartition(".v")[0]) if kind == "BotVersion" else (kind, name) for kind, name in keys}
    types = "".join(f"<types><members>{escape(name)}</members><name>{kind}</name></types>" for kind, name in asked)
    job = _call(session, f"<retrieve><request><unpackaged>{types}</unpackaged></request></retrieve>")
    done = _call(
        session,
        f"<checkRetrieveStatus><asyncProcessId>{job.findtext(f'{NAMESPACE}id')}</asyncProcessId></checkRetrieveStatus>",
    )
    result: dict[str, Any] = {"fileProperties": [], "messages": []}
    for child in done:
        name = child.tag.removeprefix(NAMESPACE)
        if len(child):
            result[name].append({each.tag.removeprefix(NAMESPACE): each.text or "" for each in child})
        else:
            result[name] = {"true": True, "false": False}.get(child.text or "", child.text)
    if data := result.pop("zipFile", None):
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(data))) as archive:
            archive.extractall(session.folder / output / "unpackaged")
    return {**result, "zipFilePath": str(output / "unpackaged.zip"), "files": _failures(result["messages"])}


def _failures(messages: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [{"error": each["problem"], "problemType": "Error", "state": "Failed"} for each in messages]


def _call(session: Session, body: str) -> ElementTree.Element:
    text = (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{SPACE}"><s:Header><SessionHeader>'
        f"<sessionId>{escape(session.token)}</sessionId></SessionHeader></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    request = urllib.request.Request(f"{session.url}/services/Soap/m/67.0", data=text.encode())
    try:
        with urllib.request.urlopen(request) as response:
            found = ElementTree.fromstring(response.read()).find(f".//{NAMESPACE}result")
    except urllib.error.HTTPError as error:
        fault = ElementTree.fromstring(error.read())
        code, words = fault.findtext(".//faultcode", ""), fault.findtext(".//faultstring", "")
        raise CliError(code, words) from None
    except (OSError, ValueError) as error:
        raise CliError(type(error).__name__, "socket hang up", code=10) from None
    assert found is not None
    return found
