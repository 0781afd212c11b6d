"""The files that a project's `.forceignore` excludes: the CLI does not deploy them, so no release contains them.

It has the syntax of a `.gitignore`: the last line that matches decides, and everything in an excluded folder stays
excluded. `?` and a class match one character; in git, they match one byte.
Source: gitignore(5) and git's wildmatch.c; the built-in lines of Salesforce's source-deploy-retrieve.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

FILE = ".forceignore"
_BUILT_IN = "**/*.dup\n**/.*\n**/package2-descriptor.json\n**/package2-manifest.json\n"

_MEMBER = r"\[:[^\]]*:\]|(?:\\.|[^\\])-(?:\\.|[^\\\]])|\\.|[^\\]"
_TOKEN = re.compile(
    rf"(?P<class>\[[!^]?+(?>{_MEMBER})(?>(?!\])(?:{_MEMBER}))*+\])|\\(?P<escaped>.)|(?P<stars>\*+)|(?P<any>\?)|(?P<plain>[^\\\[])",
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
    """One line.

    prefix: literal start of the path. segments: a pattern for each part after it; None matches any number of parts.
    folders: it matches only folders. keeps: it includes again what an earlier line excludes.
    """

    prefix: str
    segments: tuple[re.Pattern[str] | None, ...]
    folders: bool
    keeps: bool

    def matches(self, path: str) -> bool:
        """Whether the line matches the file or folder with this path."""
        if not path.startswith(self.prefix):
            return False
        parts = path[len(self.prefix) :].split("/")
        # the numbers of parts that the segments so far can match; a set, because backtracking could take forever
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
    """Whether the lines exclude a file, as a function of its path relative to the folder of the `.forceignore`."""
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
    """The rule of a line; None if it is a comment, empty, or can match nothing."""
    text = _without_trailing_spaces(line)
    pattern = text.removeprefix("!").removesuffix("/")
    if not pattern or text.startswith("#"):
        return None
    prefix = ""
    if "/" in pattern:
        pattern = pattern.removeprefix("/")
        # as in git: a `**` right after the prefix matches any parts, even in the middle of a name
        prefix = re.split(r"[*?\[\\]", pattern, maxsplit=1)[0]
    segments = _segments(pattern.removeprefix(prefix))
    if segments is None:
        return None
    # a pattern without a slash matches a name in any folder
    anywhere = () if "/" in text.removesuffix("/") else (None,)
    return _IgnoreRule(
        prefix=prefix,
        segments=(*anywhere, *segments),
        folders=text.endswith("/"),
        keeps=text.startswith("!"),
    )


def _without_trailing_spaces(line: str) -> str:
    characters = re.findall(r"\\?.", line, re.DOTALL)
    while characters and characters[-1] == " ":
        characters.pop()
    return "".join(characters)


def _segments(pattern: str) -> tuple[re.Pattern[str] | None, ...] | None:
    """Patterns of the parts of a path; None if nothing can match: an unclosed class, or a backslash at the end."""
    segments: list[list[str] | None] = [[""]]
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return None
        at = token.end()
        if (token["escaped"] or token["plain"]) == "/":
            segments.append([""])
        elif token["stars"]:
            _add_stars(segments, token["stars"], pattern[at:])
        elif (matcher := _matcher(token)) is None:
            return None
        elif (segment := segments[-1]) is not None:
            segment[-1] += matcher
    return tuple(None if segment is None else _compiled(segment) for segment in segments)


def _add_stars(segments: list[list[str] | None], stars: str, following: str) -> None:
    """Add stars: they match any characters of a name or, if several of them are the whole name, any parts."""
    segment = segments[-1]
    if segment == [""] and len(stars) > 1 and (not following or following.startswith(("/", "\\/"))):
        # before an escaped slash, it matches at least one part
        segments[-1:] = [["", ""], None] if following.startswith("\\") else [None]
    elif segment is not None:
        segment.append("")


def _compiled(chunks: Sequence[str]) -> re.Pattern[str]:
    """Matches a name with anything between the chunks, in linear time: a chunk's first match is always the best."""
    first, *others = chunks
    middle = "".join(f"(?>.*?{chunk})" for chunk in others[:-1])
    return re.compile(first + middle + (f".*{others[-1]}" if others else ""), re.DOTALL)


def _matcher(token: re.Match[str]) -> str | None:
    """A regular expression for one character; None for an unknown class."""
    if token["class"]:
        return _class(token["class"])
    return "." if token["any"] else re.escape(token["escaped"] or token["plain"])


def _class(written: str) -> str | None:
    """A character class as a regular expression; None if it contains an unknown class."""
    negated = written[1] in "!^"
    characters = ""
    for member in re.findall(_MEMBER, written[1 + negated : -1], re.DOTALL):
        if member.startswith("[:") and len(member) > 2:
            if member not in _NAMED:
                return None
            characters += _NAMED[member]
            continue
        low, *high = re.findall(r"\\?(.)", member, re.DOTALL)[::2]
        characters += re.escape(low)
        if high and low <= high[0]:
            characters += f"-{re.escape(high[0])}"
    return f"[{'^' if negated else ''}{characters}]"
