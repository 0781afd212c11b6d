"""Makes untrusted text safe for the place where it is shown.

Manifests, results, transcripts, branch and file names come from strangers. There is one function per place:
a log line, a Markdown text or table cell, a Markdown code span, a branch name.
Workflow commands and outputs are escaped in `cli.actions`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from math import ceil, floor
from urllib.parse import quote, urlsplit

JOINER = "\u2060"
"""Word joiner: no width and no meaning, but it keeps GitHub from seeing a mention, reference, link or command."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKUP = re.compile(r"([\\`*_{}\[\]()+\-.!|~$^=])")
_REFERENCE = re.compile(r"@|#(?=\w)|:(?=//)|\bgh(?=-\d)|\bwww(?=\.)", re.IGNORECASE)
_COMMAND = re.compile(r"((?:^|[\r\n])[^\S\r\n]*)(?=::)")
_URL_LIMIT = 2000
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_CODE = str.maketrans({mark: f"&#{ord(mark)};" for mark in "|`@\\*_[]()!~$:."})


def clip(text: str, limit: int) -> str:
    """The text in at most limit characters; an ellipsis marks a cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def visible(text: str) -> str:
    r"""The text with every invisible character (control, bidi, zero-width, surrogate) escaped: \u202e.

    Bidi controls make text look reordered to a reviewer; zero-width characters hide text.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSEEN
        else character
        for character in text
    )


def one_line(text: str, limit: int = 500) -> str:
    """The text on one line of a log, where it cannot start a workflow command (`::name::`, `##[name]`)."""
    text = visible(clip(text, limit)).replace("##[", f"#{JOINER}#[")
    return JOINER + text if text.lstrip().startswith("::") else text


def plain(text: str, limit: int = 500) -> str:
    """The text on one line, for a title or commit message: mentions and references work there, Markdown does not."""
    return _REFERENCE.sub(lambda match: match.group() + JOINER, one_line(text, limit))


def markdown(text: str, limit: int = 500) -> str:
    """The text as plain words in Markdown, also in a table cell: no markup, link, mention, reference or HTML.

    GitHub finds mentions and references in the rendered text, so a backslash does not stop them; a joiner does.
    """
    text = _REFERENCE.sub(lambda match: match.group() + JOINER, visible(clip(text, limit)))
    text = _MARKUP.sub(r"\\\1", text).translate(_HTML)
    # headings and lists need their mark at the start of a line
    text = re.sub(r"^(\s*)(#|\d+(?=\\[.)]))", rf"\1{JOINER}\2", text)
    # and four spaces there make code
    return re.sub(r"^ {2,}", " ", text)


def prose(text: str, limit: int = 500) -> str:
    """A message of ours in Markdown, like `markdown`, but with the names that it has between backticks as code."""
    parts = clip(text, limit).split("`")
    # without its second backtick, the first one is text
    last = [] if len(parts) % 2 else [f"`{parts.pop()}"]
    shown = [code(part, limit) if index % 2 else markdown(part, limit) for index, part in enumerate(parts)]
    return "".join([*shown, *(markdown(part, limit) for part in last)])


def code(text: str, limit: int = 500) -> str:
    """The text as a Markdown code span, also in a table cell. It uses HTML, which no backtick or pipe can end.

    GitHub reads Markdown between HTML tags too, so its marks are written as character references.
    """
    return f"<code>{visible(clip(text, limit)).translate(_HTML).translate(_CODE)}</code>"


def link(text: str, url: str, limit: int = 500) -> str:
    """A Markdown link, also in a table cell. url: untrusted; if it is not a plain web address, the text alone.

    The target has no joiner, so that it can be clicked and copied. It is between angle brackets, and everything that
    could end it or the cell is percent-encoded. A user name before the host is refused: it would look like the host.
    """
    label = markdown(text, limit)
    target = web_address(url)
    return f"[{label}](<{target}>)" if target else label


def web_address(url: str) -> str:
    """An untrusted URL as the target of a link; '' if it is not a plain web address, without a user name."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return ""
    if not is_web or not url.isprintable() or " " in url or "\\" in url or len(url) > _URL_LIMIT:
        return ""
    return quote(url, safe="%/:=&?#+,;@~!-._")


def fenced(lines: Iterable[str], language: str = "", limit: int = 300) -> str:
    """The lines as a Markdown code block, each cut at the limit. The fence is longer than any fence in the lines."""
    shown = [visible(clip(line, limit)) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + language, *shown, fence])


def logged_json(text: str) -> str:
    """JSON text for a log: the same values, but no string contains a workflow command (`##[name]`)."""
    return text.replace("##[", r"#\u0023[")


def logged_lines(text: str) -> str:
    """Lines of a report for a log: none of them is a workflow command, even if a value was not escaped."""
    return _COMMAND.sub(rf"\1{JOINER}", text.replace("##[", f"#{JOINER}#["))


def slug(text: str, limit: int = 60) -> str:
    """The text as one component of a branch or file name: ASCII letters, digits, `-` and `_`, never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:limit].strip("-") or "unnamed"


def join_names(names: Sequence[str], most: int = 5) -> str:
    """The first few names, joined for a sentence: "`a`, `b` and 3 more"."""
    shown = [f"`{name}`" for name in names[:most]]
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def pluralize(number: int, noun: str) -> str:
    """A number with its noun: `1 run`, `2 runs`, `1,000 runs`. Regular plurals only."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(rate: float, *, beside: float = 1, down: bool = False) -> str:
    """A rate (0..1) in percent: one decimal, or more if it would otherwise look like 0, 1 or `beside`.

    down: round towards 0, so that a lower bound is never shown as more than it is.
    """
    for digits in (1, 2, 4, 6):
        text = _in_percent(rate, digits, down=down)
        if all(rate == other or text != f"{100 * other:.{digits}f}" for other in (0, beside, 1)):
            break
    return f"{text.rstrip('0').rstrip('.')} %"


def percent_up(rate: float) -> str:
    """A rate in percent with one decimal, rounded up: an upper bound is never shown as less than it is."""
    return percent(ceil(1000 * rate - 1e-9) / 1000)


def _in_percent(rate: float, digits: int, *, down: bool) -> str:
    # the tiny addition keeps a rate that is exact in decimal, such as 0.29, where floating point puts it just below
    shown = floor(100 * rate * 10**digits + 1e-6) / 10**digits if down else 100 * rate
    return f"{shown:.{digits}f}"
