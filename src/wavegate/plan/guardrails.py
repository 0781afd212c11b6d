"""How a promotion changes what bounds its agents, compared with what is live."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wavegate.components.scope import ReleaseScope
from wavegate.files.source import Source
from wavegate.guardrails.classes.classify import classify_files
from wavegate.guardrails.classes.values import strictest
from wavegate.guardrails.diff.as_findings import WIDENING
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.guardrails.read import read_guardrails
from wavegate.plan.values import Plan
from wavegate.text import clip

_REMOVALS = {
    "guard/removed": "the guard of `{}`",
    "gate/removed": "the gate of topic `{}`",
    "confirm/removed": "the confirmation of `{}`",
    "instruction/must-removed": "“{}”",
    "escalate/removed": "the way to a human from topic `{}`",
    "output/unfiltered": "the filter of an output of `{}`",
}
"""What a change of a rule removes, by name."""
_NAMED = 5
_SAID = 120


def with_guardrails(plan: Plan, agents: Sequence[str], before: Source | None, live: ReleaseScope | None) -> Plan:
    """The plan with its guardrail changes, if the live release is known.

    agents: names of those that the release ships. before, live: files and scope of the live release.
    """
    if before is None or live is None:
        return plan
    rails = read_guardrails(before, agents=agents), read_guardrails(plan.source, agents=agents)
    found = compare_guardrails(*rails)
    shipped = {path for scope in (plan.as_released.scope, live) for each in scope.components for path in each.paths}
    changes = tuple(each for each in found if shipped.intersection(_files(each)))
    sources = before, plan.source
    was, now = (each.read(sorted(shipped)) for each in sources)
    changed = sorted(path for path in shipped if was.get(path) != now.get(path))
    files = classify_files(changed, sources, rails, changes, lambda *_: None)
    return replace(plan, guardrails=changes, change_class=strictest(files))


def _files(change: GuardrailChange) -> Iterator[str]:
    yield from (place.file for place in (change.before, change.after) if place)


def widening_reasons(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why the changes of guardrails make a release risky, in words: for a high risk, and for a medium one."""
    widening = [each for each in plan.guardrails or () if each.direction in WIDENING]
    grave = [each for each in widening if each.change_class is ChangeClass.SECURITY_REVIEW]
    other = [each for each in widening if each.change_class is not ChangeClass.SECURITY_REVIEW]
    return tuple(_reasons(grave)), tuple(_widened(other))


def _reasons(changes: Sequence[GuardrailChange]) -> Iterator[str]:
    removed = list(dict.fromkeys(_removed(each) for each in changes if each.rule in _REMOVALS))
    if removed:
        rest = [f"{len(removed) - _NAMED} more"] if len(removed) > _NAMED else []
        yield f"it removes {_joined([*removed[:_NAMED], *rest])}"
    yield from _widened([each for each in changes if each.rule not in _REMOVALS])


def _joined(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _removed(change: GuardrailChange) -> str:
    subject = change.subject
    name = {
        "instruction/must-removed": clip(change.text_before.rstrip("."), _SAID),
        "gate/removed": subject.topic,
        "escalate/removed": subject.topic,
    }.get(change.rule, subject.tool)
    return _REMOVALS[change.rule].format(name)


def _widened(changes: Sequence[GuardrailChange]) -> Iterator[str]:
    if changes:
        names = list(dict.fromkeys(_subject(each) for each in changes))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"it may widen what {', '.join(names[:_NAMED])}{more} can do"


def _subject(change: GuardrailChange) -> str:
    subject = change.subject
    return f"`{subject.tool or subject.topic or subject.agent}`"
