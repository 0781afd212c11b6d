"""What a name that stands for a copied component becomes in a copy, by how it is written there.

Each method takes the text as written and returns the new text, or None where the text stays. Names are compared
exactly: a name in other case is never rewritten, and the check of the finished copy then finds it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wavegate.components.component import AGENT_TYPES, ComponentId, own_local_name
from wavegate.components.references.collector import APEX_TYPE, CALLS

_CLASS_END = re.compile(r"[.$]")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNames:
    """components: the copy of each copied component. agents: of each copied agent, by API name.

    local: of topics and actions that planner bundles define. namespace: the project's own.
    """

    components: Mapping[ComponentId, ComponentId]
    agents: Mapping[str, str]
    local: Mapping[str, str]
    namespace: str = ""

    def name(self, types: Iterable[str], text: str) -> str | None:
        """A plain name, with or without the project's namespace."""
        own = own_local_name(text, self.namespace)
        found = (self._one(type_, own) for type_ in types)
        new = next((each for each in found if each), None)
        return text[: len(text) - len(own)] + new if new else None

    def local_name(self, types: Iterable[str], text: str) -> str | None:
        """A topic or action that the planner defines itself, else one with a file of its own."""
        return self.local.get(text) or self.name(types, text)

    def call(self, kind: str, text: str) -> str | None:
        """What an action calls: `Class`, `Class.method`, `Service.operation` or a plain name."""
        if kind not in CALLS:
            return None
        name, rest = (text, "") if kind == "flow" else _split(text, ".")
        return _joined(self.name((CALLS[kind],), name), rest)

    def address(self, text: str) -> str | None:
        """`scheme://name`."""
        kind, separator, name = text.partition("://")
        new = self.call(kind, name) if separator else None
        return new and f"{kind}://{new}"

    def class_type(self, text: str) -> str | None:
        """A class or a class in it: `Class.Inner`, `Class$Inner`."""
        end = _CLASS_END.search(text)
        at = end.start() if end else len(text)
        return _joined(self.name(("ApexClass",), text[:at]), text[at:])

    def data_type(self, text: str) -> str | None:
        """`@apexClassType/c__Class$Inner` or `c__lightningType`."""
        if text.startswith(APEX_TYPE):
            rest = text.removeprefix(APEX_TYPE)
            new = self._with_default(("ApexClass",), *_split(rest, "$"))
            return new and APEX_TYPE + new
        return self._with_default(("LightningTypeBundle",), text, "")

    def agent(self, text: str) -> str | None:
        """Another agent: `agent://Name` or a plain name."""
        scheme, separator, name = text.rpartition("://")
        return _joined_before(scheme + separator, self.agents.get(name))

    def attribute(self, text: str) -> str | None:
        """`Topic.Action.parameter`. The parameter keeps its name."""
        parts = text.split(".")
        types = ("GenAiPlugin", "GenAiFunction")
        new = [self.local_name((type_,), part) or part for type_, part in zip(types, parts, strict=False)]
        result = ".".join((*new, *parts[len(new) :]))
        return result if len(parts) > 1 and result != text else None

    def _with_default(self, types: tuple[str, ...], text: str, rest: str) -> str | None:
        """A name that may have `c__`, the local namespace, in front of it."""
        name = text.removeprefix("c__")
        return _joined_before(text[: len(text) - len(name)], _joined(self.name(types, name), rest))

    def _one(self, type_: str, name: str) -> str | None:
        if type_ in AGENT_TYPES:
            return self.agents.get(name)
        new = self.components.get(ComponentId(type=type_, name=name))
        return new.name if new else None


def _split(text: str, separator: str) -> tuple[str, str]:
    name, found, rest = text.partition(separator)
    return name, found + rest


def _joined(name: str | None, rest: str) -> str | None:
    return name + rest if name else None


def _joined_before(start: str, name: str | None) -> str | None:
    return start + name if name else None
