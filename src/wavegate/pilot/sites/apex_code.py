"""The tokens of an Apex class that can name a class, and where the name stands for the type.

Apex ignores case and lets a variable have the name of a class, so only a compiler knows what every identifier means.
A class is renamed only where its name can be nothing but the type: before another identifier, after `new`, inside
`<>` and the like. Any other place is a doubt, and a class that is doubtful anywhere is not copied.
Source: Salesforce's Apex Developer Guide.
"""

from wavegate.guardrails.metadata.apex_tokens import ApexToken, ApexTokens

_BEFORE_TYPE = frozenset({"new", "instanceof", "class", "interface", "enum", "extends", "implements", "throws"})
_ACCESS = frozenset({"public", "private", "protected", "global"})
_NOT_A_VARIABLE = frozenset({"instanceof"})
"""What can follow a variable although it is an identifier."""
_GENERIC = frozenset({"map", "list", "set", "iterable", "iterator", "batchable"})
_NEAR = 200
"""Tokens that are looked at before an identifier; no list of types is as long."""
_BEFORE_CAST = frozenset({"return", "else", "throw", "and", "or"})
"""What can stand before the parenthesis of a cast although it is an identifier."""


def is_string(token: ApexToken) -> bool:
    """Whether the token is a string, with its quotes."""
    return token.spelled.startswith("'")


def is_type(tokens: ApexTokens, index: int) -> bool:
    """Whether the identifier at that place can only be a type."""
    before, after = tokens.at(index - 1), tokens.at(index + 1)
    if before.folded in _BEFORE_TYPE or after.is_word:
        return before.folded != "from" and after.folded not in _NOT_A_VARIABLE
    match after.folded:
        case ".":
            return True
        case "[":
            return tokens.at(index + 2).folded == "]"
        case "(":
            return before.folded in _ACCESS
        case ">":
            return before.folded == "<" or (before.folded == "," and _is_generic(tokens, index))
        case ",":
            return (before.folded == "<" and _is_generic(tokens, index - 1)) or _in_header(tokens, index)
        case "{":
            return _in_header(tokens, index)
        case ")":
            return before.folded == "(" and _is_cast(tokens, index)
    return False


def _is_generic(tokens: ApexTokens, index: int) -> bool:
    """Whether what is before is the inside of `Map<…` or `List<…`, which holds types, dots, commas and brackets."""
    for at in range(index, index - _NEAR, -1):
        token = tokens.at(at)
        if token.folded == "<":
            return tokens.at(at - 1).folded in _GENERIC
        if not (token.is_word or token.folded in (",", ".", ">")):
            return False
    return False


def _in_header(tokens: ApexTokens, index: int) -> bool:
    """Whether the identifier is in the list after `implements` or `extends`."""
    for at in range(index - 1, index - _NEAR, -1):
        token = tokens.at(at)
        if token.folded in ("implements", "extends"):
            return True
        if not (token.is_word or token.folded in (",", ".", "<", ">")):
            return False
    return False


def _is_cast(tokens: ApexTokens, index: int) -> bool:
    """Whether `(Name)` is a cast: a value follows, and no call or condition opens before it."""
    opening, value = tokens.at(index - 2), tokens.at(index + 2)
    follows = value.is_word or is_string(value) or value.folded in ("(", "[")
    called = opening.is_word and opening.folded not in _BEFORE_CAST
    return follows and not called and opening.folded not in ("]", ")")
