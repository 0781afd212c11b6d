"""Instructions, sentence by sentence: prohibitions and obligations first."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.areas.wording import (
    is_rewording,
    is_said,
    is_style,
    keeps_ways_out,
    may_forbid_a_safeguard,
    only_forbids,
)
from wavegate.guardrails.diff.change import ChangeSubject, GuardrailChange, Sides, changed
from wavegate.guardrails.diff.pairing import overlap, paired
from wavegate.guardrails.diff.rules import ChangeClass, Direction
from wavegate.guardrails.model import Force, Sentence
from wavegate.text import clip

_ALIKE = 0.6
"""Likeness from which two sentences are one that was edited. Below it, one is gone and the other is new."""
_WORDS = 40_000
"""Product of the words of two sentences up to which their order is compared: it takes that much time."""
_STRENGTH = {Force.PROHIBITION: 2, Force.OBLIGATION: 2, Force.OTHER: 0}
_WORD = re.compile(r"[\w'’-]+|[<>]=?")
_NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|thousand)\b"
)
_NEGATION = re.compile(r"\b(?:no|not|never|cannot|without|unless|except|only|\w+n['’]t)\b")
_LOOSE = re.compile(
    r"\b(?:may|can|could|allowed|permitted|free to|authori[sz]ed|no need|need not|even if|regardless|ignore|skip|"
    r"bypass|without (?:asking|confirm\w*|check\w*|verif\w*|approv\w*))\b"
)
_FILLERS = frozenset({"a", "an", "the", "please", "kindly", "very", "really", "ever", "politely"})
"""Words without which a sentence asks for the same."""
_SHOWN = 300


class SentenceLists(NamedTuple):
    """Two lists of sentences and where they are. places: to point to when one has no counterpart."""

    before: Sequence[Sentence]
    after: Sequence[Sentence]
    places: tuple[Location | None, Location | None]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation, quotes and marks of lists."""
    return tuple(_WORD.findall(text.casefold()))


def instruction_changes(
    lists: SentenceLists,
    subject: ChangeSubject,
    *,
    moved: Callable[[Sentence], bool] = lambda _: False,
    came: Callable[[Sentence], bool] = lambda _: False,
) -> Iterator[GuardrailChange]:
    """How instructions changed. moved, came: whether a sentence that is gone or new is only in another place."""
    pairs = paired(lists.before, lists.after, lambda each: words_of(each.text), _likeness, least=_ALIKE)
    for old, new in pairs.both:
        if words_of(old.text) != words_of(new.text) or old.force is not new.force:
            yield _edited(old, new, subject)
    after = _nearest(lists.before, lists.after, lists.places[1]) if pairs.removed else {}
    for old in pairs.removed:
        if not moved(old):
            yield _removed(old, after[old], subject)
    before = _nearest(lists.after, lists.before, lists.places[0]) if pairs.added else {}
    for new in pairs.added:
        if not came(new):
            yield _added(new, before[new], subject)


def _likeness(old: Sentence, new: Sentence) -> float:
    """How alike two sentences are: what either says in its words, in their order."""
    left, right = words_of(old.text), words_of(new.text)
    shared = overlap(left, right)
    if shared < _ALIKE / 2 or len(left) * len(right) > _WORDS:
        return shared
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _nearest(
    own: Sequence[Sentence], other: Sequence[Sentence], place: Location | None
) -> dict[Sentence, Location | None]:
    """Where each sentence would be on the other side: behind the last one before it that both have."""
    there = {words_of(each.text): each.location for each in other}
    near = other[0].location if other else place
    found: dict[Sentence, Location | None] = {}
    for each in own:
        found[each] = near
        near = there.get(words_of(each.text), near)
    return found


