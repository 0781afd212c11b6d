"""The box in an expansion's pull request by which a person confirms that support is ready."""

import re

_MARK = "<!-- wavegate:support -->"
"""Finds the box again, however a person has rewritten its line."""
_BOX = re.compile(r"^[ \t>]*[-*+] \[([ xX])\][^\n]*" + re.escape(_MARK), re.MULTILINE)


def support_box(words: str) -> str:
    """The item of a list, unticked. words: Markdown on one line."""
    return f"- [ ] {words} {_MARK}"


def is_support_confirmed(body: str) -> bool:
    """Whether a pull request's description has the box, and a person ticked it; all of them, if it has several."""
    marks = _BOX.findall(body.replace("\r\n", "\n"))
    return bool(marks) and all(mark != " " for mark in marks)
