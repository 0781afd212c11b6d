"""An org that is read for longer than a token may last: it is logged in to again, once."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from wavegate.errors import RefusedError, ServiceError
from wavegate.release.manifest import Environment
from wavegate.salesforce.login import open_org
from wavegate.salesforce.org import Org

T = TypeVar("T")


class OrgConnection:
    """The org of an environment. connect: logs in again; None if that cannot be done."""

    def __init__(self, org: Org, connect: Callable[[], Org] | None = None) -> None:
        self.org = org
        self._connect = connect

    def call(self, read: Callable[[Org], T]) -> T:
        """What `read` returns. It only reads, since it may begin twice. ServiceError: the token is rejected."""
        try:
            return read(self.org)
        except RefusedError as refused:
            if refused.status != 401:
                raise
            if self._connect is None:
                raise ServiceError(refused.message, fix=refused.fix) from refused
        self.org, self._connect = self._connect(), None
        return self.call(read)


def connect_org(environment: Environment, *, root: Path) -> OrgConnection:
    """The org of an environment, logged in. root: of the checkout. InputError: nobody is logged in."""

    def connect() -> Org:
        return open_org(environment.org, root=root, expected=environment.expected_org)

    return OrgConnection(connect(), connect)
