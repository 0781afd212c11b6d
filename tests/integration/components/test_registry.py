"""The hand-written table of metadata types, held against the registry of the real CLI."""

import json
from functools import cache
from typing import Any

import pytest
from tests.support.tools import npm_package

from wavegate.components.types import BUNDLES, CHILDREN, FILES, KNOWN_TYPES

REGISTRY = "@salesforce/source-deploy-retrieve/lib/src/registry/metadataRegistry.json"


@cache
def registry() -> dict[str, dict[str, Any]]:
    types: dict[str, dict[str, Any]] = json.loads(npm_package(REGISTRY).read_text("utf-8"))["types"]
    return {each["name"]: each for each in types.values()}


def adapter(row: dict[str, Any]) -> str:
    kind: str = row.get("strategies", {}).get("adapter", "default")
    return kind


@pytest.mark.parametrize("suffix", FILES)
def test_a_files_suffix_and_folder_are_those_of_the_registry(suffix: str) -> None:
    type_, folder = FILES[suffix]
    row = registry()[type_]
    assert row["directoryName"] == folder
    if folder in BUNDLES:
        assert adapter(row) == "bundle"
    else:
        assert row["suffix"] == suffix
        assert not row.get("inFolder")
    content = {"cls", "trigger", "page", "component"}
    assert (adapter(row) == "matchingContentFile") == (suffix in content)
    strict = bool(row.get("strictDirectoryName")) and adapter(row) != "bundle"
    assert strict == (type_ in {"Bot", "BotBlock", "BotTemplate", "CustomObject", "StaticResource"})


@pytest.mark.parametrize("folder", BUNDLES)
def test_a_bundles_folder_is_that_of_the_registry(folder: str) -> None:
    row = registry()[BUNDLES[folder][0]]
    assert (row["directoryName"], adapter(row), row["strictDirectoryName"]) == (folder, "bundle", True)


def test_the_parts_of_an_object_are_those_of_the_registry() -> None:
    row = registry()["CustomObject"]
    parts = row["children"]
    assert {suffix: parts["types"][type_]["name"] for suffix, type_ in parts["suffixes"].items()} == CHILDREN
    assert (adapter(row), row["strategies"]["decomposition"]) == ("decomposed", "folderPerType")


def test_every_known_type_can_be_typed_by_the_cli() -> None:
    children = {
        each["name"] for row in registry().values() for each in row.get("children", {}).get("types", {}).values()
    }
    assert registry().keys() | children >= KNOWN_TYPES
    assert not [each for each in registry() if "Library" in each and each.startswith("Ai")], (
        "a type of data libraries"
    )
