"""Strict JSON: the values that `json.loads` reads, and a place for what it does not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.values import plain

from wavegate.files.document import MAX_BYTES
from wavegate.files.strict_json import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@settings(max_examples=200, deadline=None)
@given(value=VALUES, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_reads_what_json_reads(value: Any, indent: int | None, *, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_json(text.encode(), path="x.json")
    if document.findings:
        expected = "file/byte-order-mark" if "\ufeff" in text else "file/control-character"
        assert [each.rule for each in document.findings] == [expected]
    else:
        assert plain(document.root) == value


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \\u', max_size=30))
def test_refuses_what_json_refuses(text: str) -> None:
    document = read_json(text.encode(), path="x.json")
    try:
        value = json.loads(text)
    except ValueError:
        assert document.root is None
    else:
        if not document.findings:
            assert plain(document.root) == value
        else:
            assert {each.rule for each in document.findings} <= {
                "json/duplicate-key",
                "json/syntax",  # a number too large for a float
                "file/not-unicode",
            }
    assert (document.root is None) == bool(document.findings)


@pytest.mark.parametrize("unit", ["[", '{"a":', "[[0],"])
def test_depth_is_bounded(unit: str) -> None:
    [finding] = read_json((unit * (MAX_BYTES // len(unit))).encode(), path="x.json").findings
    assert finding.rule == "file/too-deep"


def test_values_are_bounded() -> None:
    [finding] = read_json(("[" + "0," * 200_000 + "0]").encode(), path="x.json").findings
    assert finding.rule == "file/too-many-values"


def test_duplicates_are_all_found_in_one_go() -> None:
    document = read_json(b'{"a": 1, "a": 2,\n "b": 1, "b": 2}', path="x.json")
    assert [(each.location.line, each.location.column) for each in document.findings] == [(1, 10), (2, 10)]
