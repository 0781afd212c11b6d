"""Finds postal addresses and dates of birth.

Sources: Universal Postal Union, "Addressing" country pages; the postal codes' formats as in Unicode CLDR.
"""

import re
from collections.abc import Iterator

from wavegate.redaction.personal_data import Span
from wavegate.redaction.words import MONTHS, announced

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀĄĆĘŁŃÓŚŠŹŻŽČĎĚŇŘŤŮ]"
_WORD = rf"{_CAPITAL}[\w'.]{{0,30}}"
_TO = (
    r"(?:am|an|der|den|im|in|bei|ob|de|del|della|di|du|des|la|le|les|sur|sous|en|el|los|las|y|of|the|upon|do|da|dos)"
)
_NAME = rf"{_WORD}(?:[ -](?:(?:{_TO})[ -]){{0,2}}{_WORD}){{0,3}}"
_SMALL = r"(?:de|des|du|la|le|les|del|los|las|della|dei|di|do|da|dos|das|el|l'|d')"
_FOREIGN = (
    rf"(?:(?:{_SMALL} ?){{0,3}}{_CAPITAL}?[\w'.-]{{1,30}})"
    rf"(?: (?:{_SMALL} ?){{0,3}}{_CAPITAL}[\w'.-]{{0,30}}){{0,4}}"
)

_ENGLISH = (
    r"Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|Terrace|"
    r"Ter|Gardens?|"
    r"Crescent|Cres|Close|Parkway|Pkwy|Highway|Hwy|Row|Grove|Mews|Hill|Walk|Circle|Cir|Trail|Trl|Quay|Wharf|"
    r"Loop|Plaza|"
    r"Broadway|Esplanade|Rise|View|Green"
)
_GERMAN = (
    r"(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|damm|ufer|hof|markt|steig|chaussee|promenade|wall|graben|"
    r"straat|laan|plein|gracht|kade|dijk|singel|steeg|dreef|gatan|vägen|gade|vej|veien)"
)
_STREETS = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"(?<!\w)(?:(?:Flat|Apt\.?|Apartment|Unit|Suite) \w{{1,5}},? )"
            rf"?[0-9]{{1,5}}[A-Za-z]?(?:[-/][0-9]{{1,5}})? "
            rf"(?:(?:{_WORD}|[0-9]{{1,3}}(?:st|nd|rd|th)) ){{1,4}}(?i:{_ENGLISH})(?!\w)\.?"
        ),
        (
            rf"(?<!\w)(?:{_CAPITAL}[\w.]{{0,30}}[ -]){{0,3}}(?:[^\W\d_][\w.]{{0,30}})?(?i:{_GERMAN}) ?[0-9]{{1,4}} "
            rf"?[a-z]?(?!\w)"
            r"(?:[-/][0-9]{1,4}(?!\w))?"
        ),
        (
            rf"(?<!\w)(?:Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter dem|Vor dem|"
            rf"Beim) "
            rf"(?:{_WORD} ){{1,3}}[0-9]{{1,4}} ?[a-z]?(?!\w)"
        ),
        (
            rf"(?<!\w)[0-9]{{1,4}}(?: ?(?:bis|ter|quater|[A-D]))?,? (?i:rue|avenue|av\.|boulevard|bd|place|chemin|"
            rf"allée|"
            rf"impasse|quai|route|cours|square|passage|faubourg) {_FOREIGN}"
        ),
        (
            rf"(?<!\w)(?:Calle|C/|Cl\.|Avenida|Avda\.?|Av\.|Plaza|Pza\.?|Paseo|Camino|Carrera|Ronda|Travesía|Rua|"
            rf"Travessa|"
            rf"Largo|Praça|Via|Viale|Corso|Piazza|Vicolo|Strada|ul\.|al\.|os\.|pl\.) ?{_FOREIGN},? "
            r"(?:n[ºo°]\.? ?)?[0-9]{1,4}[a-zA-Z]?(?!\w)"
        ),
        (
            r"(?<!\w)(?:P\.? ?O\.? ?Box|PO Box|Post Office Box|Postfach|Postbus|BP|B\.P\.|Apartado(?: de correos)?|"
            r"Casella postale|Caixa Postal|Skr\. ?poczt\.) ?[0-9](?: ?[0-9]){1,7}(?!\w)"
        ),
    )
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|"
    "OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|NSW|VIC|QLD|TAS|ACT|NT|ON|QC|BC|AB|MB|SK|NS|NB|NL"
)
_NO_CITY = (
    r"(?!(?:Euro?s?|EUR|Dollars?|USD|GBP|CHF|Franken|Pfund|Kunden|Stück|Tage|Jahre|Einwohner|Pakete|Schritte|"
    r"Mal|Punkte|"
    r"Prozent|Seiten|Teile|Meter|Kilometer|Mails|Nachrichten|Personen|Menschen|Stunden|Minuten|Uhr|Watt|Volt|"
    r"Pro|Plus|"
    r"Items|Points|Miles|Kg|Km|Mb|Gb|Mi?B|Gi?B|Windows|Bestellungen)(?!\w))"
)
_CITIES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?<!\w){_NAME},? )?(?<!\w)(?:{_STATES}),? [0-9]{{4,5}}(?:-[0-9]{{4}})?(?!\w)",
        rf"(?:(?<!\w){_NAME},? )?(?<!\w)[A-Z]{{1,2}}[0-9][A-Z0-9]? [0-9][A-Z]{{2}}(?!\w)",
        rf"(?:(?<!\w){_NAME},? )?(?<!\w)[A-Z][0-9][A-Z] [0-9][A-Z][0-9](?!\w)",
        rf"(?<![\w.,€$£-])(?:[A-Z]{{1,2}}-)?[0-9]{{5}},? {_NO_CITY}{_NAME}",
        rf"(?<![\w.,€$£-])[A-Z]{{1,2}}-[0-9]{{4}} {_NO_CITY}{_NAME}",
        rf"(?<![\w.,€$£-])[0-9]{{4}} ?(?!GB|MB|KB|TB|EU|UK|US|AM|PM|CM|MM|KM|KG|PS|CE|BC|AD)[A-Z]{{2}} {_NAME}",
        rf"(?<![\w.,€$£-])(?:[0-9]{{2}}-[0-9]{{3}}|[0-9]{{4}}-[0-9]{{3}}|[0-9]{{3}} [0-9]{{2}}) {_NO_CITY}{_NAME}",
    )
)
_SEGMENT = (
    rf"(?:{_CAPITAL}|[0-9])[\w.'º°ª/-]{{0,30}}(?: (?:(?:{_TO}) ){{0,2}}(?:{_CAPITAL}|[0-9])[\w'º°ª-]{{0,30}}){{0,4}}"
)
_TAIL = re.compile(
    rf"(?:,? ?\n ?|, ?){_SEGMENT}|,? {_NO_CITY}[0-9]{{4,5}} {_NAME}|,? (?:#|Apt\.?|Suite|Unit) ?\w{{1,6}}"
)
_BETWEEN = re.compile(r"[,\s][\w ,.'º°ª#/\n-]{0,30}")
_ANNOUNCED_CITY = announced(
    r"postcode|postal code|zip(?: code)?|plz|postleitzahl|code postal|código postal|cap|wohne in|umgezogen nach",
    rf"(?:[A-Z]{{1,2}}-)?[0-9]{{4,6}}(?: ?[A-Z]{{2}}(?!\w))?(?: {_NAME})?|"
    rf"[A-Z]{{1,2}}[0-9][A-Z0-9]? ?[0-9][A-Z]{{2}}",
)
_MAX_TAILS = 4

