"""Turns a YAML parser's error into a message and a position that help to fix it."""

import yaml

from wavegate.files.document import Document

_NO_YAML = (
    "This is not valid YAML.",
    "Check the indentation, quotes and brackets on this line and the one before it.",
)
_UNCLOSED = ("The quote or bracket here is never closed.", "Add the closing quote or bracket.")
_AFTER_VALUE = ("There is extra text after the value.", "Delete it, or put the whole text in quotes.")
_SYNTAX = {
    "mapping values are not allowed": (
        "A second `key: value` starts here, where YAML allows only one.",
        "Check the indentation, and the colon on the line before. Text that contains `: ` needs quotes.",
    ),
    "could not find expected ':'": (
        "This line is not a `key: value` pair.",
        "Add a colon and a space after the key, or indent the line to continue the text above.",
    ),
    "unknown escape character": (
        "This backslash escape does not exist in double quotes.",
        "Write `\\\\` for a backslash, or use single quotes.",
    ),
    "invalid Unicode character escape": ("This escape is not a valid character.", "Write the character itself."),
    "',' or": ("A list or mapping in brackets is broken here.", "Add the missing comma or closing bracket."),
    "'-' indicator": ("The list continues without `- ` here.", "Start the item with `- `, or fix the indentation."),
    "expected key": ("This does not belong to the mapping above.", "Fix the indentation."),
    "<block end>": ("This does not belong to the value above.", "Fix the indentation."),
    "<document start>": ("There is extra text after the end of the document.", "Keep one document per file."),
    "node content": ("A value is missing here.", "Add the value, or delete the key or comma that needs it."),
    "comment or line break": ("There is extra text on this line.", "Start the text on the next line."),
    "directive": ("This directive is not supported.", "Remove the line that starts with `%`."),
    "incompatible YAML": ("This YAML version is not supported.", "Remove the `%YAML` line."),
}
_STRAY = ("expected key", "<block end>")
"""Errors that mean either extra text after a value or wrong indentation."""


def note_syntax(document: Document, error: yaml.YAMLError) -> None:
    """Add the finding for the error that stopped the parser."""
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
        document.error("yaml/tab", at, "There is a tab where YAML requires spaces.", "Indent with spaces.")
    elif "cannot start any token" in problem or "alphabetic or numeric" in problem:
        document.error("yaml/syntax", opened, *_start_of_text(text[opened : opened + 1]))
    elif any(each in problem for each in _STRAY) and text[:at].rpartition("\n")[2].strip():
        document.error("yaml/syntax", at, *_AFTER_VALUE)
    else:
        words = next((words for known, words in _SYNTAX.items() if known in problem), _NO_YAML)
        document.error("yaml/syntax", opened if "could not find" in problem else at, *words)


def _start_of_text(character: str) -> tuple[str, str]:
    shown = "a backtick" if character == "`" else f"`{character}`"
    return f"Text cannot start with {shown}.", "Put the text in quotes."
