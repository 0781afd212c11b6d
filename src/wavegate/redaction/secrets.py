"""Finds secrets: keys and tokens by their notation, passwords and codes by the word that announces them.

Sources: the notations that GitHub's secret scanning documents for AWS, Google Cloud, Azure, Slack, Stripe and others.
"""

import re
from collections.abc import Iterator

from wavegate.redaction.personal_data import Span, find_secrets
from wavegate.redaction.values import PLACEHOLDER
from wavegate.redaction.words import NOT_NAMES, word_set

_NOTATIONS = re.compile(
    r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|(?<![\w-])AIza[\w-]{30,45}|(?<![\w-])ya29\.[\w-]{20,500}"
    r"|(?<![\w-])xox[abeoprs]-[\w-]{10,300}|https://hooks\.slack\.com/[\w/]{10,200}"
    r"|(?<![\w])(?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,250}|(?<![\w])sk-[\w-]{20,250}"
    r"|(?<![\w])(?:SG\.[\w-]{16,64}\.[\w-]{16,64}|npm_[A-Za-z0-9]{30,64}|glpat-[\w-]{20,64}|hf_[A-Za-z0-9]{30,64})"
    r"|(?<![\w])(?:AC|SK)[0-9a-f]{32}(?!\w)"
    r"|(?<=AccountKey=)[A-Za-z0-9+/=]{20,200}|(?<=SharedAccessKey=)[A-Za-z0-9+/=]{20,200}"
    r"|(?<=://)[^\s/@:]{1,100}:[^\s/@]{1,100}(?=@)"
    r"|(?<![\w])[0-9a-fA-F]{32,512}(?!\w)"
)
_RANDOM = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{32,4096}={0,2}(?![\w+/=-])")
_BEARER = re.compile(r"(?<!\w)(?:bearer|basic)\s{1,3}(?P<value>[A-Za-z0-9._~+/=-]{8,4096})", re.IGNORECASE)
_WORDS = (
    r"passwords?|passwort|kennwort|pass ?code|pass ?phrase|mot de passe|mdp|contraseña|clave|senha|wachtwoord|hasło|"
    r"lösenord|adgangskode|heslo|pin|pin ?code|geheimzahl|code pin|api[ _-]?key|secret|client[ _-]secret|"
    r"access[ _-]?key|"
    r"aws_secret_access_key|private key|access[ _-]?token|token|otp|(?:one[- ]time|verification|security|"
    r"access|login|"
    r"sms|2fa) (?:code|password|passcode)|einmalcode|sicherheitscode|bestätigungscode|tan|code de vérification|"
    r"código de verificación|security answer|mother'?s maiden name"
)
_NO_PLACEHOLDER = rf"(?!{PLACEHOLDER.pattern})"
_ANNOUNCED = re.compile(
    rf"(?<![\w-])(?:{_WORDS})"
    r"(?: (?:i|we) (?:just )?(?:got|received|have|entered|typed))?"
    r"(?: ?(?::|=) ?| (?:is|was|ist|war|lautet|est|es|era|è|é|jest|är)(?: still| now|:)? |\s?[\"'])"
    rf"(?P<value>{_NO_PLACEHOLDER}[^\s\"'<>]{{3,128}})",
    re.IGNORECASE,
)
_NOT_SECRETS = NOT_NAMES | word_set(
    "expired required invalid incorrect valid secure insecure weak strong forgotten lost needed case changed "
    "reset rejected accepted locked blocked wrong same correct abgelaufen ungültig gültig gesperrt vergessen "
    "erforderlich notwendig abgelehnt expiré incorrect invalide oublié erroné caducada incorrecta olvidada "
    "scaduta errata sbagliata verlopen ongeldig verkeerd longer only always never being"
)
_PARAMETER = re.compile(
    rf"(?:[?&;]|(?<=\w)#)(?P<name>[\w.-]{{1,40}})=(?P<value>{_NO_PLACEHOLDER}[^&#;\s\"'<>]{{1,2048}})"
)
_SENSITIVE = re.compile(
    r"token|key|sig|auth|code|session|sid|jwt|pass|pwd|secret|otp|mail|phone|tel|name|user|uid|customer|"
    r"client|account|"
    r"order|case|contact|hash|nonce|state|ticket|access",
    re.IGNORECASE,
)


def find_all_secrets(text: str) -> Iterator[Span]:
    """Secrets, and parameters of web addresses whose value is random, or whose name is a secret's or a person's."""
    yield from find_secrets(text)
    for match in _NOTATIONS.finditer(text):
        yield match.span()
    for match in _RANDOM.finditer(text):
        if _is_random(match.group(), least=32):
            yield match.span()
    for match in _BEARER.finditer(text):
        if any(each.isdigit() for each in match["value"]):
            yield match.span("value")
    for match in _ANNOUNCED.finditer(text):
        yield from _announced(match)
    for match in _PARAMETER.finditer(text):
        if _SENSITIVE.search(match["name"]) or _is_random(match["value"], least=16):
            yield match.span("value")


def _announced(match: re.Match[str]) -> Iterator[Span]:
    """The value after a word such as `password`, without the punctuation of the sentence."""
    value = match["value"].rstrip(".,;?)]}") or match["value"]
    if value.endswith("!") and value.rstrip("!").isalpha() and value.rstrip("!").casefold() in _NOT_SECRETS:
        value = value.rstrip("!")
    if value.casefold() not in _NOT_SECRETS and len(value) >= 3:
        yield match.start("value"), match.start("value") + len(value)


def _is_random(value: str, *, least: int) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    found = sum(any(kind(each) for each in value) for kind in kinds)
    return len(value) >= least and (found == 3 or (found == 2 and any(each.isdigit() for each in value)))
