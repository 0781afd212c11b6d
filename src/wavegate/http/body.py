"""A reply's JSON, which is parsed only if it is not nested more deeply than any real reply."""

import json
import math
from itertools import accumulate
from typing import Any, TypeVar

import msgspec

from wavegate.http.values import NoReplyError

T = TypeVar("T")

MAX_DEPTH = 100
_BRACKETS = b'"[]{}'
_OTHERS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_PIECE = 64 * 1024
_STEP = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


def is_too_deep(data: bytes) -> bool:
    """Whether JSON is nested more than MAX_DEPTH deep, determined without a parser, which such JSON could crash."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    marks = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHERS)
    depth, in_string = 0, False
    # piece by piece, because a hostile reply would become millions of objects
    for start in range(0, len(marks), _PIECE):
        parts = marks[start : start + _PIECE].split(b'"')
        outside = b"".join(parts[int(in_string) :: 2])
        depths = list(accumulate(map(_STEP.__getitem__, outside), initial=depth))
        if max(depths) > MAX_DEPTH:
            return True
        depth = depths[-1]
        in_string ^= len(parts) % 2 == 0
    return False


def parse_json(data: bytes) -> Any:
    """The JSON of a reply: no number is infinite, and half a surrogate pair is replaced by U+FFFD.

    NoReplyError: it is not JSON in UTF-8, or is nested too deeply.
    """
    _check_depth(data)
    try:
        value = json.loads(data.decode("utf-8-sig"), parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise NoReplyError("its reply is not JSON in UTF-8") from None
    # text that was cut inside an emoji; nothing could write it to a file or send it on
    return _encodable(value) if b"\\ud" in data.lower() else value


def decode(data: bytes, kind: type[T]) -> T:
    """The JSON of a reply as a value of a type. NoReplyError: it is not JSON of that shape, or nested too deeply."""
    _check_depth(data)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise NoReplyError(f"its reply cannot be read ({error})") from None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a number of JSON")
    return number


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(each) for name, each in value.items()}
    return value


def _check_depth(data: bytes) -> None:
    if is_too_deep(data):
        raise NoReplyError(f"its reply is nested more than {MAX_DEPTH} levels deep")
