"""An Apex class with the names of copies: of classes, and of the flows and prompt templates that it names.

Comments and business strings stay. Inside strings, only `createInterview('Flow')` and `FlexTemplate://Template` name
a component; a string that is the name of a copied class is a doubt.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wavegate.guardrails.metadata.apex_tokens import ApexToken, ApexTokens, tokens_of
from wavegate.pilot.sites.apex_code import is_string, is_type
from wavegate.pilot.sites.edits import TextEdit, edited

_TEMPLATE = re.compile(r"FlexTemplate://(\w+)", re.ASCII)
_INNER = re.compile(r"[.$]")
_QUERIES = frozenset({"select", "find"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ApexDoubt:
    """A place where the name of a copied class may mean something else. name: of the class. why: half a sentence."""

    name: str
    line: int
    why: str


@dataclass(frozen=True, kw_only=True)
class ApexNames:
    """New names by old ones. namespace: the project's own."""

    classes: Mapping[str, str]
    flows: Mapping[str, str]
    templates: Mapping[str, str]
    namespace: str = ""

    @cached_property
    def folded_classes(self) -> Mapping[str, str]:
        """The old names of classes by themselves in lower case."""
        return {name.lower(): name for name in self.classes}


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiedApex:
    """The text of a copy, which is right only without doubts. doubts: the first one about each class."""

    text: str
    doubts: tuple[ApexDoubt, ...]


def copied_apex(text: str, names: ApexNames, *, is_test: bool = False) -> CopiedApex:
    """The class with the names of the copies. is_test: it is a test, whose strings no user reaches."""
    reader = _ApexReader(text, names)
    edits = [*reader.code(), *reader.strings(is_test=is_test)]
    return CopiedApex(text=edited(text, edits), doubts=tuple(reader.doubts.values()))


class _ApexReader:
    """Finds the edits of one class, and its doubts."""

    def __init__(self, text: str, names: ApexNames) -> None:
        self.doubts: dict[str, ApexDoubt] = {}
        self._text = text
        self._code = tokens_of(text)
        self._tokens = ApexTokens(self._code)
        self._names = names
        self._classes = names.folded_classes

    def code(self) -> Iterator[TextEdit[str]]:
        for index, token in enumerate(self._code):
            if token.is_word and token.spelled in self._names.flows and self._is_interview(index):
                yield _edit(token, self._names.flows[token.spelled])
            elif token.is_word and (name := self._classes.get(token.folded)) and self._names_type(index, token, name):
                yield _edit(token, self._names.classes[name])

    def strings(self, *, is_test: bool) -> Iterator[TextEdit[str]]:
        interviews = set(self._created_interviews())
        for token in filter(is_string, self._code):
            content = token.spelled.strip("'")
            if token in interviews and (flow := self._names.flows.get(content)):
                yield TextEdit(begin=token.offset + 1, end=token.offset + 1 + len(content), new=flow)
                continue
            for match in _TEMPLATE.finditer(token.spelled):
                if new := self._names.templates.get(match[1]):
                    yield TextEdit(begin=token.offset + match.start(1), end=token.offset + match.end(1), new=new)
            name = self._classes.get(_INNER.split(self._own(content).lower())[0])
            if name and not is_test:
                self._doubt(token, name, "is named in a string")

    def _names_type(self, index: int, token: ApexToken, name: str) -> bool:
        """Whether the token is the class. A doubt is kept."""
        if self._tokens.at(index - 1).folded == "." and not self._follows_namespace(index):
            why = "is also the name of a member"
        elif token.spelled != name:
            why = f"is also written `{token.spelled}`"
        elif index in self._queried or not is_type(self._tokens, index):
            why = "may also be the name of a variable or method"
        else:
            return True
        self._doubt(token, name, why)
        return False

    @cached_property
    def _queried(self) -> frozenset[int]:
        """The tokens of queries, where a name is an object or a field, apart from values such as `:Class.VALUE`."""
        found: set[int] = set()
        for index, token in enumerate(self._code):
            if token.folded == "[" and self._tokens.folded(index + 1) in _QUERIES:
                inside = range(index + 1, self._tokens.closing(index))
                found.update(each for each in inside if self._tokens.folded(each - 1) != ":")
        return frozenset(found)

    def _follows_namespace(self, index: int) -> bool:
        space = self._names.namespace.lower()
        return bool(space) and self._tokens.at(index - 2).folded == space and self._tokens.at(index - 3).folded != "."

    def _is_interview(self, index: int) -> bool:
        """Whether it is the flow in `Flow.Interview.Name` or `Flow.Interview.namespace.Name`."""
        before = [self._tokens.at(at).folded for at in range(max(index - 6, 0), index)]
        space = self._names.namespace.lower()
        return before[-4:] == ["flow", ".", "interview", "."] or (
            bool(space) and before == ["flow", ".", "interview", ".", space, "."]
        )

    def _created_interviews(self) -> Iterator[ApexToken]:
        """The first strings in calls of `createInterview`, one of which is the flow."""
        for index, token in enumerate(self._code):
            if token.folded == "createinterview":
                yield from filter(is_string, self._code[index + 1 : index + 5])

    def _own(self, name: str) -> str:
        prefix = f"{self._names.namespace.lower()}."
        return name[len(prefix) :] if len(prefix) > 1 and name.lower().startswith(prefix) else name

    def _doubt(self, token: ApexToken, name: str, why: str) -> None:
        if name not in self.doubts:
            line = self._text.count("\n", 0, token.offset) + 1
            self.doubts[name] = ApexDoubt(name=name, line=line, why=why)


def _edit(token: ApexToken, new: str) -> TextEdit[str]:
    return TextEdit(begin=token.offset, end=token.offset + len(token.spelled), new=new)
