"""From the values of a policy file, or of a manifest's `guardrails:`, to the policy."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wavegate.files.document import Document, PathSegment
from wavegate.files.schema import read_by_schema
from wavegate.findings.finding import Severity
from wavegate.release.policy.values import (
    Exemption,
    GuardrailPolicy,
    PlacedName,
    PropertyLine,
    RuleLevel,
    RuleSetting,
)

Values = Mapping[str, Any]

MANIFEST_KEY = "guardrails"
"""The manifest's key that holds a policy, or the path of one."""


def policy_of(document: Document) -> GuardrailPolicy | None:
    """The policy that a document holds; None after noting an error."""
    values = read_by_schema(document, "guardrails")
    return None if values is None else build_policy(values, document)


def manifest_policy(document: Document) -> GuardrailPolicy | None:
    """The policy within a manifest whose document has no error; None if it has none, or names a file."""
    value = document.root.value if document.root and not document.has_errors else None
    if not isinstance(value, dict) or MANIFEST_KEY not in value:
        return None
    given = (read_by_schema(document, "manifest") or {}).get(MANIFEST_KEY)
    return build_policy(given, document, MANIFEST_KEY) if isinstance(given, dict) else None


def build_policy(values: Values, document: Document, *within: PathSegment) -> GuardrailPolicy:
    """The policy of values that `guardrails.schema.json` has accepted. within: the keys that lead to them."""
    builder = _PolicyBuilder(document, within)
    allow = values.get("allow", {})
    return GuardrailPolicy(
        path=document.path,
        models=builder.names(allow["models"], "allow", "models") if "models" in allow else None,
        properties=tuple(builder.property(index, each) for index, each in enumerate(values.get("properties", ()))),
        levels=tuple(builder.level(rule, level) for rule, level in values.get("rules", {}).items()),
        exemptions=tuple(builder.exemption(index, each) for index, each in enumerate(values.get("exceptions", ()))),
        customer_facing=builder.names(values.get("customerFacing", ()), "customerFacing"),
    )


class _PolicyBuilder:
    """Builds the values together with their places in the document."""

    def __init__(self, document: Document, within: tuple[PathSegment, ...]) -> None:
        self.document = document
        self.within = within

    def names(self, names: list[str], *path: PathSegment) -> tuple[PlacedName, ...]:
        return tuple(
            PlacedName(name=name, location=self.document.locate(*self.within, *path, index))
            for index, name in enumerate(names)
        )

    def property(self, index: int, entry: str | Values) -> PropertyLine:
        details: Values = {"text": entry} if isinstance(entry, str) else entry
        place = ("properties", index) if isinstance(entry, str) else ("properties", index, "text")
        return PropertyLine(
            text=details["text"],
            agent=details.get("agent", ""),
            reason=details.get("reason", ""),
            severity=Severity(details.get("severity", Severity.ERROR)),
            location=self.document.locate(*self.within, *place),
        )

    def level(self, rule: str, level: str) -> RuleSetting:
        place = self.document.locate(*self.within, "rules", rule, key=True)
        return RuleSetting(rule=rule, level=RuleLevel(level), location=place)

    def exemption(self, index: int, entry: Values) -> Exemption:
        return Exemption(
            rule=entry["rule"],
            agent=entry.get("agent", ""),
            topic=entry.get("topic", ""),
            tool=entry.get("tool", ""),
            reason=entry["reason"],
            owner=entry["owner"],
            expires=date.fromisoformat(entry["expires"]),
            location=self.document.locate(*self.within, "exceptions", index),
        )
