"""A copy of wavegate that `act` can run, served under the name that consumers use."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.support.git import git, write

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = "0" * 40
"""The commit in the templates, which a consumer replaces with a release's commit."""
REFERENCE = "f" * 40
"""The commit under which the copy is served."""

_SERVED = ("action.yml", "launch.py", "requirements.lock", ".github/actions", ".github/workflows")
_LINKED = ("schemas", "src")
"""Folders of the copy that are links: `act` copies all of an action's repository for every step that uses it."""
_SELF = re.compile(r"(?m)^(\s*(?:-\s+)?uses:\s*)\$/(\S+)")
_QUEUE = re.compile(r"(?m)^[ ]*queue:.*\n")
_DEPLOYMENT = re.compile(r"(?m)^[ ]*deployment: (?:false|true).*\n")
_IN_ENVIRONMENT = re.compile(r"(?m)^    environment:\n      name: \$\{\{ (.+?) \}\}\n(?:    .*\n|\n)*")
_VARIABLE = re.compile(r"\bvars\.(SF_\w+)")
_SECRET = re.compile(r"\bsecrets\.([A-Za-z_][\w-]*)")


def down_level(workflow: str) -> str:
    """A workflow or action file without features that `act` does not support yet.

    A `$/` reference is written in full; `queue:` and an environment's `deployment:` are removed. `act` has no
    environments, so their variables and secrets are prefixed with the environment's name: `uat_SF_USERNAME`. Such a
    secret counts more than one that is passed, but reaches a called workflow only as `environments.py` passes it on.
    """
    workflow = _IN_ENVIRONMENT.sub(_with_own_values, workflow)
    workflow = _SELF.sub(rf"\1wavegate/wavegate/\2@{REFERENCE}", workflow)
    return _DEPLOYMENT.sub("", _QUEUE.sub("", workflow))


def _with_own_values(job: re.Match[str]) -> str:
    text = _VARIABLE.sub(lambda variable: f"vars[format('{{0}}_{variable[1]}', {job[1]})]", job[0])
    return _SECRET.sub(lambda name: f"(secrets[format('{{0}}_{name[1]}', {job[1]})] || {name[0]})", text)


def copy_product(folder: Path) -> Path:
    """A folder with this checkout's product, reduced to what `act` supports."""
    served, beside = folder / "served", folder / "linked"
    write(beside, _files(_LINKED))
    write(served, _files(_SERVED))
    for name in _LINKED:
        (served / name).symlink_to(beside / name)
    return served


def _files(names: Iterable[str]) -> dict[str, bytes]:
    listing = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *names).decode()
    return {name: _served(ROOT / name) for name in listing.split("\0") if name and (ROOT / name).is_file()}


def _served(source: Path) -> bytes:
    data = source.read_bytes()
    return down_level(data.decode()).encode() if source.suffix == ".yml" else data
