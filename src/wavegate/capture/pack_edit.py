"""Adds tests and policies to a smoke pack, and leaves every other byte as it is; or writes a new pack."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from wavegate.capture.naming import policy_entry
from wavegate.capture.values import CapturedTest
from wavegate.errors import InputError
from wavegate.files.document import Document
from wavegate.files.insertions import Insertion, TextLines, UnforeseenLayoutError, inserted
from wavegate.files.schema import read_by_schema
from wavegate.files.yaml_places import PlacedDocument, PlacedValue, read_places
from wavegate.release.pack import Pack, Policy
from wavegate.release.reading import first_error, pack_of, read_document
from wavegate.text import one_line

_CRITERIA = {"minimumSuccessRate": 1}
"""What happened once must not happen again: in a large pack, a lower rate would let a test that always fails pass."""


def new_pack(path: str, tests: Sequence[CapturedTest]) -> bytes:
    """A pack with these tests alone. path: its suite is named after it."""
    suite, entries = _quoted(PurePosixPath(path).stem), [_quoted(_entry(each)) for each in tests]
    policies = [f"{_quoted(name)}: {_quoted(each)}" for name, each in _policies(tests, ()).items()]
    if path.lower().endswith(".json"):
        separator = ",\n    "
        text = (
            f'{{\n  "suite": {suite},\n  "tests": [\n    {separator.join(entries)}\n  ],\n'
            f'  "policies": {{\n    {separator.join(policies)}\n  }},\n  "passCriteria": {_quoted(_CRITERIA)}\n}}\n'
        )
        return text.encode()
    lines = [
        f"suite: {suite}",
        "tests:",
        *(f"  - {each}" for each in entries),
        "policies:",
        *(f"  {each}" for each in policies),
        f"passCriteria: {_quoted(_CRITERIA)}",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def edit_pack(data: bytes, *, pack: Pack, tests: Sequence[CapturedTest]) -> bytes:
    """A pack with more tests. data: of its file. InputError: it is written in a way that cannot be edited."""
    document = read_document(data, path=pack.path)
    values = read_by_schema(document, "pack")
    if values is None:
        raise first_error(document.findings)
    policies = _policies(tests, pack.policies)
    try:
        places = read_places(document.text)
        insertions = list(_insertions(document, places, [_entry(each) for each in tests], policies))
    except (UnforeseenLayoutError, ValueError) as error:
        raise _not_editable(document, error.at if isinstance(error, UnforeseenLayoutError) else 0) from None
    edited = inserted(document.text, insertions).encode()
    expected = {**values, "tests": [*values["tests"], *map(_entry, tests)]}
    if policies or "policies" in values:
        expected["policies"] = {**values.get("policies", {}), **policies}
    after = read_document(edited, path=pack.path)
    if read_by_schema(after, "pack") != expected:
        raise _not_editable(document, places.root.start)
    if pack_of(after) is None:
        raise first_error(after.findings)
    return edited


def _entry(test: CapturedTest) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": test.name,
        "kind": test.kind.value,
        "severity": test.severity.value,
        "definition": test.definition,
        "policies": [each.name for each in test.policies],
    }
    checks = [
        *(["topic"] if any(each.topics for each in test.policies) else []),
        *(["actions"] if any(each.required_actions for each in test.policies) else []),
    ]
    return entry | ({"checks": checks} if checks else {})


def _policies(tests: Sequence[CapturedTest], taken: Sequence[Policy]) -> Mapping[str, Any]:
    known = {each.name for each in taken}
    return {each.name: policy_entry(each) for test in tests for each in test.policies if each.name not in known}


def _insertions(
    document: Document, places: PlacedDocument, tests: Sequence[Any], policies: Mapping[str, Any]
) -> list[Insertion]:
    lines, root = TextLines(document.text), places.root
    found = lines.append_items(_own(places, root.entries["tests"][1]), list(map(_quoted, tests)))
    if not policies:
        return found
    entries = [f"{_quoted(name)}: {_quoted(each)}" for name, each in policies.items()]
    if "policies" in root.entries:
        return [*found, *lines.append_entries(_own(places, root.entries["policies"][1]), entries)]
    if root.is_flow:
        added = f"{_quoted('policies')}: {{{', '.join(entries)}}}"
        return [*found, *lines.append_entries(root, [added])]
    block = "".join(f"{lines.newline}  {each}" for each in entries)
    return [*found, *lines.append_entries(root, [f"policies:{block}"])]


def _own(places: PlacedDocument, value: PlacedValue) -> PlacedValue:
    """The value, if no alias shares it with another place."""
    if value.alias or places.aliases.get(value.anchor):
        raise UnforeseenLayoutError(value.start)
    return value


def _not_editable(document: Document, at: int) -> InputError:
    place = document.location(at)
    return InputError(
        f"The tests cannot be added to {one_line(document.path, 200)}: line {place.line} is not written as a plain "
        "list or mapping.",
        fix="Write `tests` and `policies` there without aliases, one entry a line; or name another pack with --pack.",
        file=document.path,
        line=place.line,
        column=place.column,
    )


def _quoted(value: Any) -> str:
    """A value as JSON, which YAML reads the same."""
    return json.dumps(value, ensure_ascii=False)
