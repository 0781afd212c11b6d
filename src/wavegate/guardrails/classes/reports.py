"""The classes of a change as text, JSON, Markdown and findings."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from wavegate.findings.finding import Finding, Location, Severity
from wavegate.guardrails.classes.values import ClassifiedFile, ClassReason, strictest
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.text import code, one_line, pluralize, prose

_SIGNS = {ChangeClass.SECURITY_REVIEW: "🔴", ChangeClass.CODE_REVIEW: "🟡", ChangeClass.TUNABLE: "🟢"}
_RULES = {
    ChangeClass.SECURITY_REVIEW: "class/security-review",
    ChangeClass.CODE_REVIEW: "class/code-review",
    ChangeClass.TUNABLE: "class/tunable",
}
_NEXT = {
    ChangeClass.SECURITY_REVIEW: "Ask for a security review.",
    ChangeClass.CODE_REVIEW: "Ask for a code review.",
    ChangeClass.TUNABLE: "An administrator may make this change alone.",
}
_REASONS = 5
_FILES = 100


def classes_text(files: Sequence[ClassifiedFile], *, base: str, head: str) -> str:
    """Every file with its class and reasons. base, head: the commits."""
    between = f"{base[:12]} and {head[:12]}"
    if not files:
        return f"Class tunable: nothing differs between {between}."
    lines = [line for each in files for line in _text_lines(each)]
    return "\n".join([*lines, "", f"Class {strictest(files)}: {pluralize(len(files), 'file')} between {between}."])


def _text_lines(file: ClassifiedFile) -> Iterator[str]:
    yield f"{file.change_class:16} {one_line(file.path, 300)}"
    for each in islice(file.reasons, _REASONS):
        yield f"    {one_line(each.message, 400)}{f' ({each.rule}, line {each.line})' if each.rule else ''}"
    if len(file.reasons) > _REASONS:
        yield f"    and {len(file.reasons) - _REASONS} more"


def classes_json(files: Sequence[ClassifiedFile], *, base: str, head: str) -> str:
    """One object: `schemas/change-classes.schema.json`. base, head: the commits, by full id."""
    values = {
        "schema": 1,
        "base": base,
        "head": head,
        "class": strictest(files).value,
        "files": [
            {
                "file": each.path,
                "class": each.change_class.value,
                "reasons": [_reason(reason) for reason in each.reasons],
            }
            for each in files
        ],
    }
    return json.dumps(values, indent=2)


def _reason(reason: ClassReason) -> dict[str, str | int | None]:
    return {
        "class": reason.change_class.value,
        "rule": reason.rule or None,
        "line": reason.line if reason.rule else None,
        "message": reason.message,
    }


def classes_markdown(files: Sequence[ClassifiedFile]) -> str:
    """A table of the files, the strictest first."""
    review = strictest(files)
    rows = [
        f"| {_SIGNS[each.change_class]} {each.change_class} | {code(each.path, 200)} | {_first(each)} |"
        for each in files[:_FILES]
    ]
    more = [f"\nand {len(files) - _FILES} more files"] if len(files) > _FILES else []
    head = ["### Change class", "", f"{_SIGNS[review]} **{review}**. {_NEXT[review]}"]
    return "\n".join([*head, *(["", "| Class | File | Why |", "|---|---|---|", *rows] if rows else []), *more]) + "\n"


def _first(file: ClassifiedFile) -> str:
    more = f" and {len(file.reasons) - 1} more" if len(file.reasons) > 1 else ""
    return prose(file.reasons[0].message, 400) + more


def class_findings(files: Iterable[ClassifiedFile]) -> list[Finding]:
    """A finding for each file, at the line of its first reason."""
    return [
        Finding(
            rule=_RULES[each.change_class],
            severity=Severity.WARNING if each.change_class is ChangeClass.SECURITY_REVIEW else Severity.NOTICE,
            location=Location(file=each.path, line=each.reasons[0].line),
            message=" ".join(reason.message for reason in islice(each.reasons, _REASONS)),
            fix=_NEXT[each.change_class],
        )
        for each in files
    ]
