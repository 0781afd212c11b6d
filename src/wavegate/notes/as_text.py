"""Release notes as text for a terminal."""

from collections.abc import Iterator

from wavegate.guardrails.diff.as_findings import direction_word
from wavegate.ledger.moment import moment_text
from wavegate.notes.values import ReleaseNotes, ReleaseStep
from wavegate.notes.words import component_groups, headline, in_words, is_empty, marked_text, who
from wavegate.text import one_line, visible


def notes_text(notes: ReleaseNotes) -> str:
    """The notes, newest release first. Removed words are in `[-…-]`, added ones in `{+…+}`."""
    lines = [
        f"{one_line(each.environment, 100)}: {one_line(each.release.name, 100) if each.release else 'nothing'}"
        for each in notes.live
    ]
    return "\n".join([*lines, *(line for step in notes.steps for line in ("", *_step(step)))]).strip() + "\n"


def _step(step: ReleaseStep) -> Iterator[str]:
    release = step.after
    since = f" since {moment_text(release.since)}" if release.since else ""
    rolled_back = ", rolled back" if release.rolled_back else ""
    yield f"{one_line(release.name, 100)} at {release.commit[:12]}{since}{rolled_back}, {one_line(who(release), 300)}"
    if step.before:
        yield f"  compared with {one_line(step.before.name, 100)} at {step.before.commit[:12]}"
    if is_empty(step):
        yield "  Nothing that the release ships changed."
    for change in step.texts:
        yield f"  {one_line(headline(change), 300)}"
        yield from (f"    {visible(line)}" for line in marked_text(change.pieces).split("\n"))
    for each in in_words(step.guardrails):
        yield f"  {direction_word(each)}: {one_line(each.message, 600)}"
    for group in component_groups(step.components):
        yield f"  {group.title}"
        yield from (f"    {one_line(name, 200)}: {verb}" for name, verb in group.lines)
