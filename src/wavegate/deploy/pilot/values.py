"""What a deployment does for a pilot with copies, and what it ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wavegate.ledger.pilot_access import AccessChange


class AccessMemory(Protocol):
    """Remembers whose access to a live agent was taken away. Both methods raise a WavegateError if they cannot."""

    def taken(self) -> Mapping[str, frozenset[str]]:
        """Ids of the users whose access is taken, by permission set."""

    def note(self, change: AccessChange, permission_set: str, users: Iterable[str]) -> None:
        """Remember a change of some users' access. users: ids."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Members:
    """People: the members of public groups, those who have a permission set, and further users by name."""

    groups: tuple[str, ...] = ()
    holders_of: tuple[str, ...] = ()
    users: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups or self.holders_of or self.users)


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiesRequest:
    """The copies that a deployment gives to a pilot's cohorts.

    agents: name of the copy by agent. without_live: whose access to the live agents is taken away while they have the
    copies. permission_sets: those that the cohorts get. reaching: as in the ledger's Pilot. manual: what a person
    does, one sentence each.
    """

    agents: Mapping[str, str]
    permission_set: str
    permission_sets: tuple[str, ...] = ()
    without_live: Members = field(default_factory=Members)
    reaching: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """Copies to take out of use. copies: their agents' names. permission_sets: generated for them.

    ends_pilot: whether the pilot is over, so that people get back their access to the live agents.
    """

    copies: tuple[str, ...]
    permission_sets: tuple[str, ...] = ()
    ends_pilot: bool = True
