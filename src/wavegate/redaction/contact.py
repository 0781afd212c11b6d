"""Finds e-mail addresses, telephone numbers, addresses of machines, and user names.

Sources: RFC 5321 (lengths), ITU-T E.164 and E.123, the usual notations of national numbering plans, RFC 4291.
"""

import re
from collections.abc import Iterator

from wavegate.redaction.personal_data import Span
from wavegate.redaction.words import NOT_NAMES, announced, word_set

_EMAIL = re.compile(r"(?<![\w.+-])[\w.%+'-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_]{2,24}")
_SIGN = r"(?: ?[(\[{<] ?(?:at|a|ät|arroba|arobase) ?[)\]}>] ?| (?:at|ät|arroba|arobase|chiocciola|apenstaartje) )"
_DOT = r"(?: ?[(\[{<] ?(?:dot|punkt|point|punto|\.) ?[)\]}>] ?| (?:dot|punkt|point|punto|ponto) )"
_SPELLED = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,64}}(?:(?:\.|{_DOT})[\w+-]{{1,40}}){{0,4}}{_SIGN}"
    rf"(?:[\w-]{{1,63}}\.){{0,4}}[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}(?:\.[\w-]{{2,24}})?){{1,4}}",
    re.IGNORECASE,
)
_SPELLED_SIGN = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?[(\[] ?(?:at|a|ät) ?[)\]] ?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.IGNORECASE
)

_GAP = r"[ ./()-]{0,3}"
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+|00)[1-9](?:{_GAP}[0-9]){{7,15}}(?!\w)"
    r"|(?<![\w+])(?:(?:001|1)[ .-]?)?(?:\([0-9]{2,4}\) ?-?[0-9]{0,1}|[0-9]{3}[ .-])[0-9]{3,4}[ .-][0-9]{3,4}"
    r"(?:[ ,]{0,2}(?:x|ext)\.? ?[0-9]{1,6})?(?!\w)"
    r"|(?<![\w+.,/-])[2-9][0-9]{2}[2-9][0-9]{6}(?![\w]|[.,][0-9])"
    rf"|(?<![\w+./-])\(?0[1-9](?:{_GAP}[0-9]){{7,11}}(?![\w])"
    r"|(?<![\w+.-])[6-9][0-9]{2}(?: [0-9]{2}){3}(?!\w)|(?<![\w+.-])[6-9][0-9]{2} [0-9]{3} [0-9]{3}(?![\w.,])"
)
_BESIDE_LETTERS = re.compile(
    r"(?<![0-9A-Za-z+./-])(?:0[0-9]{1,3}-[0-9]{2,4}-[0-9]{4}|1[3-9][0-9]{9})(?![0-9A-Za-z./-])"
)
"""Numbers of Japan, Korea and China: their scripts put no space between a word and a number."""
_CALLS = (
    r"(?:(?:tele)?phone|cell|mobile|fax|tel|telefon|handy|mobil|whatsapp|portable|fixe|móvil|teléfono|cellulare|"
    r"telefono|telefoon|telefone|celular|telemóvel)(?:[- ]?(?:number|no|nr))?|telefonnummer|handynummer|mobilnummer|"
    r"telefoonnummer|rückruf(?:nummer)?|(?:my|meine|mon|mi|mijn|il mio) (?:nummer|number|numéro|número|numero)|"
    r"call|ring|text|reach|dial|rufen|appelez|joindre|llámame|llamar|chiamatemi|chiamare|bel"
)
_CALLED = announced(
    _CALLS,
    rf"\+?\(?[0-9](?:{_GAP}[0-9]){{5,15}}(?!\w)",
    lead=r"(?:[\s:.,(-]{0,3}(?:me|us|him|her|is|ist|est|es|è|at|on|lautet|unter|bitte|sie|mich|uns|moi|nous|"
    r"au|le|al|allo|please|number|nummer|numéro|número|now|now on|or)(?!\w)){0,4}[\s:.,=]{0,3}",
)
_DATE = re.compile(r"(?:[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9./-])")

_IPV4 = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w]|\.[0-9])")
_VERSION = re.compile(
    r"(?:version|versión|firmware|release|build|update|software|driver|treiber|v\.?) ?$", re.IGNORECASE
)
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f]{0,4}(?![\w:])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")

_HANDLE = re.compile(r"(?<![\w@/.+-])@(?P<value>[^\W\d_][\w.]{1,30}\w)")
_PROFILE = re.compile(
    r"(?:/(?:in|u|user|users|profile|profiles|people|member|members)/|"
    r"(?:twitter|x|instagram|facebook|github|gitlab|tiktok|threads|t|linkedin|youtube|medium|reddit)"
    r"\.(?:com|me|net)/(?:(?:in|u|user|users|c|channel)/)?)@?(?P<value>[\w.%-]{2,60})",
    re.IGNORECASE,
)
_FOLDERS = word_set("in u user users profile profiles people company school about help login home watch channel")
_USER_NAME = announced(
    r"user ?name|user ?id|login(?: name)?|nick ?name|handle|benutzername|nutzername|identifiant|pseudo|"
    r"nombre de usuario|usuario|nome utente|gebruikersnaam|screen name|gamertag|"
    r"(?:skype|telegram|discord)(?: name| id)?(?= ?[:=])",
    r"(?:live:)?@?[^\W_][\w.@+-]{1,60}(?<![.@+-])",
    lead=r" {0,2}(?:(?::|=|is|ist|lautet|est|es|è) {0,2})",
)


def find_emails(text: str) -> Iterator[Span]:
    """E-mail addresses, also spelled out: `name at domain dot com`."""
    for pattern in (_EMAIL, _SPELLED, _SPELLED_SIGN):
        for match in pattern.finditer(text):
            yield match.span()


def find_phones(text: str) -> Iterator[Span]:
    """Telephone numbers: international, in national notations, and digits that a word such as `call` announces."""
    for match in (*_PHONE.finditer(text), *_BESIDE_LETTERS.finditer(text)):
        if not _is_date(match.group()):
            yield match.span()
    for match in _CALLED.finditer(text):
        if not _is_date(match["value"]):
            yield match.span("value")


def _is_date(number: str) -> bool:
    return _DATE.match(number) is not None


def find_addresses_of_machines(text: str) -> Iterator[Span]:
    """Addresses of IPv4, IPv6 and network cards. A version number with four parts is not one if a word says so."""
    for match in _IPV4.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        if all(int(part) < 256 for part in match.group().split(".")) and not _VERSION.search(before):
            yield match.span()
    for match in _IPV6.finditer(text):
        groups = match.group().split(":")
        if ("::" in match.group() or len(groups) == 8) and sum(map(bool, groups)) >= 2:
            yield match.span()
    for match in _MAC.finditer(text):
        yield match.span()


def find_user_names(text: str) -> Iterator[Span]:
    """User names: `@name`, in the addresses of profiles, and announced by a word."""
    for match in _HANDLE.finditer(text):
        yield match.span("value")
    for match in _PROFILE.finditer(text):
        if match["value"].casefold() not in _FOLDERS:
            yield match.span("value")
    for match in _USER_NAME.finditer(text):
        if match["value"].casefold() not in NOT_NAMES:
            yield match.span("value")
