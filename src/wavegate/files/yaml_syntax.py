"""What a YAML parser complains about, in words and at a place that help a person mend it."""

import yaml

from wavegate.files.document import Document

_NO_YAML = (
    "This is not valid YAML.",
    "Check the indentation, quotes and brackets on this line and the one before it.",
)
_UNCLOSED = ("What opens here is never closed.", "Add the closing quote or bracket.")
_AFTER_VALUE = ("The value ended before this.", "Delete it, or put the whole text in quotes.")
_SYNTAX = {
    "mapping values are not allowed": (
        "A second `key: value` starts here, where YAML wants one.",
        "Check the indentation, and the colon of the line before. Text that holds `: ` needs quotes.",
    ),
    "could not find expected ':'": (
        "This line is no `key: value`.",
        "Add the colon and a space after it, or indent it as more text.",
    ),
    "unknown escape character": (
        "This backslash sequence means nothing in double quotes.",
        "Write `\\\\` for a backslash, or use single quotes.",
    ),
    "invalid Unicode character escape": ("This escape is no character.", "Write the character itself."),
    "',' or": ("The list or mapping in brackets goes wrong here.", "Add the missing comma or closing bracket."),
    "'-' indicator": ("A list goes on here without `- `.", "Start the item with `- `, or mend the indentation."),
    "expected key": ("This does not belong to the mapping above.", "Mend the indentation."),
    "<block end>": ("This does not belong to what is above.", "Mend the indentation."),
    "<document start>": ("The document ended before this.", "Keep one document in a file."),
    "node content": ("A value is missing here.", "Write the value, or delete what needs one."),
    "comment or line break": ("More text stands where the line has to end.", "Start the text on the next line."),
    "directive": ("This line means nothing here.", "Remove the line that starts with `%`."),
    "incompatible YAML": ("This YAML version is not supported.", "Remove the `%YAML` line."),
}
_STRAY = ("expected key", "<block end>")
"""Complaints about what stands after a value as well as about wrong indentation."""


def note_syntax(document: Document, error: yaml.YAMLError) -> None:
    """Note the finding for what made a parser give up."""
    if not isinstance(error, yaml.MarkedYAMLError):
        document.error("yaml/syntax", 0, *_NO_YAML)
        return
    problem, context, text = error.problem or "", error.context or "", document.text
    at = error.problem_mark.index if error.problem_mark else 0
    opened = error.context_mark.index if error.context_mark else at
    at_end = not text[at:].strip() or "unexpected document" in problem
    if at_end and ("flow" in context or "quoted" in context):
        document.error("yaml/syntax", opened, *_UNCLOSED)
    elif text[at : at + 1] == "\t":
        document.error("yaml/tab", at, "A tab stands where YAML wants spaces.", "Indent with spaces.")
    elif "cannot start any token" in problem or "alphabetic or numeric" in problem:
        document.error("yaml/syntax", opened, *_start_of_text(text[opened : opened + 1]))
    elif any(each in problem for each in _STRAY) and text[:at].rpartition("\n")[2].strip():
        document.error("yaml/syntax", at, *_AFTER_VALUE)
    else:
        words = next((words for known, words in _SYNTAX.items() if known in problem), _NO_YAML)
        document.error("yaml/syntax", opened if "could not find" in problem else at, *words)


def _start_of_text(sign: str) -> tuple[str, str]:
    shown = "a backtick" if sign == "`" else f"`{sign}`"
    return f"Text cannot start with {shown}.", "Put the text in quotes."
