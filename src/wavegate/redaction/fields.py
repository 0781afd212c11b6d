"""Which fields hold a person's data, by their names: variables, inputs of actions, attributes of spans."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from wavegate.redaction.values import KnownValue, PersonalKind
from wavegate.redaction.words import word_set

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+")
_NO_VALUE = frozenset(
    {
        "",
        "true",
        "false",
        "null",
        "none",
        "not_set",
        "undefined",
        "na",
        "unknown",
        "{}",
        "[]",
        "-",
        "yes",
        "no",
    }
)
_WORDS = (
    (PersonalKind.EMAIL, "email emails mail"),
    (PersonalKind.PHONE, "phone phones mobile cell telephone tel fax telefon telefono telephon msisdn whatsapp"),
    (PersonalKind.SECRET, "password passcode pin otp token secret passwort contrasena credential"),
    (PersonalKind.BIRTH_DATE, "birth birthdate birthday dob geburtsdatum naissance nacimiento"),
    (PersonalKind.BANK, "iban bic routing sortcode bankaccount"),
    (PersonalKind.CARD, "card creditcard cardnumber cvv cvc pan"),
    (PersonalKind.NATIONAL_ID, "ssn nino passport nationalid taxid vat dni nie nir cpf bsn pesel license licence"),
    (PersonalKind.PLATE, "plate licenseplate kennzeichen"),
    (
        PersonalKind.ADDRESS,
        "street address city zip zipcode postal postcode postalcode plz strasse adresse direccion",
    ),
    (PersonalKind.NAME, "firstname lastname fullname middlename surname vorname nachname nom prenom nombre apellido"),
    (PersonalKind.HANDLE, "username handle login nickname alias"),
)
_KINDS = {word: kind for kind, words in _WORDS for word in words.split()}
_PEOPLE = word_set(
    "first last full middle given family sur nick maiden contact customer client person user guest caller "
    "patient member holder owner recipient sender billing shipping end my account lead employee passenger "
    "student visitor traveler cardholder beneficiary individual"
)
_NUMBERED = word_set("id number no nr key ref reference")
_RECORDS = _PEOPLE | word_set(
    "case order messaging session conversation ticket policy invoice booking contract claim"
)


def known_values(fields: Iterable[tuple[str, str]]) -> Iterator[KnownValue]:
    """The values of those fields that are a person's by their names, such as `ContactName` or `billing_street`.

    fields: name and value; a name may occur more than once, and may have a prefix such as `$Context.` or `user.`.
    """
    for name, value in fields:
        kind = kind_of_field(name)
        if kind is not None and value.strip().casefold().replace("/", "") not in _NO_VALUE:
            yield KnownValue(kind=kind, value=value)


def kind_of_field(name: str) -> PersonalKind | None:
    """The kind of data that a field of that name holds; None if its name does not say that it is a person's."""
    words = [each.casefold() for each in _WORD.findall(name.removesuffix("__c").removesuffix("__pc"))]
    if not words:
        return None
    pairs = [first + second for first, second in pairwise(words)]
    if words[0] == "ip" or words[-1] == "ip" or "ipaddress" in (*words, *pairs):
        return PersonalKind.IP_ADDRESS
    found = next((_KINDS[each] for each in (*pairs, *words) if each in _KINDS), None)
    if found is not None and words[-1] not in {"type", "status", "count", "template", "subject"}:
        return found
    if words[-1] == "name" and (len(words) == 1 or set(words[:-1]) & _PEOPLE):
        return PersonalKind.NAME
    if words[-1] in _NUMBERED and set(words[:-1]) & _RECORDS:
        return PersonalKind.RECORD if words[-1] == "id" else PersonalKind.REFERENCE
    if words[-1] in _PEOPLE - {"my", "end", "first", "last", "full", "account", "billing", "shipping"}:
        return PersonalKind.NAME if words[-1] in {"customer", "caller", "guest", "recipient", "contact"} else None
    return None
