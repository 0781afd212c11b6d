"""Kinds of personal data and secrets, and values that are known to be a person's."""

import re
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    """A kind of personal data or secret. Its value is the word of the placeholder: `[name 1]`."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTH_DATE = "birth date"
    IP_ADDRESS = "ip address"
    HANDLE = "user name"
    RECORD = "record id"
    REFERENCE = "number"
    """A customer, order, case or policy number."""
    PLATE = "licence plate"
    NATIONAL_ID = "national id"
    """A passport, social security, tax or identity card number."""
    BANK = "bank details"
    CARD = "credit card"
    SECRET = "secret"  # noqa: S105 - a kind
    OTHER = "value"
    """A value that its field marks as a person's, of none of the other kinds."""


PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(PersonalKind)}) [0-9]{{1,4}}\]")
"""What a value is replaced by. What was replaced is not replaced again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownValue:
    """A value that is known to be a person's, such as that of a variable `ContactName`."""

    kind: PersonalKind
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """Personal data in a text. start, end: a slice of the text as it was given."""

    kind: PersonalKind
    start: int
    end: int
