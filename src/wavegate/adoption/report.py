"""What an adoption found, as terminal lines and step summary."""

from collections.abc import Iterable, Iterator, Mapping

from wavegate.adoption.values import CommitComparison, Difference, DifferenceKind
from wavegate.text import code, fenced, markdown, one_line, pluralize

_SHOWN = 20
"""Components whose differences are shown."""
_WORDS = {
    DifferenceKind.CHANGED: "differs",
    DifferenceKind.MISSING: "not in the org",
    DifferenceKind.ADDED: "in the org, but not in this commit's release",
    DifferenceKind.NOT_LIVE: "not what is live",
}


def headline(comparison: CommitComparison, environment: str) -> str:
    """The result in one sentence."""
    release = f"{comparison.release} at {comparison.commit[:12]}"
    if comparison.is_equal:
        return f"{environment} runs {release}."
    count = len(comparison.real)
    differ = "1 component differs" if count == 1 else f"{count:,} components differ"
    return f"No commit is what {environment} runs. The nearest is {release}: {differ}."


def comparison_lines(comparison: CommitComparison) -> Iterator[str]:
    """The differences, one component after the other, with a few lines each."""
    for each in comparison.real[:_SHOWN]:
        yield one_line(f"{each.component}: {_WORDS[each.kind]}", 300)
        yield from (f"  {one_line(line, 200)}" for line in each.lines)
    if (more := len(comparison.real) - _SHOWN) > 0:
        yield f"… and {pluralize(more, 'more component')}"
    if of_form := [each for each in comparison.differences if each.of_form]:
        names = ", ".join(each.component for each in of_form[:_SHOWN])
        yield one_line(f"Only the form differs, in elements that are empty or `false`: {names}", 600)


def agent_lines(live: Mapping[str, int | None]) -> Iterator[str]:
    """What is live of each agent."""
    for name, version in live.items():
        yield one_line(f"{name}: {'inactive' if version is None else f'version {version}'}", 200)


def adoption_markdown(
    comparison: CommitComparison, environment: str, live: Mapping[str, int | None], *, outcome: str, reason: str
) -> str:
    """The step summary. outcome: what was recorded, or why nothing was."""
    lines = [
        f"## {'✅' if comparison.is_equal else '❔'} {markdown(headline(comparison, environment), 400)}",
        "",
        f"{markdown(outcome, 500)}",
        "",
        f"- Reason: {markdown(reason, 500)}",
        f"- Commit: {code(comparison.commit)}",
        f"- Content: {code(comparison.content)}",
        *(f"- {markdown(line, 200)}" for line in agent_lines(live)),
    ]
    if comparison.differences:
        lines += ["", fenced(comparison_lines(comparison), "diff")]
    return "\n".join(lines) + "\n"


def names_of(differences: Iterable[Difference]) -> tuple[str, ...]:
    """The components of some differences, each once."""
    return tuple(dict.fromkeys(each.component for each in differences))
