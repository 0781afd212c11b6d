"""Redacts texts that are written somewhere: an issue, a pull request, a test, an artifact."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from wavegate.redaction.answers import find_answer
from wavegate.redaction.contact import find_addresses_of_machines, find_emails, find_phones, find_user_names
from wavegate.redaction.known import KnownValues
from wavegate.redaction.names import find_names
from wavegate.redaction.numbers import (
    find_bank_details,
    find_credit_cards,
    find_national_ids,
    find_plates,
    find_record_ids,
    find_references,
)
from wavegate.redaction.personal_data import Span
from wavegate.redaction.places import find_birth_dates, find_postal_addresses
from wavegate.redaction.plain_text import PlainText, folded, plain_text
from wavegate.redaction.secrets import find_all_secrets
from wavegate.redaction.values import PLACEHOLDER, KnownValue, Occurrence, PersonalKind

_FINDERS: tuple[tuple[PersonalKind, Callable[[str], Iterator[Span]]], ...] = (
    (PersonalKind.SECRET, find_all_secrets),
    (PersonalKind.CARD, find_credit_cards),
    (PersonalKind.BANK, find_bank_details),
    (PersonalKind.NATIONAL_ID, find_national_ids),
    (PersonalKind.RECORD, find_record_ids),
    (PersonalKind.EMAIL, find_emails),
    (PersonalKind.BIRTH_DATE, find_birth_dates),
    (PersonalKind.PHONE, find_phones),
    (PersonalKind.IP_ADDRESS, find_addresses_of_machines),
    (PersonalKind.PLATE, find_plates),
    (PersonalKind.HANDLE, find_user_names),
    (PersonalKind.ADDRESS, find_postal_addresses),
    (PersonalKind.REFERENCE, find_references),
    (PersonalKind.NAME, find_names),
)
"""By kind; of two that find the same, the first one names it."""
_RANK = {kind: rank for rank, (kind, _) in enumerate(_FINDERS)} | {PersonalKind.OTHER: len(_FINDERS)}
_REPEATED = 5
"""Letters and digits of a value that is looked for in the other texts, too. A shorter one, such as a PIN, may be a
year or a word there."""


def redact_written(texts: Sequence[str], *, known: Iterable[KnownValue] = ()) -> tuple[str, ...]:
    """The texts of one conversation, each without personal data and secrets, in the same order.

    known: values that the conversation's source marks as a person's; they are replaced wherever they occur.
    The same value has the same placeholder in all texts: `[name 1]`. Pass all texts of a conversation at once: a name
    that one of them introduces is replaced in every other one too. Linear in the length of the texts.
    What is found, and what is not: docs/explanation/redaction.md.
    """
    values = KnownValues()
    plain = [plain_text(text) for text in texts]
    occurrences = _occurrences(texts, plain, known, values)
    numbers: dict[tuple[PersonalKind, str], int] = {}
    counts: dict[PersonalKind, int] = {}
    redacted: list[str] = []
    for text, found in zip(texts, occurrences, strict=True):
        pieces: list[str] = []
        position = 0
        for each in found:
            identity = each.kind, values.owner(each.kind, text[each.start : each.end])
            if identity not in numbers:
                counts[each.kind] = numbers[identity] = counts.get(each.kind, 0) + 1
            pieces += [text[position : each.start], f"[{each.kind} {numbers[identity]}]"]
            position = each.end
        redacted.append("".join([*pieces, text[position:]]))
    return tuple(redacted)


def find_written(texts: Sequence[str], *, known: Iterable[KnownValue] = ()) -> tuple[tuple[Occurrence, ...], ...]:
    """What `redact_written` replaces in each text, in order and without overlaps."""
    return _occurrences(texts, [plain_text(text) for text in texts], known, KnownValues())


def _occurrences(
    texts: Sequence[str], plain: Sequence[PlainText], known: Iterable[KnownValue], values: KnownValues
) -> tuple[tuple[Occurrence, ...], ...]:
    """The occurrences by pattern and by value. values: receives everything that is looked for."""
    # a part of a name is one before it is the local part of an e-mail address
    for value in sorted(known, key=lambda one: one.kind is not PersonalKind.NAME):
        values.add(value)
    by_pattern = [list(_by_pattern(each)) for each in plain]
    for question, answer, found in zip(plain, plain[1:], by_pattern[1:], strict=False):
        found += _occurring(answer, find_answer(question.text, answer.text))
    for text, found in zip(texts, by_pattern, strict=True):
        for each in found:
            written = text[each.start : each.end]
            if each.kind is PersonalKind.NAME or len(folded(written)) >= _REPEATED:
                values.add(KnownValue(kind=each.kind, value=written), announced=True)
    found_by_all = ([*found, *_by_value(each, values)] for each, found in zip(plain, by_pattern, strict=True))
    return tuple(
        tuple(_merged(_without_placeholders(text, found))) for text, found in zip(texts, found_by_all, strict=True)
    )


def _without_placeholders(text: str, found: list[Occurrence]) -> list[Occurrence]:
    """What was not found inside of a placeholder, which an earlier redaction left."""
    inside = {at for match in PLACEHOLDER.finditer(text) for at in range(*match.span())}
    return [each for each in found if not (each.start in inside and each.end - 1 in inside)]


def _by_pattern(plain: PlainText) -> Iterator[Occurrence]:
    for kind, find in _FINDERS:
        yield from _occurring(plain, ((kind, span) for span in find(plain.text)))


def _occurring(plain: PlainText, spans: Iterable[tuple[PersonalKind, Span]]) -> Iterator[Occurrence]:
    for kind, (start, end) in spans:
        if end > start:
            first, last = plain.span(start, end)
            yield Occurrence(kind=kind, start=first, end=last)


def _by_value(plain: PlainText, values: KnownValues) -> Iterator[Occurrence]:
    return _occurring(plain, ((sought.kind, (start, end)) for sought, start, end in values.find(plain)))


def _merged(found: list[Occurrence]) -> Iterator[Occurrence]:
    """The occurrences in order, those that overlap as one, of the kind that covers the most of it."""
    found.sort(key=lambda each: (each.start, each.start - each.end, _RANK[each.kind]))
    group: list[Occurrence] = []
    for each in found:
        if group and each.start >= max(one.end for one in group):
            yield _as_one(group)
            group = []
        group.append(each)
        if len(group) > 1:
            # two are enough: the longest so far, and the one that ends last
            longest = min(group, key=lambda one: (one.start - one.end, _RANK[one.kind]))
            last = max(group, key=lambda one: one.end)
            start = min(one.start for one in group)
            group = [Occurrence(kind=longest.kind, start=longest.start, end=longest.end)]
            if last.end > longest.end or start < longest.start:
                group.append(Occurrence(kind=last.kind, start=start, end=last.end))
    if group:
        yield _as_one(group)


def _as_one(group: list[Occurrence]) -> Occurrence:
    return Occurrence(kind=group[0].kind, start=min(one.start for one in group), end=max(one.end for one in group))
