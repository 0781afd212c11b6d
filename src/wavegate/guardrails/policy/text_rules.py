"""Rules about the text of scripts and prompt templates: secrets, ids of one org, indentation.

The finding of a secret or an id never holds it, and no report shows its line.
"""

import re
from collections.abc import Iterator

from wavegate.findings.finding import RECORD_ID_RULE, TOKEN_RULE, Location
from wavegate.guardrails.policy.scoped import RuleScope, ScopedFindings

_SECRETS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a bearer token": r"\bBearer\s+(?=[A-Za-z0-9._~+/-]*[0-9])[A-Za-z0-9._~+/-]{20,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a Salesforce session id": r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "an API key": r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
}
_SECRET = re.compile("|".join(f"(?P<s{index}>{pattern})" for index, pattern in enumerate(_SECRETS.values())))
_WORD = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z0-9]{18}|[A-Za-z0-9]{15})(?![A-Za-z0-9])")
_KEY_PREFIXES = (
    *("001", "003", "005", "00D", "00G", "00Q", "006", "00e", "00l", "00O", "0PS", "012", "01p", "069", "500", "501"),
    *("570", "573", "701", "800", "0Xx", "16j", "172", "179", "1JS", "ka0", "2Gg", "300", "301"),
)
"""The first three characters of ids of common objects."""
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_MAX_LINE = 20_000
"""Characters of a line that are searched: nobody writes more."""


def secrets(path: str, text: str, scope: RuleScope) -> ScopedFindings:
    """Tokens and keys."""
    for number, line in enumerate(_lines(text), 1):
        for match in _SECRET.finditer(line):
            kind = list(_SECRETS)[int((match.lastgroup or "s0")[1:])]
            place = Location(path, number, match.start() + 1)
            fix = "Revoke it, since it stays in git's history, and use a named credential."
            yield scope.error(TOKEN_RULE, place, f"This looks like {kind}.", fix)


def record_ids(path: str, text: str, scope: RuleScope) -> ScopedFindings:
    """Ids of records, which hold in one org only."""
    for number, line in enumerate(_lines(text), 1):
        for match in _WORD.finditer(line) if not _SECRET.search(line) else ():
            if is_record_id(match.group()):
                place = Location(path, number, match.start() + 1)
                message = "This looks like the id of a record, which holds in one org only."
                fix = "Use a name, a variable, or `replacements` in sfdx-project.json."
                yield scope.warning(RECORD_ID_RULE, place, message, fix)


def is_record_id(word: str) -> bool:
    """Whether a word of 15 or 18 characters is the id of a record.

    18: the checksum is right. 15: it starts as ids of common objects do, and has five digits.
    Source: Salesforce Help, "How to convert a 15-character Id to an 18-character Id".
    """
    digits = sum(each.isdigit() for each in word)
    if digits < 3 or word[:15].isdigit():
        return False
    if len(word) == 18:
        return word[15:] == _checksum(word[:15])
    return word.startswith(_KEY_PREFIXES) and digits >= 5


def _checksum(word: str) -> str:
    """The three characters that say which of 15 are capital letters."""
    chunks = (word[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _ALPHABET[sum(1 << index for index, each in enumerate(chunk) if "A" <= each <= "Z")] for chunk in chunks
    )


def mixed_indentation(path: str, text: str, scope: RuleScope) -> ScopedFindings:
    """The first line that is indented with another character than the lines before it."""
    used = ""
    for number, line in enumerate(_lines(text), 1):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if used and (set(indent) - {used}):
            message = "Tabs and spaces indent this script, and a tab counts as three spaces."
            fix = "Indent with spaces only: a line may belong to another block than it seems to."
            yield scope.warning("script/mixed-indentation", Location(path, number, 1), message, fix)
            return
        used = used or indent[:1]


def _lines(text: str) -> Iterator[str]:
    for line in re.split(r"\r\n|\n|\r", text):
        yield line[:_MAX_LINE]
