"""What an Apex class does: records that it reads and changes, what it calls, and as whom.

Statements are found by their words, outside of comments and strings. A variable's type is the one it is declared with
anywhere in the class. Every method counts, whichever an action calls.
Source: Salesforce's Apex Developer Guide and Apex Reference.
"""

from collections.abc import Callable, Iterable, Mapping

from wavegate.components.references.apex import read_apex
from wavegate.components.references.known_names import KnownNames
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.apex_tokens import ApexTokens, tokens_of
from wavegate.guardrails.model import Code, Effect

_DML: Mapping[str, tuple[Effect, ...]] = {
    "insert": (Effect.WRITES,),
    "update": (Effect.WRITES,),
    "upsert": (Effect.WRITES,),
    "undelete": (Effect.WRITES,),
    "delete": (Effect.DELETES,),
    "merge": (Effect.WRITES, Effect.DELETES),
}
_DATABASE: Mapping[str, tuple[Effect, ...]] = {
    **_DML,
    **{f"{word}{when}": effects for word, effects in _DML.items() for when in ("async", "immediate")},
    "convertlead": (Effect.WRITES,),
    "emptyrecyclebin": (Effect.DELETES,),
}
_QUERIES = frozenset({
    "query", "countquery", "getquerylocator", "querywithbinds", "countquerywithbinds", "getquerylocatorwithbinds",
})  # fmt: skip
_METHODS: Mapping[str, Mapping[str, Effect]] = {
    "eventbus": {"publish": Effect.WRITES},
    "approval": dict.fromkeys(("process", "lock", "unlock"), Effect.WRITES),
    "messaging": dict.fromkeys(
        ("sendemail", "sendemailmessage", "customnotification", "pushnotification"), Effect.SENDS
    ),
    "system": dict.fromkeys(("setpassword", "resetpassword"), Effect.WRITES),
    "site": dict.fromkeys(
        ("createexternaluser", "createportaluser", "createpersonaccountportaluser", "forgotpassword"), Effect.WRITES
    ),
    "webservicecallout": {"invoke": Effect.CALLS_OUT},
}
"""Effects of the platform's own methods, by class and method."""
_CALLOUTS = frozenset({"httprequest", "continuation", "externalservice"})
_ANY_OBJECT = frozenset({"sobject", "object"})
_READING = ("get", "search", "query", "list", "find", "describe", "generate", "is", "has")
_CODE = {"ApexClass": "apex", "Flow": "flow", "GenAiPromptTemplate": "generatePromptResponse"}


def read_class(text: str, name: str, path: str, known: KnownNames) -> Code:
    """A class. known: the names of the whole project, which it may call."""
    reader = _ClassReader(ApexTokens(tokens_of(text)))
    reader.read()
    source = read_apex(text, name, known)
    mentioned = {f"{_CODE[each.type]}://{each.name}" for each in source.mentions if each.type in _CODE}
    if any(each.type == "NamedCredential" for each in source.mentions):
        reader.effects.add(Effect.CALLS_OUT)
    return Code(
        id=f"apex://{name}",
        effects=frozenset(reader.effects),
        objects=frozenset(reader.objects),
        mode=reader.sharing(),
        calls=frozenset(mentioned | reader.calls),
        dynamic=reader.dynamic,
        location=_place(text, path, reader.declared_at),
        system_mode=reader.system_mode,
    )


