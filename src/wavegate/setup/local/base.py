"""Finds the text of an edited workflow as it was generated: what the team's edits and a new release started from."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.errors import WavegateError
from wavegate.git.process import Credentials, GitProcess
from wavegate.git.repository import Git
from wavegate.github.origin import GITHUB
from wavegate.setup.local.generated import ACTIONS, Generated, generate, is_unedited, read_header

FETCH_TIMEOUT = 120.0
"""Seconds for fetching one commit of wavegate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseSources:
    """Where a base is looked for, in this order.

    git: the consumer's repository, for its history. installed: wavegate's own workflows by name. server_url, token:
    of the repository's GitHub server.
    """

    git: Git
    installed: Mapping[str, str]
    server_url: str
    token: str


class UnknownBaseError(Exception):
    """No text was found that has the digest of the header. Its message says why, as a sentence."""


def find_base(path: str, header: Generated, sources: BaseSources) -> str:
    """The text that the header's digest is of. path: of the edited file. UnknownBaseError: there is none.

    A digest does not prove where a text came from; here it only shows that it is the one that was edited.
    """
    for data in sources.git.blobs(sources.git.versions(path)):
        text = _decode(data or b"")
        found = read_header(text)
        if found and found.digest == header.digest and is_unedited(text):
            return text
    if text := _generated(sources.installed.get(header.name, ""), header):
        return text
    if text := _generated(_fetch(header, sources), header):
        return text
    raise UnknownBaseError(f"{header.pin.repository} at {header.pin.commit} generates another text.")


def _generated(source: str, header: Generated) -> str:
    """The text that a source generates, if it has the header's digest; '' otherwise."""
    text = generate(header.name, source, header.pin)
    found = read_header(text)
    return text if source and found and found.digest == header.digest else ""


def _fetch(header: Generated, sources: BaseSources) -> str:
    """The source of the header's release, fetched from GitHub."""
    problems = []
    for server in _servers(header, sources.server_url):
        token = sources.token if server == sources.server_url else ""
        credentials = Credentials(server_url=server, token=token, repository=header.pin.repository)
        try:
            with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
                return _decode(_shown(GitProcess(Path(folder), credentials=credentials), credentials.source, header))
        except WavegateError as error:
            problems.append(error.message)
    raise UnknownBaseError(" ".join(problems))


def _servers(header: Generated, server_url: str) -> list[str]:
    """The servers that may have the release. wavegate itself may only be on github.com."""
    own = [server_url] if server_url else []
    public = header.pin.repository == ACTIONS and (not own or server_url.startswith("https:"))
    return list(dict.fromkeys([*own, *([GITHUB] if public else [])]))


def _shown(git: GitProcess, source: str, header: Generated) -> bytes:
    git.run("init", "--quiet", "--bare")
    options = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules")
    git.run("fetch", *options, source, header.pin.commit, timeout=FETCH_TIMEOUT)
    return git.run("cat-file", "blob", f"{header.pin.commit}:.github/workflows/{header.name}.yml")


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
