"""Finds numbers that stand for a person: of records, customers and orders, cars, identity papers, banks, cards.

If a kind of number has a checksum, a number without a word that announces it counts only if the checksum is right.
Sources: Salesforce, "18-character record ids"; ISO 7064 (DE tax number); INSEE (NIR); Orden INT/2058/2008 (DNI, NIE);
DM 23/12/1976 (codice fiscale); HMRC NIM39110 (NINO); ABA routing numbers; ISO 9362 (BIC); ISO/IEC 7812-1 (Luhn).
"""

import re
from collections.abc import Callable, Iterator

from wavegate.redaction.personal_data import Span, find_cards, find_ibans, luhn
from wavegate.redaction.places import DATE
from wavegate.redaction.words import announced

_RECORD = re.compile(r"(?<![\w])[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?(?!\w)")
_PREFIXES = re.compile(r"00[1-9Q][A-Za-z0-9]|00D|500|570|0Mw|800|801|0PK|0Hn|[a-zA-Z][0-9A-Za-z]{2}[0-9]")
_UUID = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])")

_NUMBER_NOUNS = (
    r"(?:order|purchase|case|customer|client|account|invoice|policy|claim|contract|ticket|reference|ref|booking|"
    r"reservation|confirmation|member(?:ship)?|tracking|shipment|parcel|delivery|incident|subscription|loyalty|quote|"
    r"bill|receipt|patient|student|employee|device|serial|return|rma|file|insurance|loan|meter)"
    r"(?:[ -]?(?:number|no|nr|num|id|code|card|ref|reference))?\.?|bank account|"
    r"[a-zäöü]{3,20}-?(?:nummer|nr\.?)|auftrag|aktenzeichen|vorgang|bestellung|rechnung|vertrag|kunde|police|"
    r"(?:numéro|no|n°) (?:de |d'|du )?(?:commande|client|dossier|contrat|facture|suivi|colis|police|compte|abonné)|"
    r"commande|dossier|contrat|facture|réclamation|"
    r"(?:número|num|n[ºo°]) (?:de |do |del )?(?:pedido|cliente|factura|póliza|contrato|expediente|reserva|"
    r"cuenta|socio)|"
    r"pedido|factura|póliza|contrato|expediente|reserva|encomenda|processo|"
    r"numero (?:d'|di |dell')?(?:ordine|cliente|pratica|fattura|polizza|contratto)|ordine|codice cliente|pratica|"
    r"fattura|polizza|numer (?:zamówienia|klienta|faktury)|zamówieni[ea]"
)
_REFERENCE = announced(
    _NUMBER_NOUNS,
    # the first part has a digit: words may follow, too
    r"(?:[A-Z]{1,5}[ -])?(?=[A-Za-z/_.-]{0,20}[0-9])[A-Za-z0-9]+(?:[-/_.][A-Za-z0-9]+){0,6}(?: "
    r"?[0-9]{2,}[A-Za-z0-9-]*){0,5}(?: [0-9](?!\w))?",
)
_MONEY = re.compile(
    rf"[0-9]{{1,6}}[.,][0-9]{{2}}|{DATE}|(?:19|20)[0-9]{{2}}|[0-9]+(?:st|nd|rd|th|x|h|cm|mm|kg|GB|MB|TB)"
)

_PLATE = re.compile(
    r"(?<![\w-])(?:[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} [0-9]{1,4}[EH]?|[A-Z]{2}[0-9]{2} [A-Z]{3}|"
    r"[A-Z]{2}-[0-9]{3}-[A-Z]{2})(?![\w-])"
)
_CAR = announced(
    r"plates?|registration|reg|licen[cs]e plate|number plate|kennzeichen|nummernschild|immatriculation|plaque|"
    r"immatriculée?|matrícula|targa|nummerplaat|kenteken|registreringsnummer|tablica",
    r"[A-ZÄÖÜ0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){0,3}(?!\w)",
    lead=r"(?:[\s:=#,.-]{0,3}(?-i:[a-zà-ÿ]{1,12}) ){0,4}[\s:=#,.-]{0,3}",
)

