"""Strict YAML: values as YAML 1.2 has them, places, bounds, and the same without libyaml."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places import EXAMPLES
from tests.support.values import plain

from wavegate.files import yaml_reader as adapter
from wavegate.files.document import MAX_BYTES, Document
from wavegate.files.yaml_reader import read_yaml

SYNTAX = [
    path
    for path in sorted(EXAMPLES.glob("invalid/manifests/*.yml"))
    if path.name.startswith(("yaml-", "file-too-", "file-empty"))
]


def read(text: str | bytes) -> Document:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), path="x.yml")


def only_rule(document: Document) -> str:
    [finding] = document.findings
    assert (document.root is None) == (finding.rule != "yaml/duplicate-key")
    return finding.rule


@pytest.fixture(params=["libyaml", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":
        monkeypatch.setattr(adapter, "_LOADER", yaml.SafeLoader)
    return str(request.param)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("~", None),
        ("null", None),
        ("nUlL", "nUlL"),
        ("'null'", "null"),
        ("12", 12),
        ("-0", 0),
        ("+7", 7),
        ("010", "010"),
        ("0o10", "0o10"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("3.10", 3.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-01-01", "2026-01-01"),
        ("9" * 400, "9" * 400),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("-", [None]),
    ],
)
@pytest.mark.usefixtures("loader")
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    found = plain(read(text).root)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.usefixtures("loader")
def test_numbers_and_booleans_keep_how_they_were_written() -> None:
    root = read("[3.10, 0.50, +1, True]").root
    assert root
    assert isinstance(root.value, list)
    assert [item.written for item in root.value] == ["3.10", "0.50", "+1", "True"]


@pytest.mark.usefixtures("loader")
def test_places_count_characters() -> None:
    document = read("é: 1\r\n😀 key:  {a: '😀', b: [x, y]}\n")
    assert (document.locate("😀 key", key=True).line, document.locate("😀 key", key=True).column) == (2, 1)
    assert document.locate("😀 key", "b", 1).column == 25
    assert document.locate("😀 key", "b", key=True).column == 18
    assert document.locate("😀 key", "absent", "deeper") == document.locate("😀 key")
    assert document.locate("absent").line == 1


@pytest.mark.usefixtures("loader")
def test_anchors_repeat_small_values() -> None:
    assert plain(read("a: &x {b: [1]}\nc: *x\n").root) == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize("path", SYNTAX, ids=lambda path: path.name)
def test_python_parser_finds_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = only_rule(read(path.read_bytes()))
    monkeypatch.setattr(adapter, "_LOADER", yaml.SafeLoader)
    assert only_rule(read(path.read_bytes())) == expected


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_depth_is_bounded_and_crashes_nothing(unit: str) -> None:
    assert only_rule(read(unit * (MAX_BYTES // len(unit) - 10))) == "file/too-deep"


@pytest.mark.timeout(60)
def test_bombs_do_not_hang() -> None:
    doubling = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 10_000))
    assert only_rule(read(doubling)) == "file/too-many-values"
    assert only_rule(read("[" + "x," * 400_000 + "]")) == "file/too-many-values"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(alphabet="-?:,[]{}#&*!|>'\"%@`\t\n ab1~", max_size=40)))
def test_anything_is_read_or_found_wrong(data: bytes | str) -> None:
    document = read(data)
    assert (document.root is None) == any(each.rule != "yaml/duplicate-key" for each in document.findings)
    for finding in document.findings:
        lines = document.text.split("\n")
        assert 1 <= finding.location.line <= len(lines) + document.text.count("\r")
        assert finding.location.column >= 1
