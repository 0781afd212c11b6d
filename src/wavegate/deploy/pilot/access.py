"""Who gets a pilot's copies, by which permission sets, and who loses the live agent meanwhile."""

import re
from collections.abc import Iterator

from wavegate.deploy.cohorts import CohortAssignment, assignment, own_assignments
from wavegate.deploy.pilot.values import AccessMemory, CopiesRequest, Members
from wavegate.errors import InputError
from wavegate.ledger.payload import MAX_COPIES, MAX_REACHING
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.planned import PlannedPilot
from wavegate.pilot.values import PilotCopy
from wavegate.release.manifest import Strategy

_AGENT_USER = re.compile(
    rb"<botUser>\s*([^<>\s%]{1,80}@[^<>\s%]{1,80})\s*</botUser>"
    rb"|^[ \t]*default_agent_user:[ \t]*[\"']?([^\s\"'%]{1,80}@[^\s\"'%]{1,80})[\"']?\s*$",
    re.MULTILINE,
)


def copies_request(pilot: PlannedPilot, copy: PilotCopy) -> CopiesRequest:
    """What a deployment does for a pilot's cohorts."""
    muted = [each for each in _by_membership(pilot) if each.live_agent == "remove"]
    return CopiesRequest(
        agents=copy.agents,
        permission_set=copy.permission_set,
        permission_sets=tuple(each.permission_set for each in copy_assignments(pilot, copy)),
        without_live=members_of(assignment("", muted)),
        reaching=tuple(str(each.component) for each in pilot.copied.reaching) if pilot.copied else (),
        manual=pilot.manual,
    )


def check_recordable(request: CopiesRequest | None, memory: AccessMemory | None) -> None:
    """Check that what a pilot does can be undone. InputError: the ledger cannot remember it."""
    if request and (len(request.agents) > MAX_COPIES or len(request.reaching) > MAX_REACHING):
        raise InputError(
            f"A pilot copies at most {MAX_COPIES} agents and changes at most {MAX_REACHING} components for others.",
            fix="Release these changes to everybody first, or divide the release.",
        )
    if request and request.without_live and memory is None:
        raise InputError(
            "A cohort with `liveAgent: remove` needs GitHub's deployments, which remember who had the live agent.",
            fix="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or write `liveAgent: keep`.",
        )


def copy_assignments(pilot: PlannedPilot, copy: PilotCopy) -> tuple[CohortAssignment, ...]:
    """The permission sets that a pilot's cohorts get: the one that was generated for the copies, and their own.

    The generated one goes to the agents' own users as well: a service agent runs as one, and its actions need the
    copied classes and flows.
    """
    cohorts = list(_by_membership(pilot))
    generated = [assignment(copy.permission_set, cohorts, *agent_users(copy))] if copy.permission_set else []
    return (*generated, *own_assignments(cohorts))


def agent_users(copy: PilotCopy) -> tuple[str, ...]:
    """Names of the users that the copies run as, sorted; those that the CLI inserts into a file are left out."""
    found = (match for content in copy.files.values() for match in _AGENT_USER.finditer(content))
    return tuple(sorted({(match[1] or match[2]).decode("utf-8", "replace") for match in found}))


def _by_membership(pilot: PlannedPilot) -> Iterator[PilotCohort]:
    """The cohorts that get the copies as people; those of a routing flow get them by the flow."""
    return (each for each in pilot.cohorts if each.strategy is Strategy.PILOT_COPY)


def members_of(assigned: CohortAssignment) -> Members:
    """The people of an assignment."""
    return Members(groups=assigned.groups, holders_of=assigned.holders_of, users=assigned.users)
