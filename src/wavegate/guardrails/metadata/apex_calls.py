"""Which methods of which classes a method may call.

A call is matched by the name of the method. Its receiver's type is the one it is declared with; where that cannot be
seen, the call may be of every class that has a method of the name. An object that stands behind another type may be
called back by all of its methods.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from wavegate.guardrails.metadata.apex_members import FIELDS, ApexMembers
from wavegate.guardrails.metadata.apex_tokens import ApexTokens

OWN, UNKNOWN, ALL = "", "?", "*"
"""As a class: the one that calls, or one that cannot be seen. As a member: each of them."""


class ApexCall(NamedTuple):
    """A call. class_: folded name, OWN or UNKNOWN. member: folded name, or ALL. is_made: an object is made of it."""

    class_: str
    member: str
    is_made: bool = False


class CallReader:
    """Finds the calls in one file. classes: folded names of the project's classes."""

    def __init__(self, tokens: ApexTokens, members: ApexMembers, classes: Container[str]) -> None:
        self._tokens = tokens
        self._classes = classes
        self._has_supertypes = any(each.supertypes for each in members.types.values())

    def at(self, index: int) -> Iterator[ApexCall]:
        """The calls that the word at a position makes: of a method, of a constructor, of a class that it names."""
        folded = self._tokens.folded
        word, before = folded(index), folded(index - 1)
        if word in self._classes and before != ".":
            # naming a class runs what initializes it
            yield ApexCall(word, FIELDS)
        if word == "new":
            yield from self._made(index + 1)
        elif folded(index + 1) == "(":
            yield from self._called(index) if before == "." else [ApexCall(OWN, word)]
        if word == "forname" and before == "." and (name := self._tokens.at(index + 2).spelled).startswith("'"):
            yield ApexCall(name.strip("'").partition(".")[0].lower(), ALL)

    def _made(self, index: int) -> Iterator[ApexCall]:
        """`new Type(`, `new Outer.Inner(`; of a collection, nothing."""
        first, inner = self._tokens.folded(index), self._tokens.folded(index + 2)
        is_inner = self._tokens.folded(index + 1) == "."
        if first in self._classes:
            yield ApexCall(first, inner if is_inner else first, is_made=True)
        else:
            yield ApexCall(OWN, inner if is_inner else first, is_made=True)

    def _called(self, index: int) -> Iterator[ApexCall]:
        """`receiver.method(`."""
        method, receiver = self._tokens.folded(index), self._tokens.at(index - 2)
        is_first = self._tokens.folded(index - 3) != "."
        if not receiver.is_word:
            yield ApexCall(UNKNOWN, method)
        elif receiver.folded in ("this", "super"):
            yield ApexCall(OWN, method)
        elif receiver.folded in self._classes and is_first:
            yield ApexCall(receiver.folded, method)
        elif types := self._tokens.types.get(receiver.folded):
            yield from (ApexCall(each.lower(), method) for each in types)
            # a type of this file has its methods among the file's own
            yield ApexCall(OWN, method)
        elif not is_first or self._has_supertypes:
            yield ApexCall(UNKNOWN, method)
        else:
            # a class of the platform, or one inside of this file
            yield ApexCall(OWN, method)


class ApexResolver:
    """Resolves calls among classes that are known by their members, by folded name. names: as they are spelled."""

    def __init__(self, classes: Mapping[str, ApexMembers], names: Mapping[str, str]) -> None:
        self._classes = classes
        self._names = names

    def addresses(self, calls: Iterable[ApexCall], own: str) -> Iterator[str]:
        """The addresses of the members that a class may call: `apex://Class.method`. own: its folded name."""
        for call in calls:
            for class_, member in self._resolved(call, call.class_ or own):
                yield f"apex://{self._names[class_]}.{member}"

    def _resolved(self, call: ApexCall, class_: str) -> Iterator[tuple[str, str]]:
        if class_ == UNKNOWN:
            yield from ((each, call.member) for each in self._with_method.get(call.member, ()))
            return
        if class_ not in self._classes:
            return
        yield class_, FIELDS
        if call.is_made:
            yield from self._made(class_, call.member)
        elif call.member == ALL:
            yield from ((class_, each) for each in self._methods[class_])
        else:
            yield from ((each, call.member) for each in self._family(class_) if call.member in self._methods[each])

    def _made(self, class_: str, type_: str) -> Iterator[tuple[str, str]]:
        """The constructors of a type and its supertypes; all methods of one that may be called back."""
        made = self._classes[class_].types.get(type_)
        if made is None:
            return
        for each in _closed(class_, self._parents):
            yield each, FIELDS
            if each in self._methods[each]:
                yield each, each
        if type_ in self._methods[class_]:
            yield class_, type_
        if made.supertypes:
            yield from ((class_, each) for each in made.methods)

    @cached_property
    def _methods(self) -> Mapping[str, frozenset[str]]:
        return {
            name: frozenset(method for type_ in members.types.values() for method in type_.methods)
            for name, members in self._classes.items()
        }

    @cached_property
    def _with_method(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, methods in self._methods.items():
            for method in methods:
                found.setdefault(method, []).append(name)
        return {method: tuple(names) for method, names in found.items()}

    @cached_property
    def _parents(self) -> Mapping[str, frozenset[str]]:
        return {
            name: frozenset(word for type_ in members.types.values() for word in type_.supertypes)
            & self._classes.keys()
            for name, members in self._classes.items()
        }

    @cached_property
    def _children(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for name, parents in self._parents.items():
            for parent in parents:
                found.setdefault(parent, set()).add(name)
        return {name: frozenset(children) for name, children in found.items()}

    def _family(self, class_: str) -> frozenset[str]:
        """The class, what it inherits from, and what may stand behind it."""
        return _closed(class_, self._parents) | _closed(class_, self._children)


def _closed(start: str, links: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found, waiting = {start}, [start]
    while waiting:
        for each in links.get(waiting.pop(), frozenset()) - found:
            found.add(each)
            waiting.append(each)
    return frozenset(found)
