"""Finds names of people by what is around them: introductions, salutations, signatures, titles, labels.

A name that nothing announces is not found: there is no list of names.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from wavegate.redaction.personal_data import Span
from wavegate.redaction.words import LETTER, NOT_NAMES, PARTICLES

_MAX_WORDS = 5

_WORD = re.compile(rf"{LETTER}(?:[\w]|['.-](?={LETTER})){{0,30}}\.?")
_TITLE = (
    r"Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Herrn?|Frau|Fr|Hr|Monsieur|Madame|Mme|Mlle|Señora?|Senhora?|Sr|Sra|"
    r"Don|Doña|"
    r"[Ss]ignora?|Sig|Dott|[Hh]eer|[Mm]evrouw|[Mm]eneer|Pani?|señora?|senhora?|monsieur|madame"
)
_STRONG = (
    r"my (?:full |first |last )?name(?:'s| is)|my name:|i am called|call me|ich hei(?:ß|ss)e|mein name (?:ist|"
    r"lautet)|"
    r"je m'appelle|je me nomme|mon nom est|me llamo|mi nombre es|mi chiamo|il mio nome è|ik heet|mijn naam is|"
    r"(?:o )?meu nome é|chamo-me|me chamo|jag heter|mitt namn är|mit navn er|jeg hedder|jeg heter|nazywam się|"
    r"mam na imię|jmenuji se|nimeni on|adım|zovem se"
)
_NOUNS_OF_PEOPLE = (
    r"husband|wife|son|daughter|mother|father|mum|mom|dad|brother|sister|partner|colleague|friend|boss|neighbour|"
    r"neighbor|assistant|mann|frau|sohn|tochter|mutter|vater|bruder|schwester|partnerin|kollege|kollegin|"
    r"nachbar|mari|"
    r"femme|fils|fille|mère|père|frère|sœur|marido|mujer|esposa|esposo|hijo|hija|madre|padre|hermano|hermana|marito|"
    r"moglie|figlio|figlia"
)
_NAMED = (
    rf"(?:my|his|her|our|their|mein|meine|meinen|meinem|meiner|mon|ma|mi|mio|mia) (?:{_NOUNS_OF_PEOPLE})(?: is)?,?|"
    r"account holder(?: is)?|cardholder(?: is)?|(?:in|under) the name(?: of)?|on behalf of|auf den namen|"
    r"im namen von|"
    r"au nom de|a nombre de|intestat[oa] a|ask for|spoke (?:to|with)|speak (?:to|with)|talk(?:ed|ing)? (?:to|with)|"
    r"signed by|opened by|handled by|assigned to|attention|attn:?|c/o|z\. ?hd\.?"
)
_WEAK = (
    r"i am|i'm|this is|it's|it is|he is|she is|he's|she's|here is|ich bin|hier (?:ist|spricht)|je suis|ici|c'est|"
    r"soy|habla|sono|parla|sou|ik ben|jag är|jestem|(?:you are|you're) (?:talking|speaking) to"
)
_LABEL = (
    r"(?:(?:first|last|full|middle|given|family|customer|contact|account|card ?holder|recipient|sender|"
    r"caller) ?)?name|"
    r"surname|vorname|nachname|familienname|ansprechpartner|nom(?: de famille)?|prénom|nombre|apellidos?|"
    r"cognome|nome|"
    r"naam|voornaam|achternaam|imię|nazwisko|contact|kontakt|recipient|empfänger|destinataire"
)
_GREETING = (
    r"dea[r]|hi|hello|hey|good (?:morning|afternoon|evening)|welcome(?: back)?|thank you(?: so much|"
    r" very much)?|thanks|"
    r"sorry|guten (?:tag|morgen|abend)|hallo|liebe[rs]?|grüezi|danke|bonjour|bonsoir|salut|cher|chère|merci|hola|"
    r"buen(?:os|as) (?:días|tardes|noches)|estimad[oa]|querid[oa]|gracias|ciao|buongiorno|buonasera|gentile|car[oa]|"
    r"beste|geachte|dag|olá|oi|bom dia|prezad[oa]|hej|hei|cześć|dzień dobry"
)
_CLOSING = (
    r"(?:(?:best|kind|kindest|warm|warmest|many) )?regards|best wishes|(?:yours )?(?:sincerely|faithfully|truly)|"
    r"sincerely yours|all the best|cheers|thanks(?: again| in advance| a lot)?|thank you|many thanks|best|"
    r"(?:mit )?(?:freundlichen?|besten?|herzlichen?|lieben?|vielen?) grü(?:ß|ss)en?|mfg|lg|vg|gruß|"
    r"(?:bien )?cordialement|bien à vous|(?:sincères )?salutations|saludos(?: cordiales)?|un (?:cordial )?saludo|"
    r"atentamente|(?:cordiali|distinti) saluti|(?:met vriendelijke )?groet(?:en)?|atenciosamente|cumprimentos|"
    r"mvh|(?:vänliga )?hälsningar|pozdrawiam|z poważaniem"
)


def _pattern(words: str, after: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words}){after}", re.IGNORECASE)


_TITLES = re.compile(rf"(?<!\w)(?:{_TITLE})\.? (?:(?:and|und|et|y|e|&) )?(?:(?:{_TITLE})\.? ){{0,3}}")
_INTRODUCTIONS = _pattern(_STRONG, r"[ :]{1,3}")
_RELATIONS = _pattern(_NAMED, r"[ :]{1,3}")
_WEAKLY = _pattern(_WEAK, r" ")
_LABELS = _pattern(_LABEL, r" {0,2}[:=] {0,3}")
_SALUTATIONS = _pattern(_GREETING, r"[ ,]{1,2}")
_SIGNATURES = re.compile(rf"(?<![\w-])(?:{_CLOSING})(?P<gap>[ ,.!]{{0,3}}\n{{1,3}} {{0,4}}|, ?| )", re.IGNORECASE)
_GERMAN = re.compile(r"(?<!\w)(?:ich bin|hier ist) $", re.IGNORECASE)
_THIS = re.compile(r"(?<!\w)(?:this is|it's|it is|here is|c'est|ici) $", re.IGNORECASE)
_ENDS_NAME = re.compile(
    r" {0,2}(?:$|[\n,.;:!?)(-]|(?:and|here|speaking|calling|again|from|und|et|y|e|en|i|writing|aus|de la|"
    r"ligger)(?!\w))"
)
_ENDS_LINE = re.compile(r" {0,3}(?:$|[\n.,!])")


class _Words(NamedTuple):
    """Words of a name. start, end: of all of them. number: without particles. follows: the text after them."""

    start: int
    end: int
    number: int
    is_capital: bool


def find_names(text: str) -> Iterator[Span]:
    """Names in a text that was made plain. Titles are not a part of them."""
    for match in _TITLES.finditer(text):
        yield from _span(_capitals(text, match.end(), most=4))
    for match in _INTRODUCTIONS.finditer(text):
        yield from _span(_capitals(text, _after_title(text, match.end())) or _small(text, match.end(), most=3))
    for match in _RELATIONS.finditer(text):
        yield from _span(_capitals(text, _after_title(text, match.end())))
    for match in _LABELS.finditer(text):
        yield from _span(_capitals(text, _after_title(text, match.end())) or _small(text, match.end(), most=3))
    for match in _WEAKLY.finditer(text):
        yield from _weak(text, match)
    for match in _SALUTATIONS.finditer(text):
        yield from _greeted(text, match.end())
    for match in _SIGNATURES.finditer(text):
        yield from _signed(text, match)


def first_name(text: str, at: int) -> Iterator[Span]:
    """The name that a text starts with at this place, in the answer to a question for one."""
    yield from _span(_capitals(text, _after_title(text, at)) or _small(text, at, most=3))


def _weak(text: str, match: re.Match[str]) -> Iterator[Span]:
    """A name after words that anything may follow: two capitalized words, or one that ends there."""
    words = _capitals(text, _after_title(text, match.end()))
    if words is None or text[words.start].islower():
        return
    before = text[match.start() : match.end()]
    # a German noun has a capital, too
    needed = 2 if _GERMAN.search(before) or _THIS.search(before) else 1
    ends = _ENDS_NAME.match(text, words.end)
    if words.number >= 2 or (needed == 1 and ends):
        yield words.start, words.end


def _greeted(text: str, at: int) -> Iterator[Span]:
    words = _capitals(text, _after_title(text, at))
    if words is None and text[at - 2] != ",":
        words = _small(text, at, most=1)
    if words is None:
        return
    follows = text[words.end : words.end + 2].lstrip(" ")
    if (
        not follows
        or follows[0] in (",.!?\n:;-)" if words.is_capital else ",.!\n")
        or (words.is_capital and words.number >= 2)
    ):
        yield words.start, words.end


def _signed(text: str, match: re.Match[str]) -> Iterator[Span]:
    words = _capitals(text, _after_title(text, match.end()))
    if words is None and "\n" in match["gap"]:
        words = _small(text, match.end(), most=2)
    if words is not None and _ENDS_LINE.match(text, words.end):
        yield words.start, words.end


def _after_title(text: str, at: int) -> int:
    title = _TITLES.match(text, at)
    return title.end() if title else at


def _span(words: _Words | None) -> Iterator[Span]:
    if words is not None:
        yield words.start, words.end


def _capitals(text: str, at: int, most: int = _MAX_WORDS) -> _Words | None:
    """The capitalized words from here on, with the particles before and between them; None if there are none."""
    end, count, place = at, 0, at
    while count < most and (match := _WORD.match(text, place)):
        word = match.group().rstrip(".")
        if _is_capital(word):
            count += 1
            # the period of an initial is inside the name, that of a sentence after it
            is_initial = len(word) <= 2 and match.group() != word
            end = match.end() if is_initial else match.start() + len(word)
            if match.group() != word and not is_initial:
                break
        elif word not in PARTICLES:
            break
        place = match.end() + 1
        if text[match.end() : place] != " ":
            break
    return _Words(start=at, end=end, number=count, is_capital=True) if count else None


def _is_capital(word: str) -> bool:
    return not word[0].islower() and word.casefold() not in NOT_NAMES and _is_name_like(word)


def _is_name_like(word: str) -> bool:
    """Whether a word can be a name: not one of capitals alone such as HTML, unless all of the text may be so."""
    return not word.isupper() or len(word) <= 1 or len(word) > 3 or "." in word


def _small(text: str, at: int, most: int) -> _Words | None:
    """Words without capitals up to one that is not a name; None if they do not look like a name."""
    start, end, count, place = at, at, 0, at
    while match := _WORD.match(text, place):
        word = match.group().rstrip(".")
        if not word[0].islower() or (word in NOT_NAMES and word not in PARTICLES):
            break
        count += 1
        if count > most:
            return None
        end = match.start() + len(word)
        place = match.end() + 1
        if text[match.end() : place] != " " or match.end() > end:
            break
    return _Words(start=start, end=end, number=count, is_capital=False) if count else None
