"""Questions that show whether an org lets the login user do something, and that change nothing.

What the servers answer is known from public material alone, so an answer that fits neither yes nor no stays unknown.
"""

from wavegate.errors import RefusedError, ServiceError
from wavegate.salesforce.org import Org

_NO_RUN = "4KB000000000000AAA"
_NO_SUCH_ADDRESS = "The requested resource does not exist"
"""What an org says of an address that it does not know; of a record that it lacks it says more."""
_SESSIONS = 'SELECT "ssot__Id__c" FROM "ssot__AIAgentSession__dlm" LIMIT 1'


def may_run_tests(org: Org) -> bool:
    """Whether the Testing API answers the login user: asked for a run that cannot be, it says that there is none.

    ServiceError: it cannot be told.
    """
    try:
        org.get(f"/einstein/ai-evaluations/runs/{_NO_RUN}")
    except RefusedError as refused:
        if refused.status in (401, 403):
            return False
        if refused.detail == _NO_SUCH_ADDRESS:
            raise ServiceError(
                f"{org.host} does not say whether its Testing API is there.", fix="Run one smoke test by hand."
            ) from None
    return True


def traced_sessions(org: Org) -> int | None:
    """1 where a session was traced, 0 where none was yet; None where the org has nowhere to keep them.

    RefusedError: the login user may not ask. ServiceError: it cannot be told.
    """
    try:
        answer = org.post("/ssot/query-sql", {"sql": _SESSIONS}, repeatable=True)
    except RefusedError as refused:
        if refused.status in (400, 404):
            return None
        raise
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise ServiceError(f"{org.host} answered a query of sessions without rows.", fix="Run the command again.")
    return len(answer["data"][:1])
