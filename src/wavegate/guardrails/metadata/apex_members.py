"""Which method each token of an Apex file belongs to.

Methods of classes inside of it count as its own, and methods of one name as one.
Source: Salesforce's Apex Developer Guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.guardrails.metadata.apex_tokens import ApexTokens

FIELDS = ""
"""The member that holds fields, properties and initializers."""

_ENTRIES = frozenset({
    "invocablemethod", "auraenabled", "remoteaction", "httpget", "httppost", "httpput", "httppatch", "httpdelete",
})  # fmt: skip
_KINDS = frozenset({"class", "interface", "enum"})
_OPEN = frozenset({"interface", "abstract", "virtual"})


@dataclass(kw_only=True, slots=True)
class ApexType:
    """A class, interface or enum. supertypes: words behind `extends` and `implements`. methods: own ones, folded."""

    name: str
    supertypes: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApexMembers:
    """The methods of a file. owners: the method of each token, folded, or FIELDS. types: by folded name.

    entries: methods that actions, pages or web services call. is_open: others may stand behind one of its types.
    """

    owners: list[str]
    types: Mapping[str, ApexType]
    entries: frozenset[str]
    is_open: bool


class _Declaration:
    """What is known of the declaration that is being read."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.method = ""
        self.is_assigned = False
        self.is_entry = False
        self.type: ApexType | None = None


def members_of(tokens: ApexTokens) -> ApexMembers:
    """Read the declarations of a file, each class body once."""
    return _MemberReader(tokens).read()


class _MemberReader:
    def __init__(self, tokens: ApexTokens) -> None:
        self._tokens = tokens
        self._owners = [FIELDS] * len(tokens)
        self._types: dict[str, ApexType] = {}
        self._bodies: list[ApexType] = []
        self._entries: set[str] = set()
        self._now = _Declaration(0)

    def read(self) -> ApexMembers:
        index, is_open = 0, False
        while index < len(self._tokens):
            is_open = is_open or self._tokens.folded(index) in _OPEN
            index = self._step(index)
        return ApexMembers(owners=self._owners, types=self._types, entries=frozenset(self._entries), is_open=is_open)

    def _step(self, index: int) -> int:
        """Read one token, or all within brackets; the position of the next."""
        match self._tokens.folded(index):
            case "@":
                return self._annotation(index)
            case "(":
                before = self._tokens.at(index - 1)
                if before.is_word and not self._now.is_assigned and not self._now.type:
                    self._now.method = before.folded
                return self._tokens.closing(index) + 1
            case "=":
                self._now.is_assigned = True
            case "{":
                return self._brace(index)
            case "}":
                self._bodies[-1:] = []
                self._now = _Declaration(index + 1)
            case ";":
                self._now = _Declaration(index + 1)
            case word if word in _KINDS and self._tokens.folded(index - 1) != "." and not self._now.is_assigned:
                return self._type(index)
        return index + 1

    def _annotation(self, index: int) -> int:
        self._now.is_entry |= self._tokens.folded(index + 1) in _ENTRIES
        return self._tokens.closing(index + 2) + 1 if self._tokens.folded(index + 2) == "(" else index + 2

    def _type(self, index: int) -> int:
        """A type's header, up to its body."""
        name = self._tokens.at(index + 1)
        if not name.is_word:
            return index + 1
        self._now.type = self._types.setdefault(name.folded, ApexType(name=name.spelled))
        index += 2
        while self._tokens.at(index).is_word or self._tokens.folded(index) in (",", ".", "<", ">"):
            if self._tokens.at(index).is_word and self._tokens.folded(index) not in ("extends", "implements"):
                self._now.type.supertypes.add(self._tokens.folded(index))
            index += 1
        return index

    def _brace(self, index: int) -> int:
        """A type's body is read on; that of a method, property or initializer is passed over."""
        now = self._now
        if now.type:
            self._bodies.append(now.type)
            self._now = _Declaration(index + 1)
            return index + 1
        end = self._tokens.closing(index) + 1
        if now.is_assigned:
            return end
        if now.method:
            self._owners[now.start : end] = [now.method] * (min(end, len(self._owners)) - now.start)
            for type_ in self._bodies[-1:]:
                type_.methods.add(now.method)
            if now.is_entry:
                self._entries.add(now.method)
        self._now = _Declaration(end)
        return end
