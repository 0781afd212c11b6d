"""An org that is read for longer than a token may last: it is logged in to again, once."""

from collections.abc import Callable
from typing import TypeVar

from wavegate.errors import RefusedError, ServiceError
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
