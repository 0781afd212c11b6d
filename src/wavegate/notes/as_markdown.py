"""Release notes as Markdown: for a GitHub release, a step summary or a changelog."""

from collections.abc import Iterator

from wavegate.guardrails.diff.as_findings import direction_word
from wavegate.ledger.moment import moment_text
from wavegate.notes.text_changes import TextChange
from wavegate.notes.values import NotedRelease, ReleaseNotes, ReleaseStep
from wavegate.notes.word_diff import TextPiece, WordEdit
from wavegate.notes.words import component_groups, headline, in_words, is_empty, shown_pieces, who
from wavegate.text import code, link, markdown, prose

_TAGS = {WordEdit.KEPT: "{}", WordEdit.REMOVED: "<del>{}</del>", WordEdit.ADDED: "<ins>{}</ins>"}
_TEXT_LIMIT = 4000


def notes_markdown(notes: ReleaseNotes, *, level: int = 2) -> str:
    """The notes. level: of the heading of each release."""
    return "\n".join(_lines(notes, "#" * level)) + "\n"


def release_markdown(step: ReleaseStep, repository: str, *, level: int = 2) -> str:
    """The notes of one release."""
    return "\n".join(_step(step, "#" * level, repository)) + "\n"


def _lines(notes: ReleaseNotes, mark: str) -> Iterator[str]:
    if notes.live:
        yield from ("| Environment | Release | Since | Commit |", "|---|---|---|---|")
        for each in notes.live:
            release = each.release
            since = moment_text(release.since) if release else ""
            name = markdown(release.name, 100) if release else "nothing"
            commit = _commit(release, notes.repository) if release else ""
            yield f"| {code(each.environment)} | {name} | {since} | {commit} |"
        yield ""
    for step in notes.steps:
        yield from _step(step, mark, notes.repository)


def _step(step: ReleaseStep, mark: str, repository: str) -> Iterator[str]:
    release = step.after
    rolled_back = ", **rolled back**" if release.rolled_back else ""
    yield from (f"{mark} {markdown(release.name, 100)}{rolled_back}", "")
    since = f"Live since {moment_text(release.since)}, " if release.since else ""
    yield f"{since}{markdown(who(release), 300)}, at {_commit(release, repository)}."
    if step.before:
        yield f"Compared with {markdown(step.before.name, 100)} at {_commit(step.before, repository)}."
    yield ""
    if is_empty(step):
        yield from ("Nothing that the release ships changed.", "")
    if step.texts:
        yield from (f"{mark}# Prompts and instructions", "")
        for change in step.texts:
            yield from _text(change)
    if guardrails := in_words(step.guardrails):
        yield from (f"{mark}# Guardrails", "")
        yield from (f"- **{direction_word(each)}**: {prose(each.message, 600)}" for each in guardrails)
        yield ""
    for group in component_groups(step.components):
        yield from (f"{mark}# {group.title}", "")
        yield from (f"- {code(name)}: {verb}" for name, verb in group.lines)
        yield ""
    yield from _evidence(release, mark)


def _text(change: TextChange) -> Iterator[str]:
    yield from (f"**{markdown(headline(change), 300)}**", "")
    text = "".join(_marked(each) for each in shown_pieces(change.pieces))
    yield from (f"> {line}  " if line else ">" for line in text.split("\n"))
    yield ""


def _marked(piece: TextPiece) -> str:
    """A piece with its tags on each line that it is on: a quotation is rendered line by line."""
    lines = piece.text.split("\n")
    return "\n".join(_TAGS[piece.edit].format(markdown(each, _TEXT_LIMIT)) if each else "" for each in lines)


def _evidence(release: NotedRelease, mark: str) -> Iterator[str]:
    lines = []
    if release.evidence:
        lines.append(f"- decision {code(release.evidence)}")
    if release.run:
        lines.append(f"- {link('workflow run', release.run)}")
    if release.override:
        lines.append(f"- **override**: {markdown(release.override, 400)}")
    if lines:
        yield from (f"{mark}# Evidence", "", *lines, "")


def _commit(release: NotedRelease, repository: str) -> str:
    short = release.commit[:12]
    return link(short, f"{repository}/commit/{release.commit}") if repository else code(short)
