"""What permission sets grant."""

from collections.abc import Iterator, Mapping, Sequence

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.model import Grant, PermissionGrants
from wavegate.text import join_names

_NAMED = 5


def permission_changes(
    before: Mapping[str, PermissionGrants], after: Mapping[str, PermissionGrants]
) -> Iterator[GuardrailChange]:
    """Grants that come or go, one change for each kind and level in a set."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        was: Mapping[Grant, Location] = old.grants if old else {}
        now: Mapping[Grant, Location] = new.grants if new else {}
        places = (old.location if old else None, new.location if new else None)
        for grants in _grouped(now.keys() - was.keys()):
            yield _gained(name, grants, now, places)
        for grants in _grouped(was.keys() - now.keys()):
            yield _withdrawn(name, grants, was, places)


def _grouped(grants: set[Grant]) -> list[list[Grant]]:
    found: dict[tuple[str, str], list[Grant]] = {}
    for each in sorted(grants):
        found.setdefault((each.kind, each.level), []).append(each)
    return list(found.values())


def _gained(
    name: str, grants: Sequence[Grant], now: Mapping[Grant, Location], places: tuple[Location | None, Location | None]
) -> GuardrailChange:
    sides = Sides(before=places[0], after=now[grants[0]], texts=("", _listed(grants)))
    kind = grants[0].kind
    rule = "access/agent" if kind == "agent" else "access/object"
    message = f"`{name}` grants {grants[0].level} of {kind} {join_names([each.name for each in grants], _NAMED)}."
    return changed(rule, ChangeSubject(agent=name), sides, message)


def _withdrawn(
    name: str, grants: Sequence[Grant], was: Mapping[Grant, Location], places: tuple[Location | None, Location | None]
) -> GuardrailChange:
    sides = Sides(before=was[grants[0]], after=places[1], texts=(_listed(grants), ""))
    names = join_names([each.name for each in grants], _NAMED)
    message = f"`{name}` no longer grants {grants[0].level} of {grants[0].kind} {names}."
    return changed("access/withdrawn", ChangeSubject(agent=name), sides, message)


def _listed(grants: Sequence[Grant]) -> str:
    return ", ".join(each.name for each in grants)
