"""Finds personal data and secrets in text, by pattern and checksum, redacts them, and shortens answers to quotes.

Every pattern is bounded, so that a hostile text takes only linear time. If a kind of data has a checksum, the
checksum decides: an order number that merely looks like a card number is not reported.
Sources: ISO/IEC 7812-1 (Luhn), ISO 13616 and the SWIFT IBAN registry, SSA's number rules, ITU-T E.164.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from wavegate.release.pack import PersonalData
from wavegate.text import clip

QUOTE_LENGTH = 240
"""Maximum characters of a quote."""
_LEAD = 80
"""Characters of a quote before the first personal data."""

Span = tuple[int, int]
"""Start and end of an occurrence, as a slice of the text."""

_GAP = r"[ .\u00a0\u2010-\u2015-]"
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}")
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+[1-9](?:{_GAP}?[()]?{_GAP}?[0-9]){{7,14}}"
    rf"|(?:\+?1{_GAP}?)?(?:\([2-9][0-9]{{2}}\){_GAP}?|[2-9][0-9]{{2}}{_GAP})[2-9][0-9]{{2}}{_GAP}[0-9]{{4}})(?!\w)"
)
_SSN = re.compile(
    rf"(?<![\w-])(?!000|666|9)[0-9]{{3}}(?P<gap>{_GAP})(?!00)[0-9]{{2}}(?P=gap)(?!0000)[0-9]{{4}}(?![\w-])"
)
_DIGITS = re.compile(rf"(?<!\w)[0-9](?:{_GAP}?[0-9]){{12,}}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,40}")
_SECRET = re.compile(
    r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}"
    r"|force://[^\s\"'<>]{20,}"
    r"|\bgh[oprsu]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{40,}"
    r"|\beyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
)
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        "([A-Z]{2})([0-9]{2})",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 "
        "FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 "
        "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 "
        "SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
}


def find(text: str, kinds: Iterable[PersonalData] = PersonalData) -> tuple[tuple[PersonalData, Span], ...]:
    """The occurrences of these kinds of data in the text, by kind, then by position."""
    return tuple((kind, span) for kind in kinds for span in _FINDERS[kind](text))


def redact(text: str) -> str:
    """The text with every occurrence of every kind replaced by the kind's name in brackets."""
    pieces: list[str] = []
    position = 0
    for kind, (start, end) in sorted(find(text), key=lambda each: (each[1][0], -each[1][1])):
        if end <= position:
            continue
        if start >= position:
            pieces += [text[position:start], f"[{kind}]"]
        position = end
    return "".join([*pieces, text[position:]])


def quote(answer: str) -> str:
    """The beginning of an answer on one line, or the passage around its first personal data, which is redacted.

    Redaction is by pattern: it does not know names or addresses.
    """
    # first on one line, so that no line break hides a number from the patterns
    text = " ".join(answer.split())
    first = min((start for _, (start, _) in find(text)), default=0)
    before, after = text[:first], redact(text[first:])
    room = max(_LEAD, QUOTE_LENGTH - len(after))
    if len(before) > room:
        before = f"…{before[1 - room :]}"
    return clip(before + after, QUOTE_LENGTH)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    return lambda text: (match.span() for match in pattern.finditer(text))


def find_cards(text: str) -> Iterator[Span]:
    """Card numbers, by their length and checksum."""
    for match in _DIGITS.finditer(text):
        places = [at for at in range(*match.span()) if text[at].isdigit()]
        all_digits = "".join(text[at] for at in places)
        # a card number may be next to another number, so it starts and ends at the edge of a group of digits
        starts = [i for i, at in enumerate(places) if i == 0 or places[i - 1] != at - 1]
        ends = {i for i, at in enumerate(places) if i == len(places) - 1 or places[i + 1] != at + 1}
        for first in starts:
            lengths = (size for size in range(19, 12, -1) if first + size - 1 in ends)
            for size in lengths:
                digits = all_digits[first : first + size]
                if digits[0] in "23456" and luhn(digits):
                    yield places[first], places[first + size - 1] + 1
                    break


def luhn(digits: str) -> bool:
    """Whether the checksum of ISO/IEC 7812-1 is right. digits: not empty."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0


def find_ibans(text: str) -> Iterator[Span]:
    """IBANs, by their country's length and checksum."""
    for match in _IBAN.finditer(text):
        places = [at for at in range(*match.span()) if text[at].isalnum()]
        size = _IBAN_LENGTHS.get(text[match.start() : match.start() + 2].upper(), 0)
        if size and len(places) >= size:
            number = "".join(text[at] for at in places[:size])
            if int("".join(str(int(each, 36)) for each in number[4:] + number[:4])) % 97 == 1:
                yield places[0], places[size - 1] + 1


def find_secrets(text: str) -> Iterator[Span]:
    """Tokens of Salesforce, GitHub and JSON Web Tokens, and the heads of private keys."""
    for match in _SECRET.finditer(text):
        yield match.span()


_FINDERS: dict[PersonalData, Callable[[str], Iterator[Span]]] = {
    PersonalData.EMAIL: _matches(_EMAIL),
    PersonalData.PHONE: _matches(_PHONE),
    PersonalData.CREDIT_CARD: find_cards,
    PersonalData.IBAN: find_ibans,
    PersonalData.SSN: _matches(_SSN),
    PersonalData.SECRET: find_secrets,
}
