"""The classes of a change as text, JSON, Markdown and findings."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice

from wavegate.findings.finding import Finding, Location, Severity
from wavegate.guardrails.classes.approval import ApprovalVerdict, ClassApprovals, RoleApproval
from wavegate.guardrails.classes.values import CLASS_WORDS, ClassifiedFile, ClassReason, class_page, strictest
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.text import code, link, one_line, pluralize, prose

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
_TEXT_FILES = 1_000
_TABLE_CHARACTERS = 50_000
"""Maximum characters of a table's rows. A comment on GitHub may have 65,536, and has more than the table."""
_VERDICTS = {
    ApprovalVerdict.PASS: "✅ **Approved** by every role that the class needs.",
    ApprovalVerdict.FAIL: "⏳ **Not approved** by every role that the class needs.",
    ApprovalVerdict.INCONCLUSIVE: "⚠️ **It cannot be determined** whether every role has approved.",
}


def classes_text(files: Sequence[ClassifiedFile], *, base: str, head: str) -> str:
    """Every file with its class and reasons. base, head: the commits."""
    between = f"{base[:12]} and {head[:12]}"
    if not files:
        return f"Class tunable: nothing differs between {between}."
    lines = [line for each in files[:_TEXT_FILES] for line in _text_lines(each)]
    if len(files) > _TEXT_FILES:
        lines.append(f"and {pluralize(len(files) - _TEXT_FILES, 'more file')}; --format json lists all")
    review = strictest(files)
    end = f"Class {review}: {pluralize(len(files), 'file')} between {between}. {_NEXT[review]} {class_page(review)}"
    return "\n".join([*lines, "", end])


def _text_lines(file: ClassifiedFile) -> Iterator[str]:
    yield f"{file.change_class:16} {one_line(file.path, 300)}"
    for each in islice(file.reasons, _REASONS):
        yield f"    {one_line(each.message, 400)}{f' ({each.rule}, line {each.line})' if each.rule else ''}"
    if len(file.reasons) > _REASONS:
        yield f"    and {len(file.reasons) - _REASONS} more"


def classes_json(
    files: Sequence[ClassifiedFile], *, base: str, head: str, approvals: ClassApprovals | None = None
) -> str:
    """One object: `schemas/change-classes.schema.json`. base, head: the commits, by full id."""
    values: dict[str, object] = {
        "schema": 1,
        "base": base,
        "head": head,
        "class": strictest(files).value,
        "page": class_page(strictest(files)),
        "files": [
            {
                "file": each.path,
                "class": each.change_class.value,
                "reasons": [_reason(reason) for reason in each.reasons],
            }
            for each in files
        ],
    }
    if approvals:
        values["approval"] = {
            "verdict": approvals.verdict.value,
            "doubt": approvals.doubt,
            "roles": [
                {
                    "role": each.role.name,
                    "owners": list(each.role.owners),
                    "approver": each.approver or None,
                    "doubt": each.doubt,
                }
                for each in approvals.roles
            ],
            "notCounted": list(approvals.not_counted),
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
    """A table of the files, the strictest first, that fits into a comment on GitHub."""
    review = strictest(files)
    shown = [
        f"| {_SIGNS[each.change_class]} {CLASS_WORDS[each.change_class]} | {code(each.path, 200)} | {_first(each)} |"
        for each in files[:_FILES]
    ]
    lengths = accumulate(len(each) + 1 for each in shown)
    rows = [each for each, length in zip(shown, lengths, strict=True) if length <= _TABLE_CHARACTERS]
    more = [f"\nand {pluralize(len(files) - len(rows), 'more file')}"] if len(files) > len(rows) else []
    page = link("What this class means", class_page(review))
    head = ["### Change class", "", f"{_SIGNS[review]} **{CLASS_WORDS[review]}**. {_NEXT[review]} {page}"]
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


def approvals_text(approvals: ClassApprovals) -> str:
    """Who has approved for which role, and what is missing, a line each."""
    lines = [f"Approval {approvals.verdict}: {_reason_of(approvals)}"]
    lines += [f"  {each.role.name}: {_state(each)}" for each in approvals.roles]
    lines += [f"  {each}" for each in approvals.not_counted[:_FILES]]
    return "\n".join(one_line(each, 600) for each in lines)


def _reason_of(approvals: ClassApprovals) -> str:
    missing = [each.role.name for each in approvals.roles if not each.approver]
    if approvals.doubt:
        return approvals.doubt
    if missing:
        return f"the newest commit needs the approval of {', '.join(missing)}."
    return "every role that the class needs has approved." if approvals.roles else "the class needs nobody's."


def _state(approval: RoleApproval) -> str:
    if approval.approver:
        return f"approved by {approval.approver}"
    return approval.doubt or f"waits for one of {', '.join(approval.role.owners)}"


def approvals_markdown(approvals: ClassApprovals) -> str:
    """The same as `approvals_text`, for a summary or a comment. Nobody is notified by it."""
    lines = ["### Approval", "", _VERDICTS[approvals.verdict]]
    if approvals.doubt:
        lines += ["", prose(approvals.doubt, 600)]
    if not approvals.roles and not approvals.doubt:
        lines[-1] = "✅ The class needs nobody's approval."
    rows = [f"| {code(each.role.name, 60)} | {prose(_state(each), 600)} |" for each in approvals.roles]
    if rows:
        lines += ["", "| Role | Approval |", "|---|---|", *rows]
    lines += [f"- {prose(each, 300)}" for each in ("", *approvals.not_counted[:10]) if each]
    return "\n".join(lines) + "\n"