def _edited(old: Sentence, new: Sentence, subject: ChangeSubject) -> GuardrailChange:
    sides = Sides(before=old.location, after=new.location, texts=(old.text, new.text))
    change = f"{_quoted(old)} became {_quoted(new)}."
    if _STRENGTH[new.force] < _STRENGTH[old.force]:
        return changed("instruction/must-weakened", subject, sides, f"A {old.force} was weakened: {change}")
    if _STRENGTH[new.force] > _STRENGTH[old.force]:
        return changed(
            "instruction/must-strengthened",
            subject,
            sides,
            f"A sentence became a {new.force}: {change}",
            change_class=_forced(new, before=old),
        )
    if _facts(old.text) != _facts(new.text) or old.force is not new.force:
        what = "A limit or a negation" if old.force is Force.OTHER else f"A limit or a negation of a {old.force}"
        review = None if old.force is Force.OTHER else ChangeClass.SECURITY_REVIEW
        return changed("instruction/must-changed", subject, sides, f"{what} changed: {change}", change_class=review)
    if old.force is not Force.OTHER and _content(old.text) != _content(new.text):
        what = f"A {old.force} was reworded, and may ask for less"
        review = ChangeClass.SECURITY_REVIEW
        return changed("instruction/must-changed", subject, sides, f"{what}: {change}", change_class=review)
    if _is_permission(new) and not _is_permission(old):
        return changed("instruction/permission-added", subject, sides, f"A sentence now permits: {change}")
    if _is_permission(old) and not _is_permission(new):
        return _withdrawn(subject, sides, f"A sentence permits no longer: {change}")
    if old.force is not Force.OTHER:
        return changed("instruction/reworded", subject, sides, f"Reworded: {change}")
    return reworded("instruction/reworded", subject, sides, f"Reworded: {change}")


def _forced(new: Sentence, before: Sentence | None = None) -> ChangeClass | None:
    """The class of a rule that is new, if it is not for an administrator alone.

    An obligation can ask for an act. A prohibition can forbid a safeguard, such as to ask for a confirmation, and one
    that was an instruction before, and no permission, forbids what was asked for.
    """
    if before is None and is_style(new.text):
        return None
    permitted = before is None or (_is_permission(before) and keeps_ways_out(before.text))
    if new.force is Force.PROHIBITION and permitted and only_forbids(new.text):
        return None
    harmful = new.force is Force.PROHIBITION and (not permitted or may_forbid_a_safeguard(new.text))
    return ChangeClass.SECURITY_REVIEW if harmful else ChangeClass.CODE_REVIEW


def _withdrawn(subject: ChangeSubject, sides: Sides, message: str) -> GuardrailChange:
    review = None if keeps_ways_out(sides.texts[0]) else ChangeClass.CODE_REVIEW
    return changed("instruction/permission-removed", subject, sides, message, change_class=review)


def reworded(rule: str, subject: ChangeSubject, sides: Sides, message: str, *, said: bool = False) -> GuardrailChange:
    """A change of text without the words of a rule: tunable only if it is style. said: people read it as it is."""
    was, now = sides.texts
    if is_said(was, now) if said else is_rewording(was, now) if was and now else is_style(was or now):
        return changed(rule, subject, sides, message)
    doubt = f"{message} It may ask for something else."
    return changed(rule, subject, sides, doubt, direction=Direction.UNKNOWN, change_class=ChangeClass.CODE_REVIEW)


def _facts(text: str) -> tuple[Counter[str], Counter[str]]:
    """The numbers and negations of a sentence."""
    lower = text.casefold()
    return (
        Counter(each.strip(".,") for each in _NUMBER.findall(lower)),
        Counter(each.replace("’", "'") for each in _NEGATION.findall(lower)),
    )


def _content(text: str) -> list[str]:
    """The words of a sentence that bear on what it asks for, in their order."""
    return [each for each in words_of(text) if each not in _FILLERS]


def _is_permission(sentence: Sentence) -> bool:
    return sentence.force is Force.OTHER and bool(_LOOSE.search(sentence.text.casefold()))


def _removed(old: Sentence, after: Location | None, subject: ChangeSubject) -> GuardrailChange:
    sides = Sides(before=old.location, after=after, texts=(old.text, ""))
    if old.force is not Force.OTHER:
        return changed("instruction/must-removed", subject, sides, f"The {old.force} {_quoted(old)} is gone.")
    if _is_permission(old):
        return _withdrawn(subject, sides, f"The permission {_quoted(old)} is gone.")
    return reworded("instruction/reworded", subject, sides, f"The sentence {_quoted(old)} is gone.")


def _added(new: Sentence, before: Location | None, subject: ChangeSubject) -> GuardrailChange:
    sides = Sides(before=before, after=new.location, texts=("", new.text))
    if new.force is not Force.OTHER:
        return changed(
            "instruction/must-added", subject, sides, f"New {new.force}: {_quoted(new)}.", change_class=_forced(new)
        )
    if _is_permission(new):
        return changed("instruction/permission-added", subject, sides, f"New permission: {_quoted(new)}.")
    return reworded("instruction/reworded", subject, sides, f"New sentence: {_quoted(new)}.")


def _quoted(sentence: Sentence) -> str:
    return f"“{clip(sentence.text, _SHOWN).rstrip('.')}”"
