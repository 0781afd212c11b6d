"""Compares candidates with the org, newest first, until one is equal."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from wavegate.adoption.candidates import Candidate
from wavegate.adoption.compare import unit_difference
from wavegate.adoption.converted import ConvertedUnits
from wavegate.adoption.org_side import OrgSide
from wavegate.adoption.units import files_of
from wavegate.adoption.values import CommitComparison, Difference, DifferenceKind, Unit
from wavegate.components.component import ComponentId
from wavegate.errors import InputError
from wavegate.text import one_line

_KEPT_BY_ORG = frozenset(
    {"GenAiPlannerBundle", "GenAiPlanner", "AiAgentDefinitionVersion", "AiAuthoringBundle", "BotVersion"}
)
"""Types of an agent's versions: an org keeps those of earlier releases."""
_NUMBERED = re.compile(r".+-\d+")


def find_commit(
    candidates: Sequence[Candidate], side: OrgSide, converted: ConvertedUnits, tell: Callable[[str], None]
) -> tuple[Candidate, CommitComparison]:
    """The first candidate that is equal to the org, else the nearest; of several, the newest.

    InputError: the CLI can convert none of them.
    """
    units = {unit.name: unit for candidate in candidates for unit in candidate.units}
    found: list[tuple[Candidate, CommitComparison]] = []
    problem: InputError | None = None
    for number, candidate in enumerate(candidates, 1):
        try:
            converted.add(candidate)
        except InputError as error:
            tell(f"{candidate.commit[:12]}: not comparable. {one_line(error.message)}")
            problem = problem or error
            continue
        comparison = _compared(candidate, side, converted, units.values())
        real = len(comparison.real)
        tell(f"{candidate.commit[:12]} ({number} of {len(candidates)}): {f'{real} differ' if real else 'equal'}")
        if comparison.is_equal:
            return candidate, comparison
        found.append((candidate, comparison))
    if problem and not found:
        raise problem
    return min(found, key=lambda each: each[1].distance)


def _compared(
    candidate: Candidate, side: OrgSide, converted: ConvertedUnits, units: Iterable[Unit]
) -> CommitComparison:
    own = {unit.name for unit in candidate.units}
    differences = [
        *_changed(candidate, side, converted),
        *_added([unit for unit in units if unit.name not in own], side),
        *_agents(candidate, side),
        *_flows(candidate, side),
    ]
    return CommitComparison(
        commit=candidate.commit,
        release=candidate.manifest.release,
        content=candidate.content,
        differences=tuple(sorted(differences, key=lambda each: each.component)),
    )


def _changed(candidate: Candidate, side: OrgSide, converted: ConvertedUnits) -> Iterator[Difference]:
    for unit in candidate.units:
        committed = converted.files(candidate, unit)
        placeholders = converted.placeholders(candidate, unit)
        difference = unit_difference(unit.name, committed, files_of(unit, side.files), placeholders=placeholders)
        if difference:
            yield difference


def _added(units: Iterable[Unit], side: OrgSide) -> Iterator[Difference]:
    """What the org has of other commits' releases, apart from versions that it keeps."""
    for unit in units:
        if unit.components[0].id.type not in _KEPT_BY_ORG and files_of(unit, side.files):
            yield Difference(component=unit.name, kind=DifferenceKind.ADDED)


def _agents(candidate: Candidate, side: OrgSide) -> Iterator[Difference]:
    """The agents of which another version is live. One that is inactive may have been stopped."""
    for agent in candidate.agents:
        state = side.agents.get(agent.name.casefold())
        live = state.live if state else None
        if live is not None and agent.version not in (None, live):
            yield _not_live(
                ComponentId(type="Bot", name=agent.name),
                f"- version {agent.version}, which the commit ships",
                f"+ version {live}, which is active in the org",
            )


def _flows(candidate: Candidate, side: OrgSide) -> Iterator[Difference]:
    """The flows that are active where the commit says inactive, or the reverse, or in an earlier version."""
    for unit in candidate.units:
        flow = unit.components[0].id
        state = side.flows.get(flow.name.casefold())
        if flow.type != "Flow" or state is None or _NUMBERED.fullmatch(flow.name):
            continue
        status = candidate.scope.contents[flow].status or "Active"
        active, latest = state.versions.active, state.versions.latest
        if status == "Active" and active is None:
            yield _not_live(flow, "- Active", "+ inactive in the org")
        elif status == "Active" and active != latest:
            text = f"+ version {active} is active in the org, and version {latest} is what was compared"
            yield _not_live(flow, "- Active", text)
        elif status != "Active" and active is not None:
            yield _not_live(flow, f"- {one_line(status, 40)}", f"+ version {active} is active in the org")


def _not_live(component: ComponentId, *lines: str) -> Difference:
    return Difference(component=str(component), kind=DifferenceKind.NOT_LIVE, lines=lines)
