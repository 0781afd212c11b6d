"""The glob patterns of `replacements` in a `sfdx-project.json`.

Source: the CLI calls minimatch(absolute path, "**/" + glob) without options: braces count, and a leading dot matches
only a dot in the pattern.
"""

import re
from functools import cache

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_UNREAD = re.compile(r"[!?*+@]\(|\{[^{}]*\.\.[^{}]*\}")
"""Extended patterns and ranges: rare here, and taken to match every file."""
_MAX_ALTERNATIVES = 1000
_TOKEN = re.compile(r"\\(?P<escaped>.)|(?P<class>\[[!^]?\]?[^\]]*\])|(?P<any>\?)|(?P<plain>.)", re.DOTALL)

_Segments = tuple[re.Pattern[str] | None, ...]
"""A pattern for each name of a path; None matches any number of names without a leading dot."""


def matches_glob(path: str, glob: str) -> bool:
    """Whether the CLI applies a replacement with this glob to a file. path: POSIX, relative to the checkout.

    A pattern that wavegate cannot read counts as matching: the question is what a deployment may need.
    """
    alternatives = None if _UNREAD.search(glob) else _alternatives(glob)
    names = path.split("/")
    return alternatives is None or any(_matches(segments, names) for segments in alternatives)


@cache
def _alternatives(glob: str) -> tuple[_Segments, ...] | None:
    globs = [glob]
    while braces := next((found for text in globs if (found := _BRACES.search(text))), None):
        globs.remove(braces.string)
        start, end = braces.string[: braces.start()], braces.string[braces.end() :]
        globs += [start + choice + end for choice in braces[1].split(",")]
        if len(globs) > _MAX_ALTERNATIVES:
            return None
    try:
        return tuple(tuple(map(_segment, ("**", *text.split("/")))) for text in globs)
    except re.error:
        return None


def _segment(text: str) -> re.Pattern[str] | None:
    if text == "**":
        return None
    first, *others = (_TOKEN.sub(_matcher, chunk) for chunk in re.split(r"(?<!\\)\*+", text))
    # the first match of a chunk is always the best: an atomic group keeps hostile patterns from taking forever
    middle = "".join(f"(?>.*?{chunk})" for chunk in others[:-1])
    visible = "" if text.startswith((".", "\\.")) else r"(?!\.)"
    return re.compile(f"{visible}(?=.){first}{middle}" + (f".*{others[-1]}" if others else ""), re.DOTALL)


def _matcher(token: re.Match[str]) -> str:
    if token["class"]:
        negated = token["class"][1] in "!^"
        members = token["class"][1 + negated : -1].replace("\\", r"\\").replace("[", r"\[")
        return f"[{'^' if negated else ''}{members}]"
    return "." if token["any"] else re.escape(token["escaped"] or token["plain"])


def _matches(segments: _Segments, names: list[str]) -> bool:
    # the numbers of names that the segments so far can match; a set, because backtracking could take forever
    taken = {0}
    for segment in segments:
        if segment is None:
            reached = set()
            for start in taken:
                hidden = (at for at in range(start, len(names)) if names[at].startswith("."))
                reached |= set(range(start, next(hidden, len(names)) + 1))
            taken = reached
        else:
            taken = {at + 1 for at in taken if at < len(names) and segment.fullmatch(names[at])}
    return len(names) in taken
