"""A planned pilot as JSON."""

from wavegate.components.changes import ComponentChange
from wavegate.pilot.cohorts import PilotCohort
from wavegate.pilot.planned import CopiedRelease, PlannedPilot
from wavegate.pilot.values import Residue


def pilot_values(pilot: PlannedPilot) -> dict[str, object]:
    """The pilot as one object; component names are `Type:FullName`."""
    copied = pilot.copied
    return {
        "cohorts": [_cohort(each) for each in pilot.cohorts],
        "copies": copied and _copied(copied),
        "notLimited": list(pilot.not_limited),
        "manual": list(pilot.manual),
    }


def _cohort(cohort: PilotCohort) -> dict[str, object]:
    return {
        "name": cohort.name,
        "strategy": cohort.strategy.value,
        "group": cohort.group,
        "holdersOf": cohort.holders_of,
        "users": list(cohort.users),
        "permissionSet": cohort.permission_set,
        "liveAgent": cohort.live_agent,
    }


def _copied(copied: CopiedRelease) -> dict[str, object]:
    copy = copied.copy
    return {
        "agents": dict(copy.agents),
        "permissionSet": copy.permission_set,
        "components": {str(each): str(name) for each, name in sorted(copy.names.items())},
        "shared": [str(each) for each in copy.shared],
        "reachEverybody": [{"component": str(each.component), "why": each.why} for each in copied.reaching],
        "residues": [_residue(each) for each in copy.residues],
        "undoneFiles": copied.undone,
        "releaseChanges": [_change(each) for each in copied.changes],
    }


def _residue(residue: Residue) -> dict[str, object]:
    return {"file": residue.path, "line": residue.line, "name": residue.name, "text": residue.text}


def _change(change: ComponentChange) -> dict[str, str]:
    return {"component": str(change.component.id), "change": change.kind.value}
