"""Untrusted text, made safe for the place where it is shown.

Manifests, results, transcripts, branch and file names come from strangers. One function a place:
a log line, a Markdown text or table cell, a Markdown code span, a branch name.
Workflow commands and outputs are escaped in `adapters.runner`.
"""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# bidi controls can show a reviewer another order than the one that is stored; zero-width characters hide text
_INVISIBLE = re.compile(r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$^=])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def clip(text: str, limit: int) -> str:
    """The text, at most limit characters, an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def visible(text: str) -> str:
    r"""The text with control, bidi, zero-width and lone surrogate characters shown as escapes (\n, \u202e)."""

    def show(match: re.Match[str]) -> str:
        return match.group().encode("unicode_escape").decode("ascii")

    text = _INVISIBLE.sub(show, _CONTROL.sub(show, text))
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str, limit: int = 500) -> str:
    """The text on one safe line of a log or terminal. A leading `::` cannot start a workflow command."""
    text = clip(visible(text), limit)
    # a runner reads `::name::` at a line's start and `##[name]` anywhere: a word joiner in between disarms both
    text = text.replace("##[", "#\u2060#[")
    return "\u2060" + text if text.lstrip().startswith("::") else text


def markdown(text: str, limit: int = 500) -> str:
    """The text as plain words in Markdown, a table cell included: no markup, link, mention, HTML or reference."""
    text = _MARKDOWN.sub(r"\\\1", clip(visible(text), limit).translate(_HTML).replace("&gt;", "&gt;"))
    # a zero-width word joiner after @ and within a URL scheme keeps GitHub from making a mention or link of it
    text = text.replace("@", "@\u2060").replace("://", ":\u2060//")
    return re.sub(r"(?i)\bwww\\\.", "www\u2060\\.", text)


def code(text: str, limit: int = 500) -> str:
    """The text as a Markdown code span, safe in a table cell: the HTML form, so backticks and pipes cannot end it."""
    escaped = clip(visible(text), limit).translate(_HTML)
    return "<code>" + escaped.replace("|", "&#124;").replace("@", "&#64;").replace("`", "&#96;") + "</code>"


def slug(text: str, limit: int = 60) -> str:
    """The text as one component of a branch or file name: ASCII letters, digits, `-`, `_` and `.`, never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-.")[:limit].strip("-.")
    return plain or "unnamed"