_MONTH = rf"(?i:(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})[^\W\d_]{{0,9}}\.?)"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th|er|[.º°])?"
DATE = (
    rf"(?:[0-3]?[0-9][./-] ?[0-3]?[0-9][./-] ?(?:[0-9]{{4}}|[0-9]{{2}})|[0-9]{{4}}[./-][01]?[0-9][./-][0-3]?[0-9]"
    rf"|{_DAY},? (?:of |de |d')?{_MONTH},?(?: de| del)? [0-9]{{2,4}}|{_MONTH} {_DAY},? [0-9]{{4}})(?!\w)"
)
_BORN = announced(
    r"born|d\.?o\.?b\.?|date of birth|birth ?date|birth ?day|geboren|geb|geb\.?-?datum|geburtsdatum|"
    r"geburtstag|né|née|"
    r"date de naissance|naissance|nací|nacid[oa]|fecha de nacimiento|nat[oa]|data di nascita|geboortedatum|nasci|"
    r"nascid[oa]|data de nascimento|född|født|urodzon[ya]|data urodzenia|narozen[áý]?",
    DATE,
    lead=r"(?:[\s:=.,(-]{0,4}(?:on|is|was|am|ist|der|den|le|est|el|es|il|è|op|em|é|i|the|in|den|um|data)(?!\w)){0,4}"
    r"[\s:=.(-]{0,4}",
)


def find_postal_addresses(text: str) -> Iterator[Span]:
    """Postal addresses: a street with a number, a post office box, a postal code with its place, and what joins them.

    A place without a postal code, and a street without a number, are no address: they may be general statements.
    """
    spans = sorted(
        [
            *(_with_tail(text, match.span()) for pattern in _STREETS for match in pattern.finditer(text)),
            *(match.span() for pattern in _CITIES for match in pattern.finditer(text)),
            *(match.span("value") for match in _ANNOUNCED_CITY.finditer(text)),
        ]
    )
    start = end = -1
    for span in spans:
        if end >= 0 and (span[0] <= end or _BETWEEN.fullmatch(text, end, span[0])):
            end = max(end, span[1])
            continue
        if end >= 0:
            yield start, end
        start, end = span
    if end >= 0:
        yield start, end


def _with_tail(text: str, span: Span) -> Span:
    """A street with what follows it after commas: the flat, the place, the region."""
    start, end = span
    for _ in range(_MAX_TAILS):
        tail = _TAIL.match(text, end)
        if tail is None:
            break
        end = tail.end()
    return start, end


def find_birth_dates(text: str) -> Iterator[Span]:
    """Dates that a word says somebody was born on."""
    for match in _BORN.finditer(text):
        yield match.span("value")
