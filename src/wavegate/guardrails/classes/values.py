"""The class of each file that a commit changes, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.guardrails.diff.rules import ChangeClass

CLASS_WORDS = {
    ChangeClass.TUNABLE: "tunable",
    ChangeClass.CODE_REVIEW: "code review",
    ChangeClass.SECURITY_REVIEW: "security review",
}
"""The classes in words."""
_SITE = "https://wavegate.github.io/wavegate/how-to"


def class_page(change_class: ChangeClass) -> str:
    """The page that explains a class to an owner of an agent."""
    return f"{_SITE}/{change_class.value}/"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassReason:
    """Why a file has a class. rule: of a guardrail change, '' if the reason is the file's kind. line: from 1."""

    change_class: ChangeClass
    message: str
    rule: str = ""
    line: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifiedFile:
    """A changed file. reasons: the strictest first; never empty."""

    path: str
    reasons: tuple[ClassReason, ...]

    @property
    def change_class(self) -> ChangeClass:
        """The strictest class of the reasons."""
        return self.reasons[0].change_class


def strictest_first(files: Iterable[ClassifiedFile]) -> tuple[ClassifiedFile, ...]:
    """The files in the order of reports: by class, then by path."""
    return tuple(sorted(files, key=lambda each: (-each.change_class.weight, each.path)))


def strictest(files: Iterable[ClassifiedFile]) -> ChangeClass:
    """The class of a change of several files; tunable if there are none."""
    return max((each.change_class for each in files), key=lambda each: each.weight, default=ChangeClass.TUNABLE)
