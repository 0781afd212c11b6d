"""The reader agrees with `jsonschema`, and the schemas are what it and an editor understand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.places import EXAMPLES
from tests.support.places import SCHEMAS as SCHEMA_FILES

from wavegate.files.schema import read_by_schema, schema_text
from wavegate.release.reading import read_document

NAMES = ("manifest", "pack", "guardrails", "telemetry")
SCHEMAS = {name: json.loads(schema_text(name)) for name in NAMES}


def ecma_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[jsonschema.ValidationError]:
    """As JSON Schema has it: `$` is the end of the text, where Python's is before a line break, too."""
    if isinstance(instance, str) and not re.search(pattern.removesuffix("$") + r"\Z", instance):
        yield jsonschema.ValidationError("no match")


Oracle = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]
ORACLES = {
    name: Oracle(schema, format_checker=jsonschema.FormatChecker(["date"])) for name, schema in SCHEMAS.items()
}
KEYWORDS = {
    *("$schema", "$id", "$defs", "$ref", "title", "description", "examples", "default"),
    *("type", "enum", "anyOf", "format", "pattern", "minLength", "maxLength"),
    *("enumDescriptions", "patternErrorMessage"),  # for editors: yaml-language-server and VS Code
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("items", "minItems", "maxItems", "uniqueItems"),
    *("properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"),
}


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, bool):
        return
    yield schema
    for key in ("properties", "$defs"):
        for each in schema.get(key, {}).values():
            yield from subschemas(each)
    for key in ("items", "additionalProperties", "propertyNames"):
        if key in schema:
            yield from subschemas(schema[key])
    for each in schema.get("anyOf", []):
        yield from subschemas(each)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_and_uses_only_what_the_reader_knows(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    for each in subschemas(SCHEMAS[name]):
        assert each.keys() <= KEYWORDS
        assert each.get("format", "date") == "date"
        pattern = each.get("pattern", "^$")
        assert pattern.startswith("^")
        assert pattern.endswith("$")


def values(schema: Any, definitions: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each value that a schema describes, as an editor sees it: with what its reference says."""
    target = definitions.get(schema.get("$ref", "").removeprefix("#/$defs/"), {})
    seen = {**target, **schema}
    yield path, seen
    for key, each in target.get("properties", {}).items():
        yield from values({**each, **schema.get("properties", {}).get(key, {})}, definitions, f"{path}.{key}")
    for key, each in {} if target else schema.get("properties", {}).items():
        yield from values(each, definitions, f"{path}.{key}")
    below = [seen[key] for key in ("items", "additionalProperties") if isinstance(seen.get(key), dict)]
    for each in (*below, *seen.get("anyOf", ())):
        yield from values(each, definitions, f"{path}[]")


@pytest.mark.parametrize("name", NAMES)
def test_schema_helps_in_an_editor(name: str) -> None:
    """Every value has a title, a description, and an example or a list of what may stand there."""
    assert SCHEMAS[name]["$id"].endswith(f"/schemas/{name}.schema.json")
    for path, schema in values(SCHEMAS[name], SCHEMAS[name]["$defs"]):
        assert {"title", "description"} <= schema.keys(), path
        assert schema.keys() & {"examples", "enum", "default"} or schema["type"] == "boolean", path


def everywhere(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everywhere(each)


@pytest.mark.parametrize("path", sorted(SCHEMA_FILES.glob("*.json")), ids=lambda path: path.name)
def test_an_allowed_value_and_a_pattern_are_explained_in_words(path: Path) -> None:
    for each in everywhere(json.loads(path.read_text("utf-8"))):
        if isinstance(each.get("enum"), list):
            assert len(each["enumDescriptions"]) == len(each["enum"]), each["enum"]
            assert all(text.endswith(".") for text in each["enumDescriptions"])
        if isinstance(each.get("pattern"), str):
            assert each["patternErrorMessage"].endswith("."), each["pattern"]


def test_the_catalogue_for_editors_has_the_schemas_of_the_files_that_people_write() -> None:
    catalogue = json.loads((SCHEMA_FILES / "catalog.json").read_text("utf-8"))["schemas"]
    assert [each["url"] for each in catalogue] == [SCHEMAS[name]["$id"] for name in NAMES]
    files = (
        "agentforce/release.yml",
        "agentforce/packs/x.json",
        "agentforce/guardrails.yml",
        "agentforce/telemetry/x.yml",
    )
    for each, path in zip(catalogue, files, strict=True):
        assert any(PurePosixPath(path).match(pattern.removeprefix("**/")) for pattern in each["fileMatch"])


@pytest.mark.parametrize("name", NAMES)
def test_alternatives_differ_in_type(name: str) -> None:
    for each in subschemas(SCHEMAS[name]):
        types = [
            SCHEMAS[name]["$defs"][branch["$ref"].removeprefix("#/$defs/")] if "$ref" in branch else branch
            for branch in each.get("anyOf", [])
        ]
        names = [branch.get("type", "string") for branch in types]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_a_schema_are_valid(name: str) -> None:
    for each in subschemas(SCHEMAS[name]):
        validator = ORACLES[name].evolve(schema={**each, "$defs": SCHEMAS[name]["$defs"]})
        for example in [*each.get("examples", []), *([each["default"]] if "default" in each else [])]:
            assert not list(validator.iter_errors(example))


def verdict(name: str, value: Any) -> tuple[bool, bool]:
    """Ours and the oracle's, of a JSON value."""
    document = read_document(json.dumps(value).encode(), path="x.json")
    read = read_by_schema(document, name)
    if not document.findings:
        assert read == value
    return not document.findings, ORACLES[name].is_valid(value)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("invalid/packs/schema-*.json")), ids=lambda path: path.name)
