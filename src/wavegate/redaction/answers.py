"""Finds what a short message answers to the one before it: "What is your name?" announces the next text.

Only short answers count: in a longer one, the other patterns find what is announced in it.
"""

import re
from collections.abc import Iterator

from wavegate.redaction.names import first_name
from wavegate.redaction.personal_data import Span
from wavegate.redaction.values import PLACEHOLDER, PersonalKind

MAX_ANSWER = 80
"""Characters of an answer."""
_ASKED = 300
"""Characters at the end of a text in which a question is looked for."""

_QUESTIONS = (
    (
        PersonalKind.SECRET,
        (
            r"password|passwort|kennwort|mot de passe|contraseña|pin|passcode|(?:verification|"
            r"security|one-time) code|"
            r"secret|security answer|maiden name|einmalcode|code de vérification|código"
        ),
    ),
    (
        PersonalKind.BIRTH_DATE,
        r"born|birth ?da(?:y|te)|date of birth|geburtsdatum|geboren|naissance|nacimiento|nascita",
    ),
    (
        PersonalKind.ADDRESS,
        (
            r"address|postcode|postal code|zip|"
            r"adresse|anschrift|postleitzahl|dirección|indirizzo|"
            r"where do you live|adres|"
            r"morada|endereço"
        ),
    ),
    (
        PersonalKind.REFERENCE,
        r"number|nummer|numéro|número|numero|order|booking|reference|customer id|account|policy|code|id|phone",
    ),
    (
        PersonalKind.NAME,
        r"name|called|speaking (?:to|with)|nom|nombre|nome|heißen|naam|appelez-vous|llama|chiama|imię",
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(rf"(?<!\w)\w{{0,20}}(?:{words})(?!\w)", re.IGNORECASE)) for kind, words in _QUESTIONS
)
_ASKS = re.compile(
    r"[^.!?\n]{0,300}(?:\?|:\s*$)|(?:please|bitte|por favor|s'il vous plaît|veuillez|per favore)[^.!?\n]{0,300}", re.I
)
_CODED = re.compile(r"[^\W_](?:[^\s,;!?]{0,40}[^\W_])?(?: [0-9]{2,}){0,5}")
_FILLER = re.compile(
    r"\s*(?:(?:it'?s|it is|that'?s|sure|yes|ok|okay|hi|hello|ja|oui|sí|si|das ist|c'est|es|es ist|"
    r"natürlich|claro)[,.:]?\s+){0,3}",
    re.IGNORECASE,
)


def find_answer(question: str, answer: str) -> Iterator[tuple[PersonalKind, Span]]:
    """What a text gives in answer to the one before it. Both as they are searched, see `plain_text`."""
    if len(answer) > MAX_ANSWER or not answer.strip():
        return
    # what was replaced before is not an answer
    answer = PLACEHOLDER.sub(lambda match: " " * len(match.group()), answer)
    asked = " ".join(match.group() for match in _ASKS.finditer(PLACEHOLDER.sub("x", question[-_ASKED:])))
    kinds = {kind for kind, pattern in _PATTERNS if pattern.search(asked)}
    start = _FILLER.match(answer).end()  # type: ignore[union-attr]  # it matches any text
    if PersonalKind.NAME in kinds:
        yield from ((PersonalKind.NAME, span) for span in first_name(answer, start))
    for kind in (PersonalKind.SECRET, PersonalKind.BIRTH_DATE, PersonalKind.ADDRESS, PersonalKind.REFERENCE):
        if kind in kinds:
            yield from ((kind, span) for span in _coded(answer, start))
            return


def _coded(answer: str, start: int) -> Iterator[Span]:
    """The parts of an answer that have a digit, and enough of them to be no count."""
    for match in _CODED.finditer(answer, start):
        if any(each.isdigit() for each in match.group()) and sum(each.isalnum() for each in match.group()) >= 4:
            yield match.span()
