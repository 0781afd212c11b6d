"""The cohorts of a pilot: who is in each one, how it gets the release, and which permission set gives access.

A cohort may be described in the manifest. One without details is the public group of its name, else the permission
set of its name: `service-ops-supervisors` is `Service_Ops_Supervisors`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from wavegate.components.component import Project
from wavegate.pilot.reach.grants import project_grants
from wavegate.release.manifest import COPYING, LIMITING_BY_ACCESS, Cohort, Environment, Manifest, Strategy


@dataclass(frozen=True, kw_only=True, slots=True)
class Principals:
    """The API names of the public groups and permission sets of a project or an org.

    granting: the permission sets that give access to the release's agents.
    """

    groups: tuple[str, ...] = ()
    permission_sets: tuple[str, ...] = ()
    granting: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PilotCohort:
    """A cohort that takes part in a pilot.

    strategy: the effective one; is_stated: the manifest names it. Its members are those of the public group, the
    holders of the permission set `holders_of`, and the users (user names). permission_set: the cohort's own one, None
    if it has none. It gives access at a first launch: the one that the manifest names, else the only one of the
    project that does. A copy has a generated one for all cohorts, whose members get their own one as well. flow,
    constant, value: of a routing flow.
    """

    name: str
    strategy: Strategy
    is_stated: bool = False
    group: str | None = None
    holders_of: str | None = None
    users: tuple[str, ...] = ()
    permission_set: str | None = None
    live_agent: Literal["keep", "remove"] = "keep"
    flow: str | None = None
    constant: str | None = None
    value: float | str | None = None

    @property
    def copies(self) -> bool:
        """Whether it gets a copy of the agent."""
        return self.strategy in COPYING

    @property
    def is_resolved(self) -> bool:
        """Whether it is known who its members are, or its strategy does not ask for that."""
        return self.strategy not in LIMITING_BY_ACCESS or bool(self.group or self.holders_of or self.users)


def fold(name: str) -> str:
    """A name as cohorts, groups and permission sets are compared: without case; `-`, `_` and space are equal."""
    return name.casefold().replace("-", "_").replace(" ", "_")


def project_principals(project: Project, agents: Iterable[str] = ()) -> Principals:
    """The public groups and permission sets that a project has. agents: API names of those that the release ships."""
    grants = project_grants(project, agents)
    return Principals(
        groups=tuple(each.id.name for each in project.of_type("Group")),
        permission_sets=tuple(each.id.name for each in project.of_type("PermissionSet")),
        granting=tuple(
            dict.fromkeys(each.component.name for each in grants if each.component.type == "PermissionSet")
        ),
    )


def resolve_cohorts(
    manifest: Manifest, environment: Environment, known: Principals, *, was_live: bool
) -> tuple[PilotCohort, ...]:
    """The environment's pilot cohorts, in the manifest's order; () without a canary.

    known: of the project, or of the org. was_live: whether an agent of the release was ever live in the environment.
    """
    if environment.rollout != "canary":
        return ()
    described = {each.name: each for each in manifest.cohorts}
    cohorts = (described.get(name) or Cohort(name=name) for name in dict.fromkeys(environment.current_cohorts))
    return tuple(_resolve(each, known, was_live=was_live) for each in cohorts)


def copies_agents(cohorts: Iterable[PilotCohort]) -> bool:
    """Whether the pilot gets copies of the agents. One promotion does the same for all of its cohorts."""
    return any(each.copies for each in cohorts)


def _resolve(cohort: Cohort, known: Principals, *, was_live: bool) -> PilotCohort:
    usual = Strategy.PILOT_COPY if was_live else Strategy.FIRST_LAUNCH
    strategy = cohort.strategy or usual
    group = cohort.group or (None if cohort.users else _named(cohort.name, known.groups))
    own = cohort.permission_set or (None if cohort.users or group else _named(cohort.name, known.permission_sets))
    holders_of = None if cohort.users or group else own
    if own is None and strategy is Strategy.FIRST_LAUNCH and len(known.granting) == 1:
        (own,) = known.granting
    return PilotCohort(
        name=cohort.name,
        strategy=strategy,
        is_stated=cohort.strategy is not None,
        group=group,
        holders_of=holders_of,
        users=cohort.users,
        permission_set=own,
        live_agent=cohort.live_agent,
        flow=cohort.flow,
        constant=cohort.constant,
        value=cohort.value,
    )


def _named(name: str, known: Iterable[str]) -> str | None:
    """The known name that a cohort's name means. The exact one, if several are equal when folded."""
    return min((each for each in known if fold(each) == fold(name)), key=lambda each: each != name, default=None)
