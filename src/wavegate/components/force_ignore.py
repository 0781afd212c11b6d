"""The files that a project's `.forceignore` excludes: the CLI does not deploy them, so no release contains them.

Its lines are those of a `.gitignore`: the last one that matches decides, and what is in a folder that is left out
stays out. Source: gitignore(5) and git's wildmatch.c; the built-in lines of Salesforce's source-deploy-retrieve.
`?` and a class match one character, where git takes one byte.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

FILE = ".forceignore"
_BUILT_IN = "**/*.dup\n**/.*\n**/package2-descriptor.json\n**/package2-manifest.json\n"

_MEMBER = r"\[:[^\]]*:\]|(?:\\.|[^\\])-(?:\\.|[^\\\]])|\\.|[^\\]"
_TOKEN = re.compile(
    rf"(?P<class>\[[!^]?+(?>{_MEMBER})(?>(?!\])(?:{_MEMBER}))*+\])|\\(?P<escaped>.)|(?P<stars>\*+)|(?P<any>\?)|(?P<sign>[^\\\[])",
    re.DOTALL,
)
_NAMED = {
    "[:alnum:]": "0-9A-Za-z",
    "[:alpha:]": "A-Za-z",
    "[:blank:]": " \t",
    "[:cntrl:]": "\0-\x1f\x7f",
    "[:digit:]": "0-9",
    "[:graph:]": "!-~",
    "[:lower:]": "a-z",
    "[:print:]": " -~",
    "[:punct:]": "!-/:-@\\[-`{-~",
    "[:space:]": " \t-\r",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9A-Fa-f",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _IgnoreRule:
    """A line.

    prefix: how the path must begin. segments: a pattern for each part of what follows, None for any parts.
    keeps: takes back an earlier line.
    """

    prefix: str
    segments: tuple[re.Pattern[str] | None, ...]
    folders: bool
    keeps: bool

    def matches(self, path: str) -> bool:
        """Whether it is about the file or folder with this path."""
        if not path.startswith(self.prefix):
            return False
        parts = path[len(self.prefix) :].split("/")
        # how many parts the segments so far can take up; a set, since trying them one by one could take forever
        taken = {0}
        for number, segment in enumerate(self.segments, 1):
            if segment is None:
                least = min(taken) + (number == len(self.segments))
                taken = set(range(least, len(parts) + 1))
            else:
                taken = {each + 1 for each in taken if each < len(parts) and segment.fullmatch(parts[each])}
            if not taken:
                return False
        return len(parts) in taken


def ignored_by(text: str) -> Callable[[str], bool]:
    """Whether lines leave out a file. Its path is relative to the folder of the lines."""
    lines = (_BUILT_IN + text.removeprefix("\ufeff")).split("\n")
    rules = [rule for line in lines if (rule := _rule(line.removesuffix("\r")))]

    @cache
    def is_out(path: str, *, folder: bool) -> bool:
        parent = path.rpartition("/")[0]
        if parent and is_out(parent, folder=True):
            return True
        last = next((rule for rule in reversed(rules) if folder >= rule.folders and rule.matches(path)), None)
        return last is not None and not last.keeps

    return lambda path: is_out(path, folder=False)


def _rule(line: str) -> _IgnoreRule | None:
    """None where it is a comment, empty, or can match nothing."""
    text = _without_trailing_spaces(line)
    pattern = text.removeprefix("!").removesuffix("/")
    if not pattern or text.startswith("#"):
        return None
    prefix = ""
    if "/" in pattern:
        pattern = pattern.removeprefix("/")
        # as git does, so a `**` right behind the prefix stands for any parts, even in the middle of a name
        prefix = re.split(r"[*?\[\\]", pattern, maxsplit=1)[0]
    segments = _segments(pattern.removeprefix(prefix))
    if segments is None:
        return None
    # without a slash in it, it is about a name in whatever folder
    anywhere = () if "/" in text.removesuffix("/") else (None,)
    return _IgnoreRule(
        prefix=prefix,
        segments=(*anywhere, *segments),
        folders=text.endswith("/"),
        keeps=text.startswith("!"),
    )


def _without_trailing_spaces(line: str) -> str:
    signs = re.findall(r"\\?.", line, re.DOTALL)
    while signs and signs[-1] == " ":
        signs.pop()
    return "".join(signs)


def _segments(pattern: str) -> tuple[re.Pattern[str] | None, ...] | None:
    """Patterns of the parts of a path; None where nothing can match: an open class, or a backslash at the end."""
    segments: list[list[str] | None] = [[""]]
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return None
        at = token.end()
        if (token["escaped"] or token["sign"]) == "/":
            segments.append([""])
        elif token["stars"]:
            _add_stars(segments, token["stars"], pattern[at:])
        elif (matcher := _matcher(token)) is None:
            return None
        elif (segment := segments[-1]) is not None:
            segment[-1] += matcher
    return tuple(None if segment is None else _compiled(segment) for segment in segments)


def _add_stars(segments: list[list[str] | None], stars: str, following: str) -> None:
    """Any signs of a name; any parts, where several are the whole name."""
    segment = segments[-1]
    if segment == [""] and len(stars) > 1 and (not following or following.startswith(("/", "\\/"))):
        # before an escaped slash it stands for one part at least
        segments[-1:] = [["", ""], None] if following.startswith("\\") else [None]
    elif segment is not None:
        segment.append("")


def _compiled(chunks: Sequence[str]) -> re.Pattern[str]:
    """A name with anything between the chunks. In linear time: the first place where a chunk fits is the best."""
    first, *others = chunks
    middle = "".join(f"(?>.*?{chunk})" for chunk in others[:-1])
    return re.compile(first + middle + (f".*{others[-1]}" if others else ""), re.DOTALL)


def _matcher(token: re.Match[str]) -> str | None:
    """A regular expression of one sign; None where there is no such class."""
    if token["class"]:
        return _class(token["class"])
    return "." if token["any"] else re.escape(token["escaped"] or token["sign"])


def _class(written: str) -> str | None:
    """A class of signs as a regular expression; None where it names a class that there is not."""
    negated = written[1] in "!^"
    signs = ""
    for member in re.findall(_MEMBER, written[1 + negated : -1], re.DOTALL):
        if member.startswith("[:") and len(member) > 2:
            if member not in _NAMED:
                return None
            signs += _NAMED[member]
            continue
        low, *high = re.findall(r"\\?(.)", member, re.DOTALL)[::2]
        signs += re.escape(low)
        if high and low <= high[0]:
            signs += f"-{re.escape(high[0])}"
    return f"[{'^' if negated else ''}{signs}]"
