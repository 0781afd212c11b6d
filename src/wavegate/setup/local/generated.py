"""The text of a local reusable workflow, and its header: where it came from, and its digest as it was generated."""

import hashlib
import re
from dataclasses import dataclass

from wavegate.setup.local.enterprise import for_enterprise_server

ACTIONS = "wavegate/wavegate"
FOLDER = ".github/workflows"
PREFIX = "wavegate-reusable-"
REPOSITORY_NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]*/[A-Za-z0-9_.-]+"
"""A pattern for `OWNER/REPO`."""
_ENTERPRISE = ", for GitHub Enterprise Server"
_SOURCE = re.compile(
    rf"# Generated from (?P<repository>{REPOSITORY_NAME})/\.github/workflows/(?P<name>[a-z][a-z-]*)\.yml"
    rf"@(?P<commit>[0-9a-f]{{40}}) v(?P<version>[0-9][0-9A-Za-z.+-]{{0,60}})(?P<enterprise>{_ENTERPRISE})?"
)
_DIGEST = re.compile(r"# sha256 ([0-9a-f]{64}) of this file as generated, without this line")
# whatever `generate` adds to a source is part of the digest: if it changes, an earlier release's text that was never
# committed cannot be generated again, and its edits cannot be merged
_ADVICE = "# Yours to edit, best at the comments that say so: `wavegate update` keeps your edits."
_ACTION = re.compile(r"(?m)^([ ]*(?:-[ ]+)?uses:[ ]*)\$(/[^\s#]*)")
_WORKFLOW = re.compile(r"/\.github/workflows/([a-z][a-z-]*)\.yml")


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionsPin:
    """The release of wavegate whose composite actions a local workflow calls.

    repository: `OWNER/REPO` that has the actions. commit, version: a full SHA, and a version without `v`.
    enterprise: whether the workflows are for a GitHub Enterprise Server.
    """

    commit: str
    version: str
    repository: str = ACTIONS
    enterprise: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """What the header of a local workflow says. name: of its source, such as `promote`. digest: of the whole text."""

    name: str
    pin: ActionsPin
    digest: str


def local_name(name: str) -> str:
    """File name of the local workflow that comes from `<name>.yml`."""
    return f"{PREFIX}{name}.yml"


def local_call(name: str) -> str:
    """How a job calls a local workflow. Every GitHub server knows `./`; only github.com knows the newer `$/`."""
    return f"./{FOLDER}/{local_name(name)} # zizmor: ignore[self-repository]"


def generate(name: str, source: str, pin: ActionsPin) -> str:
    """The local workflow of wavegate's own. name: such as `promote`. source: its text."""
    body = for_enterprise_server(source) if pin.enterprise else source
    body = _ACTION.sub(lambda match: match[1] + _reference(match[2], pin), body)
    where = f"{pin.repository}/.github/workflows/{name}.yml@{pin.commit} v{pin.version}"
    head = f"# Generated from {where}{_ENTERPRISE if pin.enterprise else ''}\n"
    rest = f"{_ADVICE}\n{body}"
    return f"{head}# sha256 {_sha256(head + rest)} of this file as generated, without this line\n{rest}"


def _reference(path: str, pin: ActionsPin) -> str:
    """What replaces `$<path>`: a file beside the local workflow, or an action by its commit."""
    if workflow := _WORKFLOW.fullmatch(path):
        return local_call(workflow[1])
    return f"{pin.repository}{path if path != '/' else ''}@{pin.commit} # v{pin.version}"


def read_header(text: str) -> Generated | None:
    """The header of a local workflow; None if the text has none. text: with line feeds, or those of Windows."""
    first, second, *_ = [*text.split("\n", 2), "", ""]
    source, digest = _SOURCE.fullmatch(first.removesuffix("\r")), _DIGEST.fullmatch(second.removesuffix("\r"))
    if not source or not digest:
        return None
    pin = ActionsPin(
        commit=source["commit"],
        version=source["version"],
        repository=source["repository"],
        enterprise=bool(source["enterprise"]),
    )
    return Generated(name=source["name"], pin=pin, digest=digest[1])


def split_header(text: str) -> tuple[str, str]:
    """The two lines of the header, and the rest. text: with line feeds, and a header."""
    first, second, rest = [*text.split("\n", 2), "", ""][:3]
    return f"{first}\n{second}\n", rest


def is_unedited(text: str) -> bool:
    """Whether a text with a header is what its header says: nobody has edited it. text: with line feeds."""
    header = read_header(text)
    source, _, more = text.partition("\n")
    _, _, rest = more.partition("\n")
    return header is not None and _sha256(f"{source}\n{rest}") == header.digest


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
