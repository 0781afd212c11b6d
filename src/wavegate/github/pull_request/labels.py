"""One label of a family on a pull request, created with its colour if the repository does not have it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import msgspec

from wavegate.errors import RefusedError
from wavegate.github.client import GitHub
from wavegate.github.errors import Purpose

_READ = Purpose(doing="read the pull request's labels", permission="pull-requests: read")
_WRITE = Purpose(doing="label the pull request", permission="pull-requests: write")


@dataclass(frozen=True, kw_only=True, slots=True)
class PullLabel:
    """A label. color: six hexadecimal digits. description: at most 100 characters, GitHub's limit."""

    name: str
    color: str
    description: str


class _ReadLabel(msgspec.Struct):
    name: str


class _Done(msgspec.Struct):
    """A reply whose content does not matter."""


def set_label(
    github: GitHub, repository: str, number: int, label: PullLabel, family: Iterable[str]
) -> Literal["changed", "unchanged"]:
    """Give a pull request a label, and take the others of its family away. Other labels stay, whoever set them.

    family: names, with or without the label's own. A repository's own colour of a label is left alone. The new label
    is set before the former one goes, so that there is always one. RefusedError: the token may not.
    """
    path = f"/repos/{repository}/issues/{number}/labels"
    pages = github.pages(f"{path}?per_page=100", list[_ReadLabel], _READ)
    # GitHub compares labels without case
    present = {each.name.casefold(): each.name for page in pages for each in page}
    missing = label.name.casefold() not in present
    if missing:
        _create(github, repository, label)
        github.send("POST", path, {"labels": [label.name]}, list[_Done], _WRITE, repeatable=True)
    former = [
        present[name] for each in family if (name := each.casefold()) in present and name != label.name.casefold()
    ]
    for name in former:
        _remove(github, f"{path}/{quote(name, safe='')}")
    return "changed" if missing or former else "unchanged"


def _create(github: GitHub, repository: str, label: PullLabel) -> None:
    body = {"name": label.name, "color": label.color, "description": label.description}
    try:
        github.send("POST", f"/repos/{repository}/labels", body, _Done, _WRITE, repeatable=True)
    except RefusedError as error:
        if not (error.status == 422 and "already_exists" in error.detail):
            raise


def _remove(github: GitHub, path: str) -> None:
    try:
        github.send("DELETE", path, None, list[_Done], _WRITE, repeatable=True)
    except RefusedError as error:
        # somebody else took it away
        if error.status != 404:
            raise
