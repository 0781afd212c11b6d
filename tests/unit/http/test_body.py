"""Bodies: how deep JSON is, whatever stands in its strings."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.http.body import MAX_DEPTH, decode, is_too_deep, parse_json
from wavegate.http.values import NoReplyError


def nested(depth: int, opening: str = "[", closing: str = "]", core: str = "") -> bytes:
    return (opening * depth + core + closing * depth).encode()


@pytest.mark.parametrize(
    ("data", "deep"),
    [
        (nested(MAX_DEPTH), False),
        (nested(MAX_DEPTH + 1), True),
        (nested(3_000, '{"a":', "}", "1"), True),
        (nested(MAX_DEPTH, '{"a":', "}", "1"), False),
        (nested(60, '[{"a":', "}]", "1"), True),
        (b"[" * 3_000, True),
        (b"[" + b"[]," * 5_000 + b"[]]", False),
        (json.dumps(["[" * 3_000, '\\"[' * 3_000, "\\" * 3, {"[{" * 200: "]"}]).encode(), False),
        (b"", False),
        (b"]" * 3_000, False),
    ],
)
def test_what_counts_is_the_depth_of_the_values(data: bytes, deep: bool) -> None:
    assert is_too_deep(data) is deep


def test_a_string_that_goes_over_several_pieces_is_still_one() -> None:
    brackets = "[" * 70_000
    assert not is_too_deep(json.dumps([brackets, "x", brackets, []]).encode())
    assert is_too_deep(json.dumps([brackets, "x", brackets]).encode() + nested(MAX_DEPTH + 1))


def test_a_reply_of_brackets_takes_no_more_memory_than_a_few_copies_of_it() -> None:
    data = b'["' + b"[" * 5 + b'",' + b'{"a":' * 400_000
    tracemalloc.start()
    try:
        assert is_too_deep(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


JSON = st.recursive(
    st.none() | st.text(alphabet='"\\[]{}a\x00é'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='"\\[{'), inner, max_size=3),
    max_leaves=30,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(JSON, st.integers(0, 2 * MAX_DEPTH), st.booleans())
def test_the_limit_holds_for_any_json(value: object, more: int, spaced: bool) -> None:
    for level in range(more):
        value = [value, "]"] if level % 2 else {"[": value}
    data = json.dumps(value, indent=1 if spaced else None).encode()
    assert is_too_deep(data) is (depth(value) > MAX_DEPTH)
    if depth(value) <= MAX_DEPTH:
        assert parse_json(data) == value


@pytest.mark.parametrize(
    "data",
    [
        nested(3_000),
        b'{"a": "\xff"}',
        b"{",
        b"",
        b"9" * 5_000,
        b"\xff\xfe[\x00]\x00",
        b"[NaN]",
        b"[-Infinity]",
        b"[1e999]",
    ],
)
def test_what_cannot_be_read_is_no_reply(data: bytes) -> None:
    with pytest.raises(NoReplyError):
        parse_json(data)
    with pytest.raises(NoReplyError):
        decode(data, dict[str, str])


def test_half_a_surrogate_pair_does_not_reach_a_file_or_a_request() -> None:
    data = json.dumps(["cut \ud83d", {"\udd25": "\ud83d\udd25 \\ud83d"}]).encode()
    value = parse_json(data)
    assert value == [
        "cut \ufffd",
        {"\ufffd": "\ud83d\udd25 \\ud83d".encode("utf-16", "surrogatepass").decode("utf-16")},
    ]