def _place(text: str, path: str, offset: int) -> Location:
    return Location(path, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


class _ClassReader:
    """Collects the effects of one class, token by token."""

    def __init__(self, tokens: ApexTokens) -> None:
        self._tokens = tokens
        self._sharing: list[str] = []
        self.effects: set[Effect] = set()
        self.objects: set[tuple[Effect, str]] = set()
        self.calls: set[str] = set()
        self.dynamic = False
        self.system_mode = False
        self.declared_at = 0
        self._words: Mapping[str, Callable[[int], None]] = {
            **dict.fromkeys(_DML, self._dml),
            **dict.fromkeys(_METHODS, self._method),
            **dict.fromkeys(_CALLOUTS, self._callout),
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
            if token.folded == "[" and tokens.folded(index + 1) in ("select", "find"):
                self._touch(Effect.READS, tokens.queried(index))
                index = self._query(index)
            elif token.is_word and token.folded in self._words:
                self._words[token.folded](index)
            index += 1

    def sharing(self) -> str:
        """The sharing of the outermost class, or that of one inside it that has none."""
        if "without" in self._sharing:
            return "without sharing"
        return f"{self._sharing[0]} sharing" if self._sharing and self._sharing[0] else ""

    def _touch(self, effect: Effect, objects: Iterable[str]) -> None:
        self.effects.add(effect)
        self.objects.update((effect, each) for each in objects if each.lower() not in _ANY_OBJECT)

    def _query(self, index: int) -> int:
        """The position where a query ends. Its words are not statements, but may set the mode."""
        end = self._tokens.query_end(index)
        if any(self._tokens.folded(each) == "system_mode" for each in range(index, end)):
            self.system_mode = True
        return end

    def _follows_dot(self, index: int) -> bool:
        return self._tokens.folded(index - 1) == "."

    def _dml(self, index: int) -> None:
        if self._follows_dot(index) or self._tokens.folded(index + 1) in ("=", ";", ",", ")", ".", ":"):
            return
        start = index + 1
        if self._tokens.folded(start) == "as":
            self.system_mode |= self._tokens.folded(start + 1) == "system"
            start += 2
        for effect in _DML[self._tokens.folded(index)]:
            self._touch(effect, self._tokens.operand_types(start))

    def _database(self, index: int) -> None:
        method = self._tokens.folded(index + 2)
        if self._tokens.folded(index + 1) != "." or self._tokens.folded(index + 3) != "(":
            return
        if method in _QUERIES:
            self.effects.add(Effect.READS)
            self.dynamic |= self._tokens.folded(index + 4) != "["
        for effect in _DATABASE.get(method, ()):
            self._touch(effect, self._tokens.operand_types(index + 4))

    def _method(self, index: int) -> None:
        class_, method = self._tokens.folded(index), self._tokens.folded(index + 2)
        effect = _METHODS[class_].get(method)
        if effect and self._tokens.folded(index + 1) == ".":
            published = self._tokens.operand_types(index + 4) if class_ == "eventbus" else ()
            self._touch(effect, published)

    def _callout(self, _index: int) -> None:
        self.effects.add(Effect.CALLS_OUT)

    def _connect(self, index: int) -> None:
        """`ConnectApi.Class.method(`, which reads if its name says so."""
        method = self._tokens.folded(index + 4)
        if self._tokens.matches(index + 1, ".") and self._tokens.folded(index + 5) == "(" and method:
            self.effects.add(Effect.READS if method.startswith(_READING) else Effect.WRITES)

    def _search(self, index: int) -> None:
        if self._tokens.matches(index + 1, ".", "query"):
            self.effects.add(Effect.READS)
            self.dynamic = True

    def _builds(self, _index: int) -> None:
        self.dynamic = True

    def _as_system(self, _index: int) -> None:
        self.system_mode = True

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
        self.effects.add(Effect.UNKNOWN)
        self.dynamic = True

    def _interview(self, index: int) -> None:
        """`Flow.Interview.Name` or `Flow.Interview.createInterview('Name', …)`."""
        name = self._tokens.at(index + 2)
        if not self._tokens.matches(index - 2, "flow", ".") or self._tokens.folded(index + 1) != ".":
            return
        if name.folded != "createinterview":
            self.calls.add(f"flow://{name.spelled}")
        elif flow := self._literal(index + 6) or self._literal(index + 4):
            self.calls.add(f"flow://{flow}")
        else:
            self._unknown_call()

    def _invocable(self, index: int) -> None:
        """`Invocable.Action.createStandardAction('type')` or `….createCustomAction('type', 'Name')`."""
        method = self._tokens.folded(index + 4)
        if not self._tokens.matches(index + 1, ".", "action", ".") or not method.startswith("create"):
            return
        kind, name = self._literal(index + 6), self._literal(index + 8)
        if kind and method == "createstandardaction":
            self.calls.add(f"standardInvocableAction://{kind}")
        elif kind and name:
            self.calls.add(f"{kind}://{name}")
        else:
            self._unknown_call()

    def _type(self, index: int) -> None:
        """`Type.forName(…)` with a name that is computed."""
        if self._tokens.matches(index + 1, ".", "forname", "(") and not self._literal(index + 4):
            self._unknown_call()
