"""The names of copies: the original's and `_Pilot`, within the platform's limits and without a clash."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from wavegate.components.component import COPY_SUFFIX, ComponentId, Project

LIMITS = {"ApexClass": 40}
"""Source: no public class has a longer name, although the field takes more."""
LIMIT = 80
"""Characters of every other API name. Source: the Salesforce CLI, which refuses a longer one for an agent."""
_DIGITS = 4
_ORG_ID = re.compile(r"_(?P<id>(?:16j|179)[A-Za-z0-9]{12})(?P<check>[A-Za-z0-9]{3})?$")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_MAX_ATTEMPTS = 100


def copy_name(name: str, *, limit: int = LIMIT, ending: str = COPY_SUFFIX, attempt: int = 0) -> str:
    """The name of a copy. One that would be too long is cut, and four digits of a hash tell it from others.

    attempt: above 0 for another name, where the first one is taken.
    """
    plain = name + ending
    if not attempt and len(plain) <= limit:
        return plain
    digits = _digits(f"{name} {attempt}" if attempt else name)
    cut = name[: limit - len(ending) - _DIGITS - 1].rstrip("_")
    return f"{cut}_{digits}{ending}"


def local_copy_name(name: str) -> str:
    """The name in a copy of a topic or action that a planner bundle defines itself.

    The id that an org appended becomes another one, so that the name without the id, which tests show, stays.
    """
    found = _ORG_ID.search(name)
    if not found:
        return copy_name(name)
    id_ = found["id"][:-_DIGITS] + _digits(found["id"])
    return f"{name[: found.start()]}_{id_}{_check(id_) if found['check'] else ''}"


class ChosenNames:
    """Chooses the names of the copies of one project, each for one original.

    occurs: whether a text is in a file that is copied, which would make the copy ambiguous.
    """

    def __init__(self, project: Project, occurs: Callable[[str], bool]) -> None:
        self._project = project
        self._occurs = occurs
        self._originals: dict[str, str] = {}
        self._taken: set[tuple[str, str]] = set()

    def choose(self, type_: str, name: str, *, ending: str = COPY_SUFFIX, own: str = "") -> str:
        """The name of the copy of a component. own: the first one to try, if it is not the usual one."""
        for attempt in range(_MAX_ATTEMPTS):
            usual = copy_name(name, limit=LIMITS.get(type_, LIMIT), ending=ending, attempt=attempt)
            new = usual if attempt else own or usual
            if self._is_free(type_, name, new):
                self._originals[new] = name
                self._taken.add((type_, new.casefold()))
                return new
        raise AssertionError(f"no free name for {type_}:{name}")

    def _is_free(self, type_: str, name: str, new: str) -> bool:
        exists = self._project.find(ComponentId(type=type_, name=new)) or (type_, new.casefold()) in self._taken
        another = self._originals.get(new, name) != name
        return not exists and not another and (new in self._originals or not self._occurs(new))


def chosen_local_names(names: Iterable[str]) -> Mapping[str, str]:
    """New names of the topics and actions that planner bundles define themselves, by their own."""
    return {name: local_copy_name(name) for name in sorted(names)}


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _check(id_: str) -> str:
    """The last 3 characters of an id of 18: they say which of the others are upper case."""
    parts = (id_[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECK[sum(char.isupper() << at for at, char in enumerate(part))] for part in parts)