_PAPER = announced(
    r"ssn|social security(?: number| no)?|nino|ni number|national insurance(?: number| no)?|passport|reisepass|"
    r"reisepassnummer|passnummer|ausweis|ausweisnummer|personalausweis(?:nummer)?|passeport|pasaporte|"
    r"passaporto|paspoort|"
    r"steuer-?id|steuernummer|steueridentifikationsnummer|tax (?:id|number|no)|tin|itin|sozialversicherungsnummer|"
    r"rentenversicherungsnummer|numéro de sécu(?:rité sociale)?|sécurité sociale|nir|dni|nie|nif|cif|"
    r"codice fiscale|bsn|"
    r"burgerservicenummer|cpf|cnpj|rg|pesel|sin|social insurance(?: number)?|personnummer|fødselsnummer|cpr|"
    r"aadhaar|pan|"
    r"ahv(?:-nummer)?|avs|(?:driving|driver'?s?) licen[cs]e(?: number| no)?|führerschein(?:nummer)?|"
    r"permis(?: de conduire)?|id card|identity card|identification number|carte d'identité|"
    r"rijksregisternummer|medicare|hetu|henkilötunnus|rodné číslo|t\.?c\.? ?kimlik(?: no)?|vin",
    r"[A-Z0-9](?:[ ./-]?[A-Z0-9]){4,24}(?!\w)",
)
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?[0-9]{2}){3} ?[A-D](?!\w)"
)
_LICENCE = re.compile(r"(?<!\w)[A-Z9]{5}[0-9]{6}[A-Z9]{2}[0-9A-Z]{3}(?!\w)")

_BANK = announced(
    r"routing(?: number| no)?|aba|rtn|sort ?code|blz|bankleitzahl|bic|swift(?:[ -]?code)?(?:/bic)?|kontonummer|konto|"
    r"iban|clabe|bsb|ifsc",
    r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?!\w)|(?:[A-Z]{2})?[0-9](?:[ -]?[A-Z0-9]){4,32}(?!\w)",
)
_CODE = announced(
    r"cv[vc]2?|card (?:security|verification) code|security code|prüfnummer|prüfziffer|cryptogramme",
    r"[0-9]{3,4}(?!\w)",
)
_SEPARATED = re.compile(r"(?<!\w)[0-9](?: ?[./_|*,~-]? ?[0-9]){12,40}(?!\w)")


def find_record_ids(text: str) -> Iterator[Span]:
    """Ids of Salesforce records: 18 characters by checksum, 15 by prefix; UUIDs, such as those of sessions."""
    for match in _RECORD.finditer(text):
        record = match.group()
        has_both = any(each.isdigit() for each in record) and any(each.isalpha() for each in record[:15])
        if has_both and (record == with_checksum(record[:15]) or (len(record) == 15 and _PREFIXES.match(record))):
            yield match.span()
    for match in _UUID.finditer(text):
        yield match.span()


def with_checksum(record: str) -> str:
    """A record id of 15 characters as one of 18: a letter for each five says which of them are capitals."""
    blocks = (record[at : at + 5] for at in (0, 5, 10))
    places = (sum(1 << at for at, each in enumerate(block) if "A" <= each <= "Z") for block in blocks)
    return record + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[place] for place in places)


def find_references(text: str) -> Iterator[Span]:
    """Numbers of customers, orders, cases, policies, that a word announces."""
    for match in _REFERENCE.finditer(text):
        value = match["value"]
        letters = sum(each.isalnum() for each in value)
        if letters >= 4 and any(each.isdigit() for each in value) and not _MONEY.fullmatch(value):
            yield match.span("value")


def find_plates(text: str) -> Iterator[Span]:
    """Licence plates: in the notations of Germany, Great Britain and France, and any that a word announces."""
    for match in _PLATE.finditer(text):
        yield match.span()
    for match in _CAR.finditer(text):
        value = match["value"]
        if len(value) >= 4 and any(each.isdigit() for each in value) and any(each.isalpha() for each in value):
            yield match.span("value")


