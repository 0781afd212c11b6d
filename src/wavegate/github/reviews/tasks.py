"""The tasks of a review's issue: a list that people tick, each task with a hidden key that outlives every update."""

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from wavegate.text import clip, markdown

TASK_LIMIT = 400
"""Maximum characters of a task's words where they are shown again."""
_MAX_TASKS = 500
"""Maximum tasks of one issue that are read: nobody wrote more."""

_TASK = re.compile(r"[ \t]*[-*+][ \t]+\[([ xX])\][ \t]+(.*)")
_KEY = re.compile(r"[ \t]*<!-- wavegate:task ([0-9a-f]{12}) ([0-9]{4}-[0-9]{2}-[0-9]{2}) -->[ \t]*")
_SECTION = re.compile(r"(?=<!-- /?wavegate:review:)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_TAG = re.compile(r"</?(?:code|b|strong|em|i)>")
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(<[^<>\n]*>\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenTask:
    """A task as an issue has it. key: 12 hexadecimal digits. text: plain, untrusted. due: None if it names none."""

    key: str
    text: str
    done: bool
    due: date | None = None


def task_key(*parts: str) -> str:
    """The key of a task: the same for the same parts."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def task_line(text: str, *, key: str, due: date) -> str:
    """A task that is not done. text: Markdown, on one line."""
    return f"- [ ] {text} <!-- wavegate:task {key} {due.isoformat()} -->"


def read_tasks(body: str) -> tuple[WrittenTask, ...]:
    """The tasks of an issue's body, those that people added included; none of a code block."""
    return tuple(found for _, found in zip(range(_MAX_TASKS), _tasks(body), strict=False))


def _tasks(body: str) -> Iterator[WrittenTask]:
    # what people write around the section, such as a fence that they never close, does not hide its tasks
    for line in (line for part in _SECTION.split(body) for line in _outside_fences(part)):
        if found := _TASK.fullmatch(line):
            words, key, due = _parts(found[2])
            if text := plain_text(words):
                yield WrittenTask(key=key or task_key("own", text), text=text, done=found[1] != " ", due=due)


def _parts(words: str) -> tuple[str, str, date | None]:
    """Words, key and due date of a task's line; '' and None if nobody gave it a key."""
    found = _KEY.search(words)
    if found is None:
        return words, "", None
    try:
        due = date.fromisoformat(found[2])
    except ValueError:
        due = None
    return f"{words[: found.start()]} {words[found.end() :]}".strip(), found[1], due


def _outside_fences(body: str) -> Iterator[str]:
    fence = ""
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield line


def done_lines(body: str) -> dict[str, str]:
    """The lines of the tasks with a key that are ticked, by key."""
    lines = (line for part in _SECTION.split(body) for line in _outside_fences(part))
    found = ((_TASK.fullmatch(line), _KEY.search(line), line) for line in lines)
    return {key[1]: line.strip() for task, key, line in found if task and key and task[1] != " "}


def is_task_in(key: str, body: str) -> bool:
    """Whether a body has the task with that key."""
    return any(each[1] == key for each in _KEY.finditer(body))


def with_done(body: str, done: Collection[str]) -> str:
    """The body in which the tasks with these keys are ticked."""

    def tick(line: str) -> str:
        found = _TASK.fullmatch(line.rstrip("\r\n"))
        key = _KEY.search(line)
        if found and key and key[1] in done:
            return f"{line[: found.start(1)]}x{line[found.end(1) :]}"
        return line

    return "".join(map(tick, body.splitlines(keepends=True)))


def plain_text(words: str) -> str:
    """The words of a line of Markdown without its marks, clipped: to be escaped again wherever they are shown."""
    text = _TAG.sub("", _LINK.sub(r"\1", words))
    text = html.unescape(re.sub(r"\\([^\w\s])", r"\1", text)).replace("\u2060", "").replace("**", "")
    return clip(" ".join(text.split()), TASK_LIMIT)


def shown_again(task: WrittenTask) -> str:
    """A task's words as Markdown in which nothing is active, whatever somebody wrote into the issue."""
    return markdown(task.text, TASK_LIMIT)
