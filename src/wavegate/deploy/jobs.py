"""Deployment jobs of an org: reading one, waiting for one, and finding one whose id was lost.

A job continues in the org whatever happens to its client, so it is tracked by its id and never started twice.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from wavegate.components.component import ComponentId
from wavegate.deploy.rollout_values import ClassCoverage, ComponentFailure, DeployJob, TestFailure
from wavegate.errors import RefusedError, ServiceError
from wavegate.salesforce.org import Org, literal
from wavegate.text import one_line

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two polls of a job; each pause is 1.5 times as long as the one before."""
_MAX_NOTED = 200


def read_job(org: Org, job_id: str) -> DeployJob:
    """A job's current state. RefusedError: the org does not know it, or ended the login. ServiceError: no answer."""
    answer = org.get(f"/metadata/deployRequest/{job_id}", {"includeDetails": "true"})
    try:
        return _job(job_id, answer["deployResult"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServiceError(
            f"{org.host} described deployment {job_id} in an unexpected format.", fix="Run the command again."
        ) from None


def wait_for_job(
    org: Org,
    job_id: str,
    *,
    seconds: float,
    tell: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> DeployJob:
    """The job once it has ended, or its state when the time is up. tell: prints a line of progress."""
    end, pause, shown = clock() + seconds, FIRST_PAUSE, ""
    while True:
        job = read_job(org, job_id)
        if job.status != shown:
            shown = job.status
            tell(f"Deployment {job_id}: {shown}")
        left = end - clock()
        if job.ended or left <= 0:
            return job
        sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def newest_job(org: Org, user_id: str, *, since: datetime | None = None, check_only: bool = False) -> str | None:
    """The id of the newest deployment that a user started in the org; '' if there is none.

    since: an older one does not count. check_only: the newest validation instead of the newest deployment. None: the
    org does not let this user see them.
    """
    later = f" AND CreatedDate >= {since.isoformat(timespec='seconds')}" if since else ""
    # `literal` quotes the id
    where = f"CreatedById = {literal(user_id)} AND CheckOnly = {str(check_only).lower()}{later}"
    soql = f"SELECT Id FROM DeployRequest WHERE {where} ORDER BY CreatedDate DESC LIMIT 1"  # noqa: S608
    try:
        answer = org.get("/tooling/query", {"q": soql})
        return str(answer["records"][0]["Id"]) if answer["records"] else ""
    except (RefusedError, KeyError, TypeError):
        return None


def _job(job_id: str, result: dict[str, Any]) -> DeployJob:
    details = result.get("details") or {}
    done = _list(details.get("componentSuccesses"))
    shipped = [each for each in done if each.get("fullName") not in ("package.xml", "") and each.get("componentType")]
    changed = sum(any(_is(each.get(key)) for key in ("changed", "created", "deleted")) for each in shipped)
    test_result = details.get("runTestResult") or {}
    tests = _list(test_result.get("failures"))
    return DeployJob(
        id=job_id,
        status=one_line(str(result["status"]), 40),
        changed=changed,
        unchanged=len(shipped) - changed,
        components=frozenset(_component(each) for each in shipped),
        failures=tuple(_failure(each) for each in _list(details.get("componentFailures"))[:_MAX_NOTED]),
        test_failures=tuple(_test_failure(each) for each in tests[:_MAX_NOTED]),
        problem=one_line(str(result.get("errorMessage") or ""), 300),
        tests_run=_number(test_result.get("numTestsRun")) or 0,
        coverage=tuple(_coverage(each) for each in _list(test_result.get("codeCoverage"))),
    )


def _list(value: Any) -> list[dict[str, Any]]:
    """Some responses have a single entry instead of a list."""
    return value if isinstance(value, list) else [value] if value else []


def _is(value: Any) -> bool:
    return value is True or value == "true"


def _component(entry: dict[str, Any]) -> ComponentId:
    return ComponentId(type=str(entry.get("componentType") or ""), name=str(entry.get("fullName") or ""))


def _failure(entry: dict[str, Any]) -> ComponentFailure:
    return ComponentFailure(
        component=_component(entry),
        problem=str(entry.get("problem") or "no reason given"),
        line=_number(entry.get("lineNumber")),
        column=_number(entry.get("columnNumber")),
    )


def _test_failure(entry: dict[str, Any]) -> TestFailure:
    return TestFailure(
        name=f"{entry.get('name')}.{entry.get('methodName')}", problem=str(entry.get("message") or "no reason given")
    )


def _coverage(entry: dict[str, Any]) -> ClassCoverage:
    return ClassCoverage(
        name=str(entry.get("name") or ""),
        lines=_number(entry.get("numLocations")) or 0,
        missed=_number(entry.get("numLocationsNotCovered")) or 0,
    )


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdigit() and int(value) > 0 else None
