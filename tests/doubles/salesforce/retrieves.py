"""What the org returns of its metadata: one zip archive for a manifest, and a message for each thing it lacks.

Sources: Metadata API guide, `retrieve()`, RetrieveResult and RetrieveMessage; the words of a message, "Entity of type
'Layout' named 'XY Layout' cannot be found", in jwiesel/sfdcCommander issue 16, and the CLI's own pattern for them
(source-deploy-retrieve, `RetrieveResult.getFileResponses`). A flow is returned as its newest version, whichever is
active: docs.gearset.com, "Changes to Flows in v44 of the metadata API". An agent is returned with all its versions.
"""

import base64
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from tests.doubles.salesforce.flows import Flows
from tests.doubles.salesforce.package import NAMESPACE, Key, Package, belongs
from tests.doubles.salesforce.state import USER_ID, USERNAME, Records

_SPACE = NAMESPACE[1:-1]


class Retrievals:
    """The org's metadata as it returns it.

    files: contents by path, as they were deployed; of an agent, without its versions. versions: an agent's versions,
    by its name and theirs. unreadable: what the org says of a component that the user may not read. failure: code
    and message with which the next job fails.
    """

    def __init__(self, records: Records, flows: Flows) -> None:
        self.files: dict[str, bytes] = {}
        self.versions: dict[tuple[str, str], bytes] = {}
        self.unreadable: dict[Key, str] = {}
        self.failure: tuple[str, str] | None = None
        self.jobs: dict[str, list[Key]] = {}
        self._records = records
        self._flows = flows

    def take(self, package: Package, keys: Iterable[Key]) -> None:
        """Take the components that a job deployed."""
        for name, content in package.files.items():
            if any(belongs(name, key) for key in keys):
                if name.endswith(".bot"):
                    content = self._without_versions(PurePosixPath(name).stem, content)
                self.files[name] = content

    def remove(self, key: Key) -> None:
        """Forget a component that a job deleted."""
        for name in [name for name in self.files if belongs(name, key)]:
            del self.files[name]

    def _without_versions(self, agent: str, content: bytes) -> bytes:
        root = ElementTree.fromstring(content)
        for version in root.findall(f"{NAMESPACE}botVersions"):
            self.versions[agent, version.findtext(f"{NAMESPACE}fullName", "")] = ElementTree.tostring(version)
            root.remove(version)
        return ElementTree.tostring(root)

    def start(self, keys: list[Key]) -> str:
        """Accept a request for these members, and return the id of its job."""
        job = self._records.new_id("09S")
        self.jobs[job] = keys
        return job

    def result(self, job: str) -> dict[str, Any]:
        """The RetrieveResult of a job, which has ended by then."""
        if self.failure:
            (code, message), self.failure = self.failure, None
            return {"done": True, "errorMessage": message, "errorStatusCode": code, "id": job, "status": "Failed",
                    "success": False}  # fmt: skip
        found: dict[str, bytes] = {}
        properties, messages = [], []
        for key in self.jobs[job]:
            own = {} if key in self.unreadable else dict(self._returned(key))
            if own:
                found |= own
                properties.append(_properties(key, min(own)))
            else:
                missing = f"Entity of type '{key[0]}' named '{key[1]}' cannot be found"
                problem = self.unreadable.get(key, missing)
                messages.append({"fileName": "unpackaged/package.xml", "problem": problem})
        data = base64.b64encode(_zip(found)).decode()
        return {"done": True, "fileProperties": properties, "id": job, "messages": messages,
                "status": "Succeeded", "success": True, "zipFile": data}  # fmt: skip

    def _returned(self, key: Key) -> Iterator[tuple[str, bytes]]:
        for name, content in self.files.items():
            if belongs(name, key):
                if name.endswith(".bot"):
                    content = self._with_versions(PurePosixPath(name).stem, content)
                elif key[0] == "Flow":
                    content = self._newest(key[1], content)
                yield name, as_returned(content)

    def _with_versions(self, agent: str, content: bytes) -> bytes:
        root = ElementTree.fromstring(content)
        root.extend(ElementTree.fromstring(data) for (name, _), data in self.versions.items() if name == agent)
        return ElementTree.tostring(root)

    def _newest(self, name: str, content: bytes) -> bytes:
        flow = self._flows.definitions[name]
        status = b"Active" if flow.active == flow.latest else b"Draft"
        bare = re.sub(rb"<status>\w+</status>", b"", content)
        return re.sub(rb"</Flow>\s*$", b"<status>" + status + b"</status></Flow>", bare)


def members_of(unpackaged: ElementTree.Element) -> list[Key]:
    """The members that a request lists."""
    return [
        (types.findtext(f"{NAMESPACE}name", ""), member.text or "")
        for types in unpackaged.iter(f"{NAMESPACE}types")
        for member in types.iter(f"{NAMESPACE}members")
    ]


def as_returned(content: bytes) -> bytes:
    """A file in the org's form: elements by name, four spaces, no comments; other files as they were deployed."""
    root = _metadata(content)
    if root is None:
        return content
    _sort(root)
    ElementTree.register_namespace("", _SPACE)
    ElementTree.indent(root, "    ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _metadata(content: bytes) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(content) if content.startswith(b"<") else None
    except ElementTree.ParseError:
        return None


def _sort(element: ElementTree.Element) -> None:
    element[:] = sorted(element, key=lambda child: str(child.tag))
    if len(element):
        element.text = None
    for child in element:
        child.tail = None
        _sort(child)


def _properties(key: Key, name: str) -> dict[str, str]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "createdById": USER_ID, "createdByName": USERNAME, "createdDate": now,
        "fileName": f"unpackaged/{name}", "fullName": key[1], "id": "",
        "lastModifiedById": USER_ID, "lastModifiedByName": USERNAME, "lastModifiedDate": now,
        "manageableState": "unmanaged", "type": key[0],
    }  # fmt: skip


def _zip(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("package.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="{_SPACE}"/>\n')
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()
