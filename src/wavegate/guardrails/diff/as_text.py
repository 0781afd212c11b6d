"""Changes for a terminal: widenings first, each with its place on both sides."""

from collections import Counter
from collections.abc import Iterator, Sequence

from wavegate.guardrails.diff.change import GuardrailChange, class_of
from wavegate.guardrails.diff.rules import Direction
from wavegate.text import one_line, pluralize

TITLES = {
    Direction.WIDENS: "Widens",
    Direction.UNKNOWN: "Undetermined, and counts as a widening",
    Direction.NARROWS: "Narrows",
    Direction.REWORDS: "Rewords",
}
_LINE = 400


def changes_text(changes: Sequence[GuardrailChange], *, base: str, head: str) -> str:
    """One group for each direction, and the class of the whole. base, head: the commits."""
    between = f"{base[:12]} and {head[:12]}"
    if not changes:
        return f"Nothing that bounds the agents differs between {between}."
    return "\n".join([*_groups(changes), f"Between {between}: {summary(changes)}."])


def summary(changes: Sequence[GuardrailChange]) -> str:
    """The counts and the class, such as `3 widenings, 1 undetermined; class security-review`."""
    counts = Counter(each.direction for each in changes)
    words = {
        Direction.WIDENS: pluralize(counts[Direction.WIDENS], "widening"),
        Direction.UNKNOWN: f"{counts[Direction.UNKNOWN]:,} undetermined",
        Direction.NARROWS: pluralize(counts[Direction.NARROWS], "narrowing"),
        Direction.REWORDS: pluralize(counts[Direction.REWORDS], "rewording"),
    }
    parts = [words[each] for each in Direction if counts[each]]
    return f"{', '.join(parts)}; class {class_of(changes)}"


def _groups(changes: Sequence[GuardrailChange]) -> Iterator[str]:
    for direction, title in TITLES.items():
        group = [each for each in changes if each.direction is direction]
        if group:
            yield f"{title}:"
            yield from (line for each in group for line in _lines(each))
            yield ""


def _lines(change: GuardrailChange) -> Iterator[str]:
    yield f"  {one_line(change.message, _LINE)}"
    yield f"    {places(change)}  {change.rule}, {change.change_class}{_subject(change)}"


def places(change: GuardrailChange) -> str:
    """Both places, such as `desk.agent:12 → 11`."""
    before, after = change.before, change.after
    if before and after and before.file == after.file:
        return one_line(f"{after.file}:{before.line} → {after.line}", 500)
    return one_line(" → ".join(f"{each.file}:{each.line}" for each in (before, after) if each), 500)


def _subject(change: GuardrailChange) -> str:
    subject = change.subject
    names = [each for each in (subject.agent, subject.topic, subject.tool) if each]
    return f" ({one_line(' › '.join(names), 200)})" if names else ""
