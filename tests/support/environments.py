"""GitHub environments for `act`, which has none: which of their secrets reach a called workflow.

On GitHub, they reach the jobs of the repository's own workflows, and those of a called workflow of the same owner, if
the caller passes them by name. In a called workflow of another owner, they are empty.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.support.consumer import NAME
from tests.support.git import git
from tests.support.product import down_level

OWNER = NAME.partition("/")[0]
MIRROR = f"{OWNER}/wavegate"
"""The consumer's own copy of wavegate."""
Secrets = Mapping[str, Mapping[str, str]]
"""Secrets by name, by the environment that has them."""

_JOB = re.compile(r"(?m)^  (?=[\w-]+:$)")
_USES = re.compile(r"(?m)^    uses: (\S+)")
_PASSED = re.compile(r"(?m)^      ([\w-]+): \$\{\{ secrets\.\1 \}\}.*\n")


def prefixed(secrets: Secrets) -> dict[str, str]:
    """The secrets by the name that they have for `act`, which writes names in capitals."""
    return {
        f"{environment}_{name}".upper(): value for environment, own in secrets.items() for name, value in own.items()
    }


def as_act_reads(repository: Path, folder: Path, secrets: Secrets) -> Path:
    """The repository, or a copy of it whose workflows `act` can run. folder: of the copy, which replaces an older."""
    found = sorted((repository / ".github" / "workflows").glob("*.yml"))
    texts = {path.relative_to(repository): path.read_bytes().decode() for path in found}
    changed = {path: new for path, text in texts.items() if (new := passed_on(down_level(text), secrets)) != text}
    if not changed:
        return repository
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(repository, folder, symlinks=True)
    for path, text in changed.items():
        (folder / path).write_bytes(text.encode())
    tracked = git(folder, "ls-files", "-z", "--", *map(str, changed)).decode().split("\0")
    git(folder, "update-index", "--assume-unchanged", "--", *filter(None, tracked))
    return folder


def passed_on(workflow: str, secrets: Secrets) -> str:
    """A workflow whose calls also pass on the environments' secrets of every name that they pass on themselves."""
    head, *jobs = _JOB.split(workflow)
    return "  ".join([head, *(_job(job, secrets) for job in jobs)])


def _job(job: str, secrets: Secrets) -> str:
    called = _USES.search(job)
    if called is None or not called[1].startswith(("./", f"{OWNER}/")):
        return job
    return _PASSED.sub(lambda passed: passed[0] + _more(passed[1], secrets), job)


def _more(name: str, secrets: Secrets) -> str:
    names = (f"{environment}_{name}" for environment, own in secrets.items() if name in own)
    return "".join(f"      {each}: ${{{{ secrets['{each}'] }}}}\n" for each in names)