def test_agrees_that_an_invalid_pack_is_invalid(path: Path) -> None:
    assert verdict("pack", json.loads(path.read_bytes())) == (False, False)


def leaves() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-2, 200),
        st.sampled_from([0.5, 1.0, 1.5, 0.95, 100.0]),
        st.sampled_from(
            ["", "all", "auto", "a", " a", "a\n", "@acme/agents", "72h", "canary", "2026-12-31", "2026-13-01"]
        ),
        st.text(max_size=3).filter(lambda text: text.isprintable() or text.isascii()),
    )


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield prefix
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*prefix, key))


EVERYTHING = {
    "manifest": json.loads(
        json.dumps(
            read_by_schema(
                read_document((EXAMPLES / "valid/extended/release.yml").read_bytes(), path="release.yml"), "manifest"
            )
        )
    ),
    "pack": json.loads((EXAMPLES / "valid/pack-with-everything/packs/everything.json").read_bytes()),
    "guardrails": json.loads(
        json.dumps(
            read_by_schema(
                read_document((EXAMPLES / "valid/policy/guardrails.yml").read_bytes(), path="guardrails.yml"),
                "guardrails",
            )
        )
    ),
    "telemetry": json.loads(
        json.dumps(
            read_by_schema(
                read_document(
                    (EXAMPLES / "valid/telemetry/telemetry/production.yml").read_bytes(), path="production.yml"
                ),
                "telemetry",
            )
        )
    ),
}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_agrees_on_what_a_mistake_makes_of_a_valid_file(data: st.DataObject, name: str) -> None:
    value = json.loads(json.dumps(EVERYTHING[name]))
    *parents, last = data.draw(st.sampled_from([path for path in paths(value) if path]))
    place = value
    for key in parents:
        place = place[key]
    match data.draw(st.sampled_from(["replace", "delete", "add", "repeat"])):
        case "replace":
            place[last] = data.draw(
                st.one_of(leaves(), st.lists(leaves(), max_size=3), st.just({}), st.just({"a": 1}))
            )
        case "delete":
            del place[last]
        case "add" if isinstance(place, dict):
            place[data.draw(st.sampled_from(["a", "name", "packs", ""]))] = data.draw(leaves())
        case _ if isinstance(place, list):
            place.append(place[last])
    ours, oracle = verdict(name, value)
    assert ours == oracle
