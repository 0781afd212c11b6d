"""Requests that show whether the login user may do something, without changing anything.

The responses are known only from public documentation, so one that means neither yes nor no counts as unknown.
"""

from wavegate.errors import RefusedError, ServiceError
from wavegate.salesforce.org import Org

_NO_RUN = "4KB000000000000AAA"
_NO_SUCH_ADDRESS = "The requested resource does not exist"
"""An org's message for an unknown address; its message for a missing record is longer."""
_SESSIONS = 'SELECT "ssot__Id__c" FROM "ssot__AIAgentSession__dlm" LIMIT 1'


def may_run_tests(org: Org) -> bool:
    """Whether the login user may use the Testing API, which is asked for a run that cannot exist.

    ServiceError: the response does not show it.
    """
    try:
        org.get(f"/einstein/ai-evaluations/runs/{_NO_RUN}")
    except RefusedError as refused:
        if refused.status in (401, 403):
            return False
        if refused.detail == _NO_SUCH_ADDRESS:
            raise ServiceError(
                f"{org.host} does not show whether it has the Testing API.", fix="Run one smoke test to find out."
            ) from None
    return True


def traced_sessions(org: Org) -> int | None:
    """1 if a session was traced, 0 if none was yet; None if the org has no object for them.

    RefusedError: the login user may not query them. ServiceError: the response does not show it.
    """
    try:
        answer = org.post("/ssot/query-sql", {"sql": _SESSIONS}, repeatable=True)
    except RefusedError as refused:
        if refused.status in (400, 404):
            return None
        raise
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise ServiceError(f"{org.host} answered a query for sessions without rows.", fix="Run the command again.")
    return len(answer["data"][:1])
