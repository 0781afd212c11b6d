"""A request, its reply, and the error of an attempt that got none."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one call may cost.

    attempt: seconds for one attempt, from the first packet to the last byte of the reply, redirects included.
    total: seconds for all attempts and the pauses between them; waits that a service asks for have their own budget.
    size: bytes of a reply once it is decompressed.
    """

    attempt: float
    total: float
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request. task: begins every error message about it, such as `GitHub could not create the branch`.

    repeatable: carrying it out twice has the same effect as carrying it out once.
    """

    method: str
    url: str
    task: str
    repeatable: bool
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One reply. headers: by lower-case name, decoded as Latin-1. body: decompressed. url: of the last redirect."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def is_failure(self) -> bool:
        """Whether the service failed or was too slow, so that it may have acted; another try may succeed.

        What is neither a success nor a failure is a refusal, or a redirect that was not followed.
        """
        return self.status < 200 or self.status >= 500 or self.status == 408


class NoReplyError(Exception):
    """An attempt got no usable reply; another one may. The message is a clause about the service, such as `HTTP 503`.

    acted: the service may have carried out the request. wait: seconds that it asks to wait, None if it states none.
    """

    def __init__(self, reason: str, *, acted: bool = True, wait: float | None = None) -> None:
        super().__init__(reason)
        self.acted = acted
        self.wait = wait
