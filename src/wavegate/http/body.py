"""A reply's JSON, which is parsed only if it is not nested more deeply than any real reply."""

import json
import re
from itertools import accumulate
from typing import Any, TypeVar

import msgspec

from wavegate.http.values import NoReplyError

T = TypeVar("T")

MAX_DEPTH = 100
_BRACKETS = b'"[]{}'
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STRING = re.compile(rb'"[^"]*"')
_STEP = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


def is_too_deep(data: bytes) -> bool:
    """Whether JSON is nested more than MAX_DEPTH deep, determined without a parser, which such JSON could crash."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    marks = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHERS)
    marks = _STRING.sub(b"", marks)
    return max(accumulate(map(_STEP.__getitem__, marks)), default=0) > MAX_DEPTH


def parse_json(data: bytes) -> Any:
    """The JSON of a reply. NoReplyError: it is not JSON in UTF-8, or is nested too deeply."""
    _check_depth(data)
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NoReplyError("its reply is not JSON in UTF-8") from None


def decode(data: bytes, kind: type[T]) -> T:
    """The JSON of a reply as a value of a type. NoReplyError: it is not JSON of that shape, or nested too deeply."""
    _check_depth(data)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NoReplyError(f"its reply cannot be read ({error})") from None


def _check_depth(data: bytes) -> None:
    if is_too_deep(data):
        raise NoReplyError(f"its reply is nested more than {MAX_DEPTH} levels deep")
