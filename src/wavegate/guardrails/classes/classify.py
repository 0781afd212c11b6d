"""The class of every changed file, by its kind and by what changes in it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from wavegate.files.source import Source
from wavegate.findings.finding import Location
from wavegate.guardrails.classes.beyond_rules import differing_parts
from wavegate.guardrails.classes.file_rules import MODELLED, class_by_kind, metadata_type
from wavegate.guardrails.classes.values import ClassifiedFile, ClassReason, strictest_first
from wavegate.guardrails.diff.areas.wording import acting_words
from wavegate.guardrails.diff.as_findings import direction_word
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.model import Guardrails
from wavegate.text import clip, join_names

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*|<!--.*?-->", re.DOTALL)
"""What a script or XML file says to people only. A text with such a mark keeps at least what is before it."""
_COMPARED = re.compile(
    r"^\s*(?:available when|require_user_confirmation:|filter_from_agent:|is_displayable:|is_used_by_planner:)[^\n]*"
    r"|<(isConfirmationRequired|isDisplayable|isUsedByPlanner)>[^<]*</\1>",
    re.MULTILINE,
)
"""Lines whose every effect is compared by rules, by truth and not by words."""
_REVIEWERS = frozenset({"CODEOWNERS", "docs/CODEOWNERS"})
ReleaseReason = Callable[[str, bytes | None, bytes | None], ClassReason | None]
"""Why a manifest or pack has its class, by its path and both contents; None for another file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _CommitFiles:
    """One side. contents: of the changed files that can be read. present: all paths. modelled: those with a fact."""

    contents: Mapping[str, bytes]
    present: frozenset[str]
    modelled: frozenset[str]

    def understands(self, path: str) -> bool:
        """Whether a file is not there, or something in it was compared."""
        return path not in self.present or path in self.modelled


def classify_files(
    changed: Sequence[str],
    sources: tuple[Source, Source],
    guardrails: tuple[Guardrails, Guardrails],
    changes: Iterable[GuardrailChange],
    release_reason: ReleaseReason,
) -> tuple[ClassifiedFile, ...]:
    """The class of each changed file, the strictest first. changes: those between the two commits' guardrails.

    A file that did not change is there if what it says means something else now.
    """
    by_file: dict[str, list[GuardrailChange]] = defaultdict(list)
    for each in changes:
        for file in {place.file for place in (each.before, each.after) if place}:
            by_file[file].append(each)
    before, after = (
        _CommitFiles(
            contents=source.read(changed),
            present=frozenset(source.paths()),
            modelled=frozenset(_files(rails)),
        )
        for source, rails in zip(sources, guardrails, strict=True)
    )
    files = [
        ClassifiedFile(
            path=path,
            reasons=_ordered(
                [
                    *map(_by_rule, by_file[path]),
                    _by_kind(path, before, after, release_reason, by_file[path]),
                ]
            ),
        )
        for path in changed
    ]
    own = frozenset(changed)
    files += [
        ClassifiedFile(path=path, reasons=_ordered(map(_by_rule, by_file[path]))) for path in by_file.keys() - own
    ]
    return strictest_first(files)


def outside_files(changed: Iterable[str]) -> tuple[ClassifiedFile, ...]:
    """The files outside of the project's folder that decide what runs and who reviews, each by its kind."""
    found = ((path, class_by_kind(path)) for path in changed if path.startswith(".github/") or path in _REVIEWERS)
    return tuple(
        ClassifiedFile(path=path, reasons=(ClassReason(change_class=kind.change_class, message=kind.message),))
        for path, kind in sorted(found)
    )


def _ordered(reasons: Iterable[ClassReason]) -> tuple[ClassReason, ...]:
    """The strictest first. What only says that nothing changes is left out beside what does."""
    found = sorted(reasons, key=lambda each: (-each.change_class.weight, each.line))
    return tuple(each for each in found if each.rule or each.change_class is not ChangeClass.TUNABLE) or tuple(found)


def _by_rule(change: GuardrailChange) -> ClassReason:
    place = change.after or change.before
    return ClassReason(
        change_class=change.change_class,
        message=f"{direction_word(change)}: {change.message}",
        rule=change.rule,
        line=place.line if place else 1,
    )


def _by_kind(
    path: str,
    before: _CommitFiles,
    after: _CommitFiles,
    release_reason: ReleaseReason,
    changes: Sequence[GuardrailChange],
) -> ClassReason:
    contents = before.contents.get(path), after.contents.get(path)
    for side, content in zip((before, after), contents, strict=True):
        if path in side.present and content is None:
            message = "It is a link, a submodule or a file that is too large, so it was not read."
            return ClassReason(change_class=ChangeClass.SECURITY_REVIEW, message=message)
    if reason := release_reason(path, *contents):
        return reason
    if metadata_type(path) in MODELLED and not (before.understands(path) and after.understands(path)):
        message = "Nothing of it was compared: it belongs to no agent, or to a version that is not live."
        return ClassReason(change_class=ChangeClass.CODE_REVIEW, message=message)
    if metadata_type(path) in MODELLED and None in contents:
        message = "The file is new, gone or renamed, so what is deployed changes."
        return ClassReason(change_class=ChangeClass.CODE_REVIEW, message=message)
    if metadata_type(path) in MODELLED and (parts := _not_compared(path, contents, changes)):
        shown = join_names([clip(each, 100) for each in parts])
        message = f"Parts that may bear on what the agent does differ, and no rule compares them: {shown}."
        return ClassReason(change_class=ChangeClass.CODE_REVIEW, message=message)
    found = class_by_kind(path)
    return ClassReason(change_class=found.change_class, message=found.message)


def _not_compared(
    path: str, contents: tuple[bytes | None, bytes | None], changes: Sequence[GuardrailChange]
) -> tuple[str, ...]:
    """What differs between a file's commits without a change that names it: words first, then other parts."""
    if any(each.change_class is not ChangeClass.TUNABLE for each in changes):
        return ()
    before, after = (each or b"" for each in contents)
    texts = [_COMPARED.sub("", _COMMENT.sub("", each.decode("utf-8", "replace"))) for each in (before, after)]
    named = [text for each in changes for text in (each.text_before, each.text_after)]
    words = acting_words(texts[0], texts[1], [*named, *(each.message for each in changes)])
    return (*words, *differing_parts(path, before, after, named))


def _files(value: object) -> Iterator[str]:
    """The files of all places in a value."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Location):
            yield each.file
        elif isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, tuple | frozenset):
            waiting += each
        elif is_dataclass(each) and not isinstance(each, type):
            waiting += [getattr(each, field.name) for field in fields(each)]
