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
        mutes = any(each.muting for each in (old, new) if each)
        for grants in _grouped(now.keys() - was.keys()):
            sides = Sides(before=places[0], after=now[grants[0]], texts=("", _listed(grants)))
            yield _come(name, grants, sides, mutes=mutes)
        for grants in _grouped(was.keys() - now.keys()):
            sides = Sides(before=was[grants[0]], after=places[1], texts=(_listed(grants), ""))
            yield _gone(name, grants, sides, mutes=mutes)


def _grouped(grants: set[Grant]) -> list[list[Grant]]:
    """The fewer of two groupings: those of a level, or all levels of those that have the same."""
    levels: dict[tuple[str, str], set[str]] = {}
    for each in grants:
        levels.setdefault((each.kind, each.name), set()).add(each.level)
    by_level: dict[tuple[str, str], list[Grant]] = {}
    by_target: dict[tuple[str, tuple[str, ...]], list[Grant]] = {}
    for each in sorted(grants):
        by_level.setdefault((each.kind, each.level), []).append(each)
        by_target.setdefault((each.kind, tuple(sorted(levels[each.kind, each.name]))), []).append(each)
    return list(by_target.values() if len(by_target) < len(by_level) else by_level.values())


def _come(name: str, grants: Sequence[Grant], sides: Sides, *, mutes: bool) -> GuardrailChange:
    """Grants that a set has now; mutes: that it takes away from others."""
    if mutes:
        return changed("access/withdrawn", ChangeSubject(agent=name), sides, f"`{name}` takes away {_what(grants)}.")
    return changed(_rule(grants), ChangeSubject(agent=name), sides, f"`{name}` grants {_what(grants)}.")


def _gone(name: str, grants: Sequence[Grant], sides: Sides, *, mutes: bool) -> GuardrailChange:
    """Grants that a set no longer has; mutes: that it no longer takes away from others."""
    if mutes:
        message = f"`{name}` no longer takes away {_what(grants)}."
        return changed(_rule(grants), ChangeSubject(agent=name), sides, message)
    message = f"`{name}` no longer grants {_what(grants)}."
    return changed("access/withdrawn", ChangeSubject(agent=name), sides, message)


def _rule(grants: Sequence[Grant]) -> str:
    return "access/agent" if grants[0].kind == "agent" else "access/object"


def _what(grants: Sequence[Grant]) -> str:
    return f"{', '.join(_levels(grants))} of {grants[0].kind} {join_names(_names(grants), _NAMED)}"


def _listed(grants: Sequence[Grant]) -> str:
    return ", ".join(_names(grants))


def _levels(grants: Sequence[Grant]) -> list[str]:
    return list(dict.fromkeys(each.level for each in grants))


def _names(grants: Sequence[Grant]) -> list[str]:
    return list(dict.fromkeys(each.name for each in grants))
