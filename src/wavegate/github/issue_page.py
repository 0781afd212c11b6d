"""An issue that wavegate keeps: what it says, and how GitHub has it."""

from dataclasses import dataclass

import msgspec

from wavegate.github.managed_section import ManagedSection


class OwnIssue(msgspec.Struct, rename="camel"):
    """An issue. state: `OPEN` or `CLOSED`. viewer_did_author: whether the token's owner opened it."""

    number: int
    body: str
    url: str
    state: str
    viewer_did_author: bool

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self.state == "OPEN"


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuePage:
    """What an issue says. title: plain text. labels: beside `issues.LABEL`, for a new one."""

    title: str
    body: ManagedSection
    labels: tuple[str, ...] = ()
