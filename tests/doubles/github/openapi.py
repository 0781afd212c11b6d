"""GitHub's official OpenAPI description: what a request may contain, and what a reply must look like."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from tests.support.tools import npm_package

DESCRIPTION = "@octokit/openapi/generated/api.github.com.json"
ERROR = "#/components/schemas/basic-error"
COMBINED = ("allOf", "anyOf", "oneOf")

_formats = FormatChecker(formats=())


@_formats.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


class Description:
    """The description, read once per process. Schemas become JSON Schema, linked as objects, when they are used."""

    def __init__(self, path: Path | None = None) -> None:
        self._document: dict[str, Any] = json.loads((path or npm_package(DESCRIPTION)).read_bytes())
        self._schemas: dict[str, dict[str, Any]] = {}

    def operation(self, method: str, template: str) -> dict[str, Any] | None:
        """The operation of a route, or None if GitHub has none."""
        found: dict[str, Any] | None = self._document["paths"].get(template, {}).get(method.lower())
        return found

    def has(self, method: str, path: str) -> bool:
        """Whether GitHub has a route for a request."""
        return any(
            method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
            for template, operations in self._document["paths"].items()
        )

    def look_up(self, node: Any) -> Any:
        """A part of the description that is not a schema, with its reference resolved."""
        return self._at(node["$ref"]) if "$ref" in node else node

    def schema(self, node: Any) -> dict[str, Any]:
        """A schema of the description as JSON Schema. References become shared, possibly cyclic objects."""
        converted: dict[str, Any] = self._converted(node)
        return converted

    def _at(self, reference: str) -> Any:
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    def _converted(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._converted(item) for item in node]
        if not isinstance(node, dict):
            return node
        if isinstance(reference := node.get("$ref"), str):
            if reference not in self._schemas:
                # registered before it is filled: a schema may refer to itself
                self._schemas[reference] = {}
                self._schemas[reference].update(self._converted(self._at(reference)))
            return self._schemas[reference]
        result = {key: self._converted(value) for key, value in node.items()}
        return _nullable(result) if result.get("nullable") is True else result


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of OpenAPI 3.0 that is `nullable`, as JSON Schema."""
    if any(key in schema for key in COMBINED) or not isinstance(schema.get("type"), str):
        return {"anyOf": [{**schema, "nullable": False}, {"type": "null"}]}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return {**schema, "type": [schema["type"], "null"]}


class Operation:
    """One route of the description."""

    def __init__(self, method: str, template: str) -> None:
        self._description = description()
        found = self._description.operation(method, template)
        if found is None:
            raise LookupError(f"GitHub's description has no {method} {template}")
        self._operation = found
        parameters = [self._description.look_up(node) for node in found.get("parameters", ())]
        self._parameters = {
            (node["in"], node["name"]): (self._description.schema(node["schema"]), node.get("required", False))
            for node in parameters
        }
        self._validators: dict[str, Draft202012Validator] = {}

    def refusals(self, path: Mapping[str, str], query: Mapping[str, str], body: Any) -> list[str]:
        """What GitHub would not understand in a request. Unknown names count too, because they can only be typos."""
        return [*self._parameter_faults("path", path), *self._parameter_faults("query", query), *self._body(body)]

    def deviations(self, status: int, body: Any) -> list[str]:
        """Where our reply differs from GitHub's description."""
        schema = self.reply_schema(status)
        if schema is None:
            return [f"the reply {status} has no body"] if body is not None else []
        return self._errors(f"reply {status}", schema, body)

    def reply_schema(self, status: int) -> dict[str, Any] | None:
        """The schema of a reply; None if it has no body. An error without a description is a basic error."""
        responses = self._operation["responses"]
        if str(status) not in responses and status < 400:
            raise LookupError(f"GitHub never answers {status} here")
        response = self._description.look_up(responses.get(str(status), {}))
        content = response.get("content", {})
        if status >= 400 and not content:
            return self._description.schema({"$ref": ERROR})
        media = content.get("application/json")
        return self._description.schema(media["schema"]) if media else None

    def _parameter_faults(self, place: str, values: Mapping[str, str]) -> list[str]:
        known = {name: spec for (where, name), spec in self._parameters.items() if where == place}
        faults = [f"{place} parameter {name} does not exist" for name in values if name not in known]
        faults += [
            f"{place} parameter {name} is missing"
            for name, (_, required) in known.items()
            if required and name not in values
        ]
        for name in values.keys() & known.keys():
            schema = known[name][0]
            faults += self._errors(f"{place} parameter {name}", schema, _typed(values[name], schema))
        return faults

    def _body(self, body: Any) -> list[str]:
        request = self._operation.get("requestBody")
        if request is None:
            return [] if body is None else ["a body, where GitHub expects none"]
        if body is None:
            return ["the body is missing"] if request.get("required") else []
        schema = self._description.schema(request["content"]["application/json"]["schema"])
        faults = self._errors("body", schema, body)
        if "properties" in schema and isinstance(body, dict):
            faults += [f"body property {name} does not exist" for name in body if name not in schema["properties"]]
        return faults

    def _errors(self, place: str, schema: dict[str, Any], value: Any) -> list[str]:
        validator = self._validators.get(place)
        if validator is None:
            validator = self._validators[place] = Draft202012Validator(schema, format_checker=_formats)
        error = best_match(validator.iter_errors(value))
        return [f"{place}: {error.json_path}: {error.message[:300]}"] if error else []


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """A parameter's text, converted to the type in its schema if possible."""
    kinds = schema.get("type", ())
    if "integer" in kinds and re.fullmatch(r"-?\d+", value):
        return int(value)
    if "boolean" in kinds and value in {"true", "false"}:
        return value == "true"
    return value


@cache
def description() -> Description:
    """The description in npm's @octokit/openapi."""
    return Description()
