"""A pilot in words: who meets the release, with what, and what reaches everybody nevertheless."""

from collections import Counter
from collections.abc import Iterable, Iterator

from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.planned import CopiedRelease, PlannedPilot
from wavegate.release.manifest import LIMITING_BY_ACCESS, Strategy
from wavegate.text import join_names, pluralize

_NAMED = 15


def not_limited(cohorts: Iterable[PilotCohort]) -> tuple[str, ...]:
    """What the chosen strategies do not limit, one sentence each."""
    found = []
    for each in cohorts:
        if each.strategy is Strategy.TIME_BOXED:
            found.append(
                f"Everybody gets the release, not only {each.name}: `time-boxed` limits nothing, and compares the "
                "days before with the days after."
            )
        elif each.strategy is Strategy.PILOT_ORG:
            found.append(
                f"Everybody in this environment's org gets the release, not only {each.name}: with `pilot-org`, the "
                "org itself is the pilot."
            )
    return tuple(found)


def pilot_sentences(pilot: PlannedPilot) -> Iterator[str]:
    """Who meets what, what is copied, and what reaches everybody, one sentence each. Names are not escaped."""
    yield from meeting_sentences(pilot)
    if pilot.copied:
        yield from copy_sentences(pilot.copied)
    yield from pilot.not_limited


def meeting_sentences(pilot: PlannedPilot) -> Iterator[str]:
    """Who meets what, one sentence for each cohort."""
    copies = join_names(list(pilot.agents.values()))
    granted = {agent: copy for agent, copy in pilot.agents.items() if copy not in pilot.routed}
    for each in pilot.cohorts:
        if each.strategy in (Strategy.TIME_BOXED, Strategy.PILOT_ORG):
            yield f"{each.name}: gets the release with everybody else ({each.strategy})."
        elif each.strategy is Strategy.FIRST_LAUNCH:
            others = "" if pilot.routed else "; nobody else may have access to it yet"
            yield f"{members(each)} gets the release ({each.strategy}){others}."
        elif not pilot.copied:
            yield f"{each.name}: no copy is planned ({each.strategy}); the errors say why."
        elif each.strategy is Strategy.ROUTING_FLOW:
            yield f"{each.name}: conversations that the flow {each.flow or '(none named)'} leads there meet {copies}."
        elif not granted:
            yield f"{each.name}: conversations that are led to {copies} meet it ({each.strategy})."
        else:
            keeps = "and keeps" if each.live_agent == "keep" else "and loses"
            meets = f"meets {join_names(list(granted.values()))}, {keeps} {join_names(list(granted))}"
            yield f"{members(each)} {meets} ({each.strategy})."
    if pilot.routed:
        yield (
            f"No permission set limits who meets {join_names(list(pilot.routed))}: a service agent answers whoever "
            "is led to it."
        )


def members(cohort: PilotCohort) -> str:
    """A cohort and who is in it."""
    who = [f"the public group {cohort.group}"] if cohort.group else []
    who += [f"the holders of the permission set {cohort.holders_of}"] if cohort.holders_of else []
    who += [pluralize(len(cohort.users), "user")] if cohort.users else []
    return f"{cohort.name} ({' and '.join(who) or 'found in the org'})"


def copy_sentences(copied: CopiedRelease) -> Iterator[str]:
    """What is copied, what is not, and that the live agents stay as they are."""
    copy = copied.copy
    agents = join_names(list(copy.agents))
    yield (
        f"{agents} {'stays as it is' if len(copy.agents) == 1 else 'stay as they are'} for everybody else: nothing "
        "of what is live is deployed."
        if not copied.reaching
        else f"Everybody else keeps {agents}, with {pluralize(len(copied.reaching), 'change')} that cannot be copied."
    )
    kinds = Counter(each.type for each in copy.names)
    listed = ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))
    yield f"{pluralize(len(copy.names), 'component')} are copied ({listed})."
    if copy.shared:
        names = join_names([str(each) for each in copy.shared], _NAMED)
        own = "its own name" if len(copy.shared) == 1 else "their own names"
        yield f"New, and under {own}, because nothing live refers to it: {names}."
    yield (
        f"Without the copies' names, {pluralize(copied.undone, 'copied file')} "
        f"{'equals' if copied.undone == 1 else 'equal'} the release's, byte for byte."
    )
    if copied.reaching:
        names = join_names([f"{each.component} ({each.why})" for each in copied.reaching], _NAMED)
        yield f"Reaches everybody now: {names}."


def pilot_steps(pilot: PlannedPilot) -> Iterator[str]:
    """The steps that give the cohorts access, and those that people take, in order."""
    for each in pilot.cohorts:
        if each.strategy in LIMITING_BY_ACCESS:
            yield from _access(each, pilot)
        elif each.strategy is Strategy.ROUTING_FLOW:
            value = f"{each.constant} = {each.value}" if each.constant else "the copy"
            yield f"Set {value} in the flow {each.flow or '(none named)'}, for {each.name}."
    yield from pilot.manual


def _access(cohort: PilotCohort, pilot: PlannedPilot) -> Iterator[str]:
    sets = [each for each in (pilot.permission_set, cohort.permission_set) if each and each != cohort.holders_of]
    if sets:
        noun = "permission set" if len(sets) == 1 else "permission sets"
        yield f"Give access to the pilot users: assign the {noun} {join_names(sets)} to {members(cohort)}."
    elif not cohort.permission_set:
        yield f"Give access to the pilot users manually: no permission set is known for {members(cohort)}."
    else:
        yield f"The pilot users have access already: {members(cohort)}."
    if pilot.copied and cohort.live_agent == "remove":
        agents = join_names(list(pilot.agents))
        yield f"Take {agents} from {cohort.name} for the time of the pilot."


def service_steps(copy_agent: str, permission_set: str) -> Iterator[str]:
    """What a person does for the copy of a service agent, to which no permission set gives access."""
    yield (
        f"Manually: lead the pilot's conversations to {copy_agent}, by its own messaging channel or by the routing "
        "flow; wavegate does not route."
    )
    if permission_set:
        yield f"Manually: assign the permission set {permission_set} to the user that {copy_agent} runs as."