def find_national_ids(text: str) -> Iterator[Span]:
    """Numbers of identity papers, social security and tax: by checksum or notation, and any that a word announces."""
    for pattern, is_valid in _CHECKED:
        for match in pattern.finditer(text):
            if is_valid("".join(each for each in match.group() if each.isalnum()).upper()):
                yield match.span()
    for match in (*_NINO.finditer(text), *_LICENCE.finditer(text)):
        yield match.span()
    for match in _PAPER.finditer(text):
        if sum(each.isdigit() for each in match["value"]) >= 3:
            yield match.span("value")


def find_bank_details(text: str) -> Iterator[Span]:
    """IBANs by checksum; BIC, routing number, sort code and account number that a word announces."""
    yield from find_ibans(text)
    for match in _BANK.finditer(text):
        yield match.span("value")


def find_credit_cards(text: str) -> Iterator[Span]:
    """Card numbers by checksum, whatever separates their digits, and verification codes that a word announces."""
    yield from find_cards(text)
    for match in _SEPARATED.finditer(text):
        places = [at for at in range(*match.span()) if text[at].isdigit()]
        # separated digit by digit, any of them may be the first; more than a few numbers are not a card
        for size in range(min(19, len(places)), 12, -1):
            for first in range(len(places) - size + 1):
                digits = "".join(text[at] for at in places[first : first + size])
                if digits[0] in "3456" and luhn(digits) and _is_edge(places, first, size):
                    yield places[first], places[first + size - 1] + 1
    for match in _CODE.finditer(text):
        yield match.span("value")


def _is_edge(places: list[int], first: int, size: int) -> bool:
    """Whether the number is not a part of a longer group of digits."""
    last = first + size - 1
    starts = first == 0 or places[first - 1] != places[first] - 1
    return starts and (last + 1 == len(places) or places[last + 1] != places[last] + 1)


def _mod_11_10(number: str) -> bool:
    product = 10
    for digit in number[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    # ten of eleven digits, one of them two or three times: the rule of the tax office
    return (11 - product) % 10 == int(number[-1]) and 8 <= len(set(number[:-1])) <= 9


def _nir(number: str) -> bool:
    body = number[:13].replace("2A", "19").replace("2B", "18")
    return body.isdigit() and 97 - int(body) % 97 == int(number[13:])


def _dni(number: str) -> bool:
    digits = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def _cpf(number: str) -> bool:
    for size in (9, 10):
        rest = sum(int(each) * (size + 1 - at) for at, each in enumerate(number[:size])) * 10 % 11 % 10
        if rest != int(number[size]):
            return False
    return len(set(number)) > 1


_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def _codice_fiscale(number: str) -> bool:
    values = [int(each) if each.isdigit() else ord(each) - ord("A") for each in number]
    total = sum(_ODD[value] if at % 2 == 0 else value for at, value in enumerate(values[:15]))
    return total % 26 == values[15]


def _ahv(number: str) -> bool:
    return sum(int(each) * (1, 3)[at % 2] for at, each in enumerate(number)) % 10 == 0


def _always(_number: str) -> bool:
    return True


_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = tuple(
    (re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])"), check)
    for pattern, check in (
        (r"(?!000|666|9)[0-9]{3}(?P<gap>[ -])(?!00)[0-9]{2}(?P=gap)(?!0000)[0-9]{4}", _always),
        (r"[1-9][0-9](?: ?[0-9]{3}){3}", _mod_11_10),
        (r"[12] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}", _nir),
        (r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3} ?-?[A-HJ-NP-TV-Z]|[XYZ] ?-?[0-9]{7} ?-?[A-HJ-NP-TV-Z]", _dni),
        (r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", _cpf),
        (r"(?i:[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z])", _codice_fiscale),
        (r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}", _ahv),
    )
)
