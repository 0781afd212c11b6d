"""What an Apex class does: records that it reads and changes, what it calls, and as whom.

Statements are found by their words, outside of comments and strings. A variable's type is the one it is declared with
anywhere in the class.
Source: Salesforce's Apex Developer Guide and Apex Reference.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from wavegate.components.references.apex import read_apex
from wavegate.components.references.known_names import KnownNames
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.apex_calls import ApexCall, CallReader
from wavegate.guardrails.metadata.apex_members import FIELDS, ApexMembers, members_of
from wavegate.guardrails.metadata.apex_tokens import ApexTokens, tokens_of
from wavegate.guardrails.metadata.apex_words import (
    CALLOUTS,
    DATABASE,
    DML,
    METHODS,
    NO_OBJECT,
    QUERIES,
    READING,
)
from wavegate.guardrails.model import Code, CodeMember, Effect

_CODE = {"ApexClass": "apex", "Flow": "flow", "GenAiPromptTemplate": "generatePromptResponse"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ApexClass:
    """A class as it is read alone. calls: of each member, to be resolved where all classes are known."""

    code: Code
    members: ApexMembers
    calls: Mapping[str, frozenset[ApexCall]]


def read_class(text: str, name: str, path: str, known: KnownNames) -> ApexClass:
    """A class. known: the names of the whole project, which it may call."""
    tokens = ApexTokens(tokens_of(text))
    members = members_of(tokens)
    reader = _ClassReader(tokens, members, known.of_type("ApexClass"))
    reader.read()
    source = read_apex(text, name, known)
    mentioned = {f"{_CODE[each.type]}://{each.name}" for each in source.mentions if each.type in _CODE}
    reader.found[FIELDS].calls |= {each for each in mentioned if not each.startswith("apex://")}
    found = {key: each.member(is_entry=key in members.entries) for key, each in reader.found.items()}
    code = Code(
        id=f"apex://{name}",
        effects=frozenset[Effect]().union(*(each.effects for each in found.values())),
        objects=frozenset[tuple[Effect, str]]().union(*(each.objects for each in found.values())),
        mode=reader.sharing(),
        calls=frozenset(mentioned).union(*(each.calls for each in found.values())),
        dynamic=any(each.dynamic for each in found.values()),
        location=_place(text, path, reader.declared_at),
        system_mode=any(each.system_mode for each in found.values()),
        members=found,
    )
    calls = {key: frozenset(each.class_calls) for key, each in reader.found.items()}
    return ApexClass(code=code, members=members, calls=calls)


def _place(text: str, path: str, offset: int) -> Location:
    return Location(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


@dataclass(kw_only=True, slots=True)
class _MemberSoFar:
    """What is found in one member so far. calls: addresses. class_calls: of members of classes."""

    effects: set[Effect] = field(default_factory=set)
    objects: set[tuple[Effect, str]] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    class_calls: set[ApexCall] = field(default_factory=set)
    dynamic: bool = False
    system_mode: bool = False

    def member(self, *, is_entry: bool) -> CodeMember:
        return CodeMember(
            effects=frozenset(self.effects),
            objects=frozenset(self.objects),
            calls=frozenset(self.calls),
            dynamic=self.dynamic,
            system_mode=self.system_mode,
            is_entry=is_entry,
        )


class _ClassReader:
    """Collects the effects of one class, token by token. found: by member."""

    def __init__(self, tokens: ApexTokens, members: ApexMembers, classes: Container[str]) -> None:
        self._tokens = tokens
        self._owners = members.owners
        self._calls = CallReader(tokens, members, classes)
        self._sharing: list[str] = []
        self.found: dict[str, _MemberSoFar] = {name: _MemberSoFar() for name in {FIELDS, *members.owners}}
        self._now = self.found[FIELDS]
        self.declared_at = 0
        self._words: Mapping[str, Callable[[int], None]] = {
            **dict.fromkeys(DML, self._dml),
            **dict.fromkeys(METHODS, self._method),
            **dict.fromkeys(CALLOUTS, self._callout),
            "class": self._class,
            "connectapi": self._connect,
            "database": self._database,
            "http": self._callout,
            "invocable": self._invocable,
            "interview": self._interview,
            "newsobject": self._builds,
            "getglobaldescribe": self._builds,
            "search": self._search,
            "system_mode": self._as_system,
            "type": self._type,
        }

    def read(self) -> None:
        """Go through the class once."""
        tokens, index = self._tokens, 0
        while index < len(tokens):
            token = tokens.at(index)
            self._now = self.found[self._owners[index]]
            if token.folded == "[" and tokens.folded(index + 1) in ("select", "find"):
                self._touch(Effect.READS, tokens.queried(index))
                index = self._query(index)
            elif token.is_word:
                self._now.class_calls.update(self._calls.at(index))
                if token.folded in self._words:
                    self._words[token.folded](index)
            elif token.folded.startswith("'") and "callout:" in token.folded.lower():
                self._callout(index)
            index += 1

    def sharing(self) -> str:
        """The sharing of the outermost class, or that of one inside it that has none."""
        if "without" in self._sharing:
            return "without sharing"
        return f"{self._sharing[0]} sharing" if self._sharing and self._sharing[0] else ""

    def _touch(self, effect: Effect, objects: Iterable[str]) -> None:
        self._now.effects.add(effect)
        self._now.objects.update((effect, each) for each in objects if each.lower() not in NO_OBJECT)

    def _query(self, index: int) -> int:
        """The position where a query ends. Its words are not statements, but may set the mode."""
        end = self._tokens.closing(index)
        for each in range(index, end):
            if self._tokens.folded(each) == "system_mode":
                self._now.system_mode = True
            if self._tokens.at(each).is_word:
                self._now.class_calls.update(self._calls.at(each))
        return end

    def _follows_dot(self, index: int) -> bool:
        return self._tokens.folded(index - 1) == "."

    def _dml(self, index: int) -> None:
        if self._follows_dot(index) or self._tokens.folded(index + 1) in ("=", ";", ",", ")", ".", ":"):
            return
        start = index + 1
        if self._tokens.folded(start) == "as":
            self._now.system_mode |= self._tokens.folded(start + 1) == "system"
            start += 2
        for effect in DML[self._tokens.folded(index)]:
            self._touch(effect, self._tokens.operand_types(start))

    def _database(self, index: int) -> None:
        method = self._tokens.folded(index + 2)
        if self._tokens.folded(index + 1) != "." or self._tokens.folded(index + 3) != "(":
            return
        if method in QUERIES:
            self._now.effects.add(Effect.READS)
            self._now.dynamic |= self._tokens.folded(index + 4) != "["
        for effect in DATABASE.get(method, ()):
            self._touch(effect, self._tokens.operand_types(index + 4))

    def _method(self, index: int) -> None:
        class_, method = self._tokens.folded(index), self._tokens.folded(index + 2)
        effect = METHODS[class_].get(method)
        if effect and self._tokens.folded(index + 1) == ".":
            published = self._tokens.operand_types(index + 4) if class_ == "eventbus" else ()
            self._touch(effect, published)

    def _callout(self, _index: int) -> None:
        self._now.effects.add(Effect.CALLS_OUT)

    def _connect(self, index: int) -> None:
        """`ConnectApi.Class.method(`, which reads if its name says so."""
        method = self._tokens.folded(index + 4)
        if self._tokens.matches(index + 1, ".") and self._tokens.folded(index + 5) == "(" and method:
            self._now.effects.add(Effect.READS if method.startswith(READING) else Effect.WRITES)

    def _search(self, index: int) -> None:
        if self._tokens.matches(index + 1, ".", "query"):
            self._now.effects.add(Effect.READS)
            self._now.dynamic = True

    def _builds(self, _index: int) -> None:
        self._now.dynamic = True

    def _as_system(self, _index: int) -> None:
        self._now.system_mode = True

    def _class(self, index: int) -> None:
        if self._follows_dot(index) or not self._tokens.at(index + 1).is_word:
            return
        before = index - 1
        while self._tokens.folded(before) in ("virtual", "abstract", "public", "private", "global", "protected"):
            before -= 1
        shared = self._tokens.folded(before) == "sharing"
        self._sharing.append(self._tokens.folded(before - 1) if shared else "")
        if len(self._sharing) == 1:
            self.declared_at = self._tokens.at(index).offset

    def _literal(self, index: int) -> str:
        """The text of a string at a position; '' if there is none."""
        token = self._tokens.at(index)
        return token.spelled.strip("'") if token.spelled.startswith("'") else ""

    def _unknown_call(self) -> None:
        self._now.effects.add(Effect.UNKNOWN)
        self._now.dynamic = True

    def _interview(self, index: int) -> None:
        """`Flow.Interview.Name` or `Flow.Interview.createInterview('Name', …)`."""
        name = self._tokens.at(index + 2)
        if not self._tokens.matches(index - 2, "flow", ".") or self._tokens.folded(index + 1) != ".":
            return
        if name.folded != "createinterview":
            self._now.calls.add(f"flow://{name.spelled}")
        elif flow := self._literal(index + 6) or self._literal(index + 4):
            self._now.calls.add(f"flow://{flow}")
        else:
            self._unknown_call()

    def _invocable(self, index: int) -> None:
        """`Invocable.Action.createStandardAction('type')` or `….createCustomAction('type', 'Name')`."""
        method = self._tokens.folded(index + 4)
        if not self._tokens.matches(index + 1, ".", "action", ".") or not method.startswith("create"):
            return
        kind, name = self._literal(index + 6), self._literal(index + 8)
        if kind and method == "createstandardaction":
            self._now.calls.add(f"standardInvocableAction://{kind}")
        elif kind and name:
            self._now.calls.add(f"{kind}://{name}")
        else:
            self._unknown_call()

    def _type(self, index: int) -> None:
        """`Type.forName(…)` with a name that is computed."""
        if self._tokens.matches(index + 1, ".", "forname", "(") and not self._literal(index + 4):
            self._unknown_call()
