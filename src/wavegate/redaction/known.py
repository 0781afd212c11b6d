"""Finds values that are known to be a person's, wherever they occur in a text: by value, not by pattern.

A value is found without regard to case, accents, spaces and punctuation: `+49 171 5550192` is found as
`0171/5550192`, `Müller` as `MUELLER`. It starts and ends at the edge of a word, so `Ann` is not found in `annual`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from wavegate.redaction.plain_text import PlainText, folded
from wavegate.redaction.values import KnownValue, PersonalKind
from wavegate.redaction.words import NOT_NAMES, PARTICLES

MAX_VALUE = 120
"""Letters and digits of a value that are looked for at once; a longer one is looked for in pieces."""
_MAX_GAP = 4
"""Characters between two letters or digits of a value."""
_WIDE = "\u2e80"
"""The first character of the scripts that are written without spaces."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_LEAST = {PersonalKind.NAME: 2, PersonalKind.SECRET: 3, PersonalKind.CARD: 3, PersonalKind.ADDRESS: 3}
_NUMBERS = frozenset({PersonalKind.PHONE})
_ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:T.*)?")
_OTHER_DATE = re.compile(r"(?P<day>[0-9]{1,2})[./-](?P<month>[0-9]{1,2})[./-](?P<year>[0-9]{4})")
_MONTH_NAMES = tuple(
    tuple(each.split())
    for each in (
        "january jan januar janvier enero gennaio januari janeiro",
        "february feb februar février febrero febbraio februari",
        "march mar märz mars marzo maart março", "april apr avril abril aprile", "may mai mayo maggio mei maio",
        "june jun juni juin junio giugno junho", "july jul juli juillet julio luglio julho",
        "august aug août agosto augustus", "september sep septembre septiembre settembre setembro",
        "october oct oktober octobre octubre ottobre outubro", "november nov novembre noviembre novembro",
        "december dec dezember décembre diciembre dicembre dezembro",
    )
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """What is looked for. owner: the value that it is a form or part of. capital: whether only a capital will do."""

    kind: PersonalKind
    owner: str
    capital: bool = False


@dataclass(kw_only=True, slots=True)
class KnownValues:
    """Values by their letters and digits. Looking for them takes time linear in the text, however many there are."""

    _sought: dict[str, Sought] = field(default_factory=dict)

    def add(self, known: KnownValue, *, announced: bool = False) -> None:
        """Add a value with its forms and parts. announced: found in a text by what is around it.

        A part of such a name counts only with a capital, since it may be a word, too.
        """
        owner = folded(known.value)
        for form in _forms(known):
            if len(form) >= _LEAST.get(known.kind, 3):
                for piece in _pieces(form):
                    self._sought.setdefault(piece, Sought(kind=known.kind, owner=owner))
        # the local part of an address that was only found may be a first name, which is its own value
        for part in () if announced and known.kind is not PersonalKind.NAME else _parts(known):
            self._sought.setdefault(folded(part), Sought(kind=known.kind, owner=owner, capital=announced))

    def owner(self, kind: PersonalKind, value: str) -> str:
        """What identifies a value: that of the value that it is a form or a part of."""
        form = folded(value)
        known = self._sought.get(form)
        return known.owner if known is not None and known.kind is kind else form

    def find(self, plain: PlainText) -> Iterator[tuple[Sought, int, int]]:
        """The occurrences in a text, as slices of the plain text; the longest at each place."""
        if not self._sought:
            return
        text, places, starts, ends = _compact(plain.text)
        lengths = sorted({len(each) for each in self._sought}, reverse=True)
        for start in starts:
            for length in lengths:
                end = start + length
                sought = self._sought.get(text[start:end]) if end in ends else None
                if sought is not None and _is_close(places, start, end):
                    first, last = places[start], places[end - 1]
                    if not sought.capital or not plain.text[first].islower():
                        yield sought, first, last + 1
                        break


def _compact(text: str) -> tuple[str, list[int], list[int], set[int]]:
    """Letters and digits without case and accents; where each is in the text; where words start and end."""
    characters: list[str] = []
    places: list[int] = []
    starts: list[int] = []
    ends: set[int] = set()
    previous = -2
    for at, character in enumerate(text):
        if not character.isalnum():
            continue
        plain = [each for each in unicodedata.normalize("NFKD", character.casefold()) if each.isalnum()]
        if at != previous + 1 or character >= _WIDE or text[previous] >= _WIDE:
            starts.append(len(characters))
            ends.add(len(characters))
        characters += plain
        places += [at] * len(plain)
        previous = at
    ends.add(len(characters))
    return "".join(characters), places, starts, ends


def _is_close(places: list[int], start: int, end: int) -> bool:
    return all(places[at + 1] - places[at] <= _MAX_GAP + 1 for at in range(start, end - 1))


def _pieces(form: str) -> Iterator[str]:
    yield form[:MAX_VALUE]


def _forms(known: KnownValue) -> Iterator[str]:
    """The ways in which a value may be written, letters and digits alone."""
    form = folded(known.value)
    yield form
    transcribed = folded(known.value.casefold().translate(_UMLAUTS))
    if transcribed != form:
        yield transcribed
    if known.kind is PersonalKind.PHONE:
        yield from _national(known.value, form)
    if known.kind is PersonalKind.BIRTH_DATE:
        yield from _dates(known.value.strip())
    if known.kind is PersonalKind.RECORD and len(form) == 18:
        yield form[:15]


def _national(value: str, digits: str) -> Iterator[str]:
    """A telephone number without its country's code, and with the zero that is dialled instead."""
    if value.strip().startswith("+") or digits.startswith("00"):
        rest = digits.removeprefix("00")
        for size in (1, 2, 3):
            if len(rest) - size >= 7:
                yield from (rest[size:], f"0{rest[size:]}", f"00{rest}", f"{rest[:size]}0{rest[size:]}")
    elif digits.startswith("0") and len(digits) >= 8:
        yield digits[1:]


def _dates(value: str) -> Iterator[str]:
    match = _ISO_DATE.fullmatch(value) or _OTHER_DATE.fullmatch(value)
    if match is None or not 1 <= int(match["month"]) <= 12:
        return
    year, month, day = match["year"], int(match["month"]), int(match["day"])
    days, months = {str(day), f"{day:02}"}, {str(month), f"{month:02}"}
    for written in (f"{d}{m}" for d in days for m in months):
        yield from (f"{written}{year}", f"{written}{year[2:]}")
    for written in (f"{m}{d}" for d in days for m in months):
        yield from (f"{written}{year}", f"{written}{year[2:]}", f"{year}{written}")
    for name in map(folded, _MONTH_NAMES[month - 1]):
        for each in days:
            yield from (
                f"{each}{name}{year}",
                f"{name}{each}{year}",
                f"{each}de{name}de{year}",
                f"{each}of{name}{year}",
            )
            yield from (f"{each}{ending}{name}{year}" for ending in ("st", "nd", "rd", "th"))
            yield from (f"{name}{each}{ending}{year}" for ending in ("st", "nd", "rd", "th"))


def _parts(known: KnownValue) -> Iterator[str]:
    """The parts of a value that tell as much as the whole."""
    if known.kind is PersonalKind.NAME:
        words = [each for each in re.split(r"[\s,.\-]+", known.value) if each]
        for word in words if len(words) > 1 else ():
            plain = folded(word)
            if len(plain) >= 2 and word.casefold() not in PARTICLES and (word.casefold() not in NOT_NAMES):
                yield word
    elif known.kind is PersonalKind.ADDRESS:
        for line in re.split(r"[,;\n]+", known.value):
            if len(folded(line)) >= 4 and line.strip() != known.value.strip():
                yield line
    elif known.kind is PersonalKind.EMAIL and "@" in known.value:
        local = known.value.partition("@")[0]
        if len(folded(local)) >= 4 and folded(local) not in {
            "info",
            "mail",
            "contact",
            "office",
            "support",
            "service",
        }:
            yield local
