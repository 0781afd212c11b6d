"""What one run of an expansion did, as step summary and log lines."""

from collections.abc import Iterator

from wavegate.canary.expand.pull_request import body
from wavegate.canary.expand.values import ExpandResult
from wavegate.github.proposed import ProposalOutcome
from wavegate.text import code, markdown, one_line


def summary(result: ExpandResult) -> str:
    """The step summary."""
    expansion, proposed = result.expansion, result.proposed
    place = f", [#{proposed.number}]({proposed.url})" if proposed else ""
    parts = [f"## Expanding {code(result.environment)}: {result.name.replace('-', ' ')}{place}"]
    if result.why:
        parts.append(f"{markdown(result.why, 500)} {markdown(result.fix, 500)}")
    elif expansion:
        parts.append(body(expansion, checks_run=True))
    if notes := [markdown(each, 1000) for each in _notes(result)]:
        parts.append("\n".join(f"- {each}" for each in notes))
    return "\n\n".join(parts)


def lines(result: ExpandResult) -> Iterator[str]:
    """The log lines."""
    name, expansion, proposed = one_line(result.environment, 100), result.expansion, result.proposed
    if expansion:
        step = expansion.step
        whom = "everybody" if step.joining is None else ", ".join(one_line(each, 100) for each in step.joining)
        yield f"{name}: step {step.number} of {step.steps} of {one_line(expansion.manifest.release, 100)}: {whom}"
        yield from (f"  changes {one_line(path, 300)}" for path in expansion.files)
    yield from (f"note: {one_line(note, 1000)}" for note in _notes(result))
    if result.why:
        yield f"{result.name}: {one_line(result.why, 500)}"
        yield f"  → {one_line(result.fix, 500)}"
        return
    where = f": {proposed.url}" if proposed else f": {expansion.branch}" if expansion else ""
    yield f"{'issue opened' if result.name == ProposalOutcome.ISSUE else result.name}{where}"


def _notes(result: ExpandResult) -> Iterator[str]:
    yield from result.proposed.notes if result.proposed else ()
    yield from (f"{path} was edited on the branch and kept as it is." for path in result.kept)
    yield from (f"Closed #{number}: its step is no longer the next one." for number in result.closed)
