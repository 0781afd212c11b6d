"""The files that a project's `.forceignore` excludes: the CLI does not deploy them, so no release contains them.

Its lines are those of a `.gitignore`: the last one that matches decides, and what is in a folder that is left out
stays out. Source: gitignore(5); the built-in lines of Salesforce's source-deploy-retrieve.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

FILE = ".forceignore"
_BUILT_IN = "**/*.dup\n**/.*\n**/package2-descriptor.json\n**/package2-manifest.json\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class _IgnoreRule:
    """A line. segments: a pattern for each part of a path, None for any parts. keeps: takes back an earlier one."""

    segments: tuple[re.Pattern[str] | None, ...]
    folders: bool
    keeps: bool

    def matches(self, parts: Sequence[str]) -> bool:
        """Whether it is about the file or folder with these parts."""
        # how many parts the segments so far can take up; a set, since trying them one by one could take forever
        taken = {0}
        for number, segment in enumerate(self.segments, 1):
            if segment is None:
                least = min(taken) + (number == len(self.segments))
                taken = set(range(least, len(parts) + 1))
            else:
                taken = {each + 1 for each in taken if each < len(parts) and segment.match(parts[each])}
            if not taken:
                return False
        return len(parts) in taken


def ignored_by(text: str) -> Callable[[str], bool]:
    """Whether lines leave out a file. Its path is relative to the folder of the lines."""
    rules = [rule for line in (_BUILT_IN + text).splitlines() if (rule := _rule(line))]

    @cache
    def is_out(path: str, *, folder: bool) -> bool:
        parent = path.rpartition("/")[0]
        if parent and is_out(parent, folder=True):
            return True
        parts = path.split("/")
        last = next((rule for rule in reversed(rules) if folder >= rule.folders and rule.matches(parts)), None)
        return last is not None and not last.keeps

    return lambda path: is_out(path, folder=False)


def _rule(line: str) -> _IgnoreRule | None:
    text = re.sub(r"(?<!\\) +$", "", line.removeprefix("\ufeff"))
    keeps = text.startswith("!")
    pattern = text.removeprefix("!").rstrip("/")
    if not pattern or text.startswith("#"):
        return None
    # without a slash in it, it is about a name in whatever folder
    anchored = pattern if "/" in pattern else f"**/{pattern}"
    segments = anchored.removeprefix("/").removeprefix("\\").split("/")
    return _IgnoreRule(
        segments=tuple(None if each == "**" else re.compile(translate(each.replace("\\", ""))) for each in segments),
        folders=text.endswith("/"),
        keeps=keeps,
    )
