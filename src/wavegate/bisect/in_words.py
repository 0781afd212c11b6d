"""What each unit changed, in words, and who owns it."""

from collections.abc import Iterable, Iterator, Mapping

from wavegate.bisect.side import ReleaseSide
from wavegate.bisect.values import ChangeUnit, UnitWords
from wavegate.github.patterns.code_owners import owners_of
from wavegate.guardrails.diff.as_findings import direction_word
from wavegate.guardrails.diff.change import GuardrailChange
from wavegate.notes.text_changes import TextChange
from wavegate.notes.values import ReleaseStep
from wavegate.notes.words import headline, in_words, marked_text


def guarded_files(step: ReleaseStep) -> frozenset[str]:
    """The files in which what bounds an agent, or what a model reads, changed."""
    places = [place.file for each in step.guardrails for place in (each.before, each.after) if place]
    return frozenset((*places, *(each.passage.location.file for each in step.texts)))


def words_of(
    units: Iterable[ChangeUnit], step: ReleaseStep, good: ReleaseSide, bad: ReleaseSide, code_owners: str, prefix: str
) -> Mapping[str, UnitWords]:
    """The words of each unit, by id. code_owners: text of the file CODEOWNERS. prefix: of paths there."""
    return {
        unit.id: UnitWords(
            texts=tuple(_text(each) for each in step.texts if each.passage.location.file in unit.files),
            guardrails=tuple(
                f"{direction_word(each)}: {each.message}" for each in in_words(step.guardrails) if _in(each, unit)
            ),
            owners=tuple(dict.fromkeys(_owners(unit, (bad, good), code_owners, prefix))),
        )
        for unit in units
    }


def _text(change: TextChange) -> str:
    return f"{headline(change)}: {marked_text(change.pieces)}"


def _in(change: GuardrailChange, unit: ChangeUnit) -> bool:
    return any(place and place.file in unit.files for place in (change.before, change.after))


def _owners(unit: ChangeUnit, sides: Iterable[ReleaseSide], code_owners: str, prefix: str) -> Iterator[str]:
    """Those whom the manifest names for one of its components, then those of its files."""
    members = {title for title, _ in unit.members}
    for side in sides:
        for detail in side.manifest.details:
            named = {str(each) for each in side.scope.names.get((detail.kind, detail.name), ())}
            named |= {str(each) for each in side.scope.agents.get(detail.name, ())}
            if detail.owner and members & {*named, detail.metadata}:
                yield detail.owner
    for path in unit.files:
        yield from owners_of(prefix + path, code_owners)
